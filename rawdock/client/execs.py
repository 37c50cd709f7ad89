"""Hijacked connections and what runs over them: attach, exec, run. Mixed into the clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, TypedDict

from ..errors import TimedOutError
from ..net.timeouts import checked
from .content import Content, refuse_async
from .core import Core, Options
from .exec_stream import ExecResult, ExecStream, SyncExecStream, exec_run, open_exec
from .hijack import Hijack, SyncHijack, closing, entered, open_attach, open_hijack
from .process_settings import Command, Environment, Folder, User
from .run import run_container

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["ExecCalls", "SyncExecCalls", "ExecResult", "Hijack", "SyncHijack", "ExecStream"]


class ExecOptions(TypedDict, total=False):
    """How to run. `input`: for its stdin, then its end: bytes, an iterable, a binary file, for the async client an async
    iterable too, in bounded memory; without it stdin is closed. `tty`: all output is stdout, and the end of input is ^D.
    `env`: added to the container's; None as a value takes a variable away. `user`: a name or number, "1000:1000"."""

    input: Content | None
    tty: bool
    env: Environment | None
    workdir: Folder | None
    user: User | None


class ExecCallOptions(ExecOptions, total=False):
    """`privileged`: with all capabilities."""

    privileged: bool


class RunOptions(ExecOptions, total=False):
    """`remove`: afterwards, by us. `auto_remove`: by the daemon, even when we are gone. `name`: else the daemon makes one.
    `config`: more of the body of /containers/create, HostConfig included."""

    remove: bool
    auto_remove: bool
    name: str | None
    config: Mapping[str, Any] | None


class AttachOptions(TypedDict, total=False):
    """`logs`: what was written before; `stream`: what comes. `tty`: whether the container has one, found out if not given."""

    stdin: bool
    stdout: bool
    stderr: bool
    logs: bool
    stream: bool
    tty: bool | None


async def _timed_exec(
    core: Core, container: str, cmd: Command, timeout: float | None, options: ExecCallOptions
) -> ExecResult:
    checked(timeout, "the time-out")
    try:
        with core._driver.fail_after(timeout):
            return await exec_run(core, container, cmd, **options)
    except TimeoutError as error:
        what = f"{core.endpoint}: the exec in {container} took over {timeout:g} s"
        raise TimedOutError(what, "its process may still run: the API has no way to end it", limit="total") from error


async def _timed_run(
    core: Core, image: str, cmd: Command | None, timeout: float | None, options: RunOptions
) -> ExecResult:
    checked(timeout, "the time-out")
    try:
        with core._driver.fail_after(timeout):
            return await run_container(core, image, cmd, **options)
    except TimeoutError as error:
        what = f"{core.endpoint}: the container of {image} took over {timeout:g} s, and was removed"
        raise TimedOutError(what, limit="total") from error


class ExecCalls:
    """For Client: awaited."""

    _core: Core

    @asynccontextmanager
    async def hijack(
        self, method: str, path: str, *, tty: bool | None = None, **options: Unpack[Options]
    ) -> AsyncIterator[Hijack]:
        """`async with client.hijack("POST", f"/exec/{id}/start", json={…}) as hijack`: a connection of its own, upgraded.
        `tty`: needed by `frames()` where the answer does not tell. Raises StatusError."""
        async with closing(await open_hijack(self._core, method, path, tty=tty, **options)) as hijack:
            yield hijack

    @asynccontextmanager
    async def attach(self, container: str, **options: Unpack[AttachOptions]) -> AsyncIterator[Hijack]:
        """`async with client.attach("web") as hijack`: what its process writes from now on; with `stdin=True`, what it
        reads too. An end tells nothing of how the process ended, or whether the daemon did: ask `wait`. Raises StatusError."""
        async with closing(await open_attach(self._core, container, **options)) as hijack:
            yield hijack

    def exec_stream(
        self, container: str, cmd: Command, **options: Unpack[ExecCallOptions]
    ) -> AbstractAsyncContextManager[ExecStream]:
        """`async with client.exec_stream("web", ["tail", "-f", "x"]) as stream: async for frame in stream`. Afterwards
        `stream.exit_code` is set. Raises ExecStartError at the end, StatusError."""
        return open_exec(self._core, container, cmd, **options)

    async def exec_run(
        self,
        container: str,
        cmd: Command,
        *,
        timeout: float | None = None,
        **options: Unpack[ExecCallOptions],
    ) -> ExecResult:
        """Run a process in a running container to its end. `cmd`: its words, or one text for `sh -c`. `timeout`: seconds;
        past them TimedOutError, and the process goes on. Raises ExecStartError, StatusError."""
        return await _timed_exec(self._core, container, cmd, timeout, options)

    async def run(
        self,
        image: str,
        cmd: Command | None = None,
        *,
        timeout: float | None = None,
        **options: Unpack[RunOptions],
    ) -> ExecResult:
        """Run a command in a container of its own, to its end. After an error, a time-out or a cancellation the container
        does not stay behind, even with `remove=False`. No image is pulled. Raises StatusError."""
        return await _timed_run(self._core, image, cmd, timeout, options)


class SyncExecCalls:
    """For SyncClient: driven to their end. See ExecCalls."""

    _core: Core

    @contextmanager
    def hijack(
        self, method: str, path: str, *, tty: bool | None = None, **options: Unpack[Options]
    ) -> Iterator[SyncHijack]:
        from ..net.blocking import run

        with entered(closing(run(open_hijack(self._core, method, path, tty=tty, **options)))) as hijack:
            yield SyncHijack(hijack)

    @contextmanager
    def attach(self, container: str, **options: Unpack[AttachOptions]) -> Iterator[SyncHijack]:
        from ..net.blocking import run

        with entered(closing(run(open_attach(self._core, container, **options)))) as hijack:
            yield SyncHijack(hijack)

    @contextmanager
    def exec_stream(self, container: str, cmd: Command, **options: Unpack[ExecCallOptions]) -> Iterator[SyncExecStream]:
        refuse_async(options.get("input"))
        with entered(open_exec(self._core, container, cmd, **options)) as stream:
            yield SyncExecStream(stream)

    def exec_run(
        self,
        container: str,
        cmd: Command,
        *,
        timeout: float | None = None,
        **options: Unpack[ExecCallOptions],
    ) -> ExecResult:
        from ..net.blocking import run

        refuse_async(options.get("input"))
        return run(_timed_exec(self._core, container, cmd, timeout, options))

    def run(
        self,
        image: str,
        cmd: Command | None = None,
        *,
        timeout: float | None = None,
        **options: Unpack[RunOptions],
    ) -> ExecResult:
        from ..net.blocking import run

        refuse_async(options.get("input"))
        return run(_timed_run(self._core, image, cmd, timeout, options))
