"""Run: a container made for one command, its output and exit code, in the order that loses nothing.

Create, attach, ask to wait, start: attached before the start no output is missed, and the daemon has the wait before the
container can be gone ("next-exit", or "removed" where it removes the container itself). Source: docker/cli, container run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..errors import PeerError, ProtocolError, RawdockError, RequestError
from ..net.faults import timeout_fault
from ..request import container_path
from .content import Content, body_of
from .core import Core
from .exec_stream import ExecResult, Output, identifier
from .hijack import Hijack, open_attach
from .process_settings import Command, Environment, Folder, User, command, environment, place

# Seconds; creating is not cancelled half way, or the container would stay behind, its name unknown.
CREATE_TIMEOUT = 60.0
CLEANUP_TIMEOUT = 30.0  # seconds


async def run_container(
    core: Core,
    image: str,
    cmd: Command | None = None,
    *,
    input: Content | None = None,
    tty: bool = False,
    env: Environment | None = None,
    workdir: Folder | None = None,
    user: User | None = None,
    remove: bool = True,
    auto_remove: bool = False,
    name: str | None = None,
    config: Mapping[str, Any] | None = None,
) -> ExecResult:
    """See ExecCalls.run."""
    if input is not None:
        body_of(input)  # what cannot be sent is said before anything runs
    if not isinstance(image, str) or not image:
        raise RequestError(f"the image is {image!r}", "give its name or ID")
    if not isinstance(config, Mapping | None):
        raise RequestError(f"config is of type {type(config).__name__}", "give a dict, as /containers/create takes it")
    given = dict(config or {})
    host = {**(given.pop("HostConfig", None) or {}), **({"AutoRemove": True} if auto_remove else {})}
    with_input = input is not None
    settings = {
        **given,
        **{"Image": image, "Tty": tty, "HostConfig": host, "AttachStdout": True, "AttachStderr": True},
        **{"AttachStdin": with_input, "OpenStdin": with_input, "StdinOnce": with_input},
        **({"Cmd": command(cmd)} if cmd is not None else {}),
        **({"Env": environment(env, given.get("Env") or ())} if env else {}),
        **place(workdir, user),
    }
    auto_remove = bool(host.get("AutoRemove"))
    container = await _create(core, settings, name)
    try:
        result = await _run(core, container, input, tty, "removed" if auto_remove else "next-exit")
        if remove and not auto_remove:
            await _remove(core, container)
        return result
    except BaseException:
        with core._driver.shielded(CLEANUP_TIMEOUT):
            try:
                await _remove(core, container)
            except RawdockError:
                pass  # the error that is under way says more
        raise


async def _create(core: Core, settings: Mapping[str, Any], name: str | None) -> str:
    await core.negotiate()  # outside of the shield: this may be given up
    params = {"name": name} if name else {}
    with core._driver.shielded(CREATE_TIMEOUT):
        created = await core.request("POST", "/containers/create", json=settings, params=params)
        return identifier(created.raise_for_status().json())
    raise timeout_fault(core.endpoint, "creating the container", CREATE_TIMEOUT)


async def _run(core: Core, container: str, input: Content | None, tty: bool, condition: str) -> ExecResult:
    hijack = await open_attach(core, container, stdin=input is not None, tty=tty)
    try:
        wait = await core.open("POST", f"/containers/{container}/wait", params={"condition": condition})
        try:
            await wait.raise_for_status()
            wait.unread(
                wait._connection.detach()[1]
            )  # it takes no place in the pool: one connection is enough for `start`
            (await core.request("POST", f"/containers/{container}/start")).raise_for_status()
            output = await _converse(core, hijack, input)
            return output.result(exit_code(core, await wait.read()))
        finally:
            await wait._connection.aclose()
    finally:
        await hijack.aclose()


async def _converse(core: Core, hijack: Hijack, input: Content | None) -> Output:
    output = Output()
    if input is None:
        await _collect(hijack, output)
    else:
        async with hijack.feeding(input):
            await _collect(hijack, output)
    return output


async def _collect(hijack: Hijack, output: Output) -> None:
    while frames := await hijack.next_frames():
        output.take(frames)


def exit_code(core: Core, content: bytes) -> int:
    """The exit code in the answer to wait. Raises PeerError for what the daemon has to report instead."""
    try:
        found = json.loads(content)
        code = found["StatusCode"]
        words = (found.get("Error") or {}).get("Message")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProtocolError(f"{core.endpoint}: the answer to wait is no exit code: {content[:100]!r}") from error
    if words:
        raise PeerError(f"{core.endpoint}: waiting for the container failed: {words}")
    if not isinstance(code, int):
        raise ProtocolError(f"{core.endpoint}: the answer to wait is no exit code: {content[:100]!r}")
    return code


async def _remove(core: Core, container: str) -> None:
    """Remove it with its volumes, running or not. That it is gone already, or going, is no error."""
    removed = await core.request("DELETE", container_path(container), params={"force": True, "v": True})
    if removed.status_code not in (404, 409):
        removed.raise_for_status()
