"""Commands that do the same to several objects: each is tried, its name or what it gave printed, what is wrong with it said."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NoReturn, TypeVar

from ..errors import RawdockError, UsageError
from ..standins import Step
from .console import Console
from .exit_codes import ExitCode

if TYPE_CHECKING:
    from ..client import Response, SyncVerbs

AT_ONCE = 50  # requests, as docker/cli's parallelOperation has it
EXIT_CODES = """exit codes: 0 all done, 1 the daemon refused one at least, 2 usage, 6 no daemon there, 7 TLS failed,
  8 no Docker daemon"""
T = TypeVar("T")
R = TypeVar("R")


def add_names(parser: argparse.ArgumentParser, metavar: str = "CONTAINER") -> None:
    parser.add_argument("names", metavar=metavar, nargs="+", type=_name)


def _name(text: str) -> str:
    if not text.strip("/"):
        raise argparse.ArgumentTypeError(f"{text!r} is no name")
    return text


def do_each(
    options: argparse.Namespace,
    console: Console,
    steps: Sequence[Step],
    *,
    at_once: int = 1,
    said: Callable[[str, SyncVerbs, Response], str] = lambda name, client, answer: name,
    forgive: Callable[[RawdockError], bool] = lambda error: False,
    ready: Callable[[SyncVerbs], None] = lambda client: None,
) -> int:
    """Send the step of each of `options.names`, `at_once` at a time, and print what `said` makes of the answer, in the order
    of the names. What the daemon refuses goes to stderr, and the exit code is then 1, unless `forgive` says that it is no
    matter. `ready` may look at the daemon first. Raises RawdockError when the daemon cannot be reached."""
    from ..errors import NotDockerError, PeerError, ProtocolError
    from .standin import client_of, send

    with client_of(options, console) as client:
        ready(client)

        def ask(work: tuple[str, Step]) -> str | PeerError:
            try:
                return said(work[0], client, send(client, work[1]))
            except (NotDockerError, ProtocolError):
                raise
            except PeerError as error:
                return error

        code = ExitCode.OK
        for result in in_order(ask, list(zip(options.names, steps, strict=True)), at_once):
            if isinstance(result, str):
                console.print(result)
            elif not forgive(result):
                console.talk(f"rawdock: {result}")
                code = ExitCode.REFUSED
        return code


def in_order(ask: Callable[[T], R], items: Sequence[T], at_once: int) -> Iterator[R]:
    """ask(item) of each item, `at_once` of them at a time, given in their order as they come. What `ask` raises is raised
    here. The threads are daemons: Ctrl-C does not wait for them."""
    if at_once == 1 or len(items) == 1:
        yield from map(ask, items)
        return
    import queue
    import threading

    results: list[queue.SimpleQueue[Callable[[], R]]] = [queue.SimpleQueue() for _ in items]
    waiting = iter(enumerate(items))
    turn = threading.Lock()

    def work() -> None:
        while True:
            with turn:
                place, item = next(waiting, (-1, None))
            if item is None:
                return
            results[place].put(_outcome(ask, item))

    for _ in range(min(at_once, len(items))):
        threading.Thread(target=work, daemon=True).start()
    for result in results:
        yield result.get()()


def _outcome(ask: Callable[[T], R], item: T) -> Callable[[], R]:
    """What returns the answer, or raises what asking raised."""
    try:
        answer = ask(item)
    except BaseException as error:
        return partial(_raise, error)
    return lambda: answer


def _raise(error: BaseException) -> NoReturn:
    raise error


def require_signal(client: SyncVerbs, signal: str) -> None:
    """Raise UsageError where the daemon would not heed the signal: before API 1.42 it sends the container's own."""
    spoken = client.negotiate()
    if signal and spoken and tuple(map(int, spoken.split("."))) < (1, 42):
        raise UsageError(
            f"--signal {signal!r}: came with API 1.42, and API {spoken} is spoken",
            "leave it out, or use `rawdock kill -s`",
        )
