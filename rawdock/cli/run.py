"""`rawdock run`: `docker run`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..standins import Step
from ..standins.container_body import container_body
from ..standins.runs import run_steps
from .console import Console
from .environment import environment_lines
from .run_options import add_run_options

if TYPE_CHECKING:
    from ..client import SyncVerbs
    from ..client.core import Core

HELP = "Run a command in a new container, as `docker run` does."
EXAMPLES = """examples:
  rawdock run --rm alpine echo hello
  rawdock run -it --rm alpine sh
  rawdock run -d -p 8080:80 --name web nginx
  echo hello | rawdock run -i --rm alpine wc -c

exit codes: 0 or else the command's own; 125 the daemon refused, 126 or 127 it could not start, 2 usage,
  6 no daemon there, 7 TLS failed, 8 no Docker daemon or it broke off"""
REFUSED, NOT_EXECUTABLE, NOT_FOUND = 125, 126, 127  # docker's own exit codes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_options(parser)
    parser.add_argument("image", metavar="IMAGE")
    words = parser.add_argument("words", metavar="COMMAND [ARG…]", nargs=argparse.REMAINDER)
    words.required = False  # or an error would name it beside a missing IMAGE


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    env = environment_lines(options.env_file, options.env, console.environ)
    options.security_opt = [_with_profile(word) for word in options.security_opt]
    body = container_body(options, options.image, options.words, env, _absolute)
    return run_steps(body, name=options.name, platform=options.platform, detach_keys=options.detach_keys)


def run(options: argparse.Namespace, console: Console) -> int:
    from ..errors import StatusError
    from ..net.blocking import run as drive
    from .standin import client_of

    planned = steps(options, console)  # what is wrong with the words is said before a container is made
    if not options.detach:
        _require_terminal(options, console)
    with _identifier_file(options.cidfile) as told, client_of(options, console) as client:
        try:
            container = _create(client, planned[0], options, console)
            told(container)
            return drive(_run(client._core, container, planned, options, console))
        except StatusError as error:
            console.talk(f"rawdock: {error}")
            return _exit_code(error.message)


def _require_terminal(options: argparse.Namespace, console: Console) -> None:
    """Raise UsageError for keys that are none, and for -it without a terminal."""
    from . import terminal

    terminal.key_bytes(options.detach_keys or terminal.DETACH_KEYS)
    if options.tty and options.interactive:
        terminal.require_terminal(console.stdin.fileno())


def _create(client: SyncVerbs, step: Step, options: argparse.Namespace, console: Console) -> str:
    from ..client.exec_stream import identifier
    from ..errors import NotFoundError
    from .standin import send

    if options.pull == "always":
        _pull(options, console)
    try:
        created = send(client, step).json()
    except NotFoundError as error:
        if options.pull != "missing" or "no such image" not in error.message.lower():
            raise
        console.talk(f"Unable to find image '{_with_tag(options.image)}' locally")
        _pull(options, console)
        created = send(client, step).json()
    for warning in created.get("Warnings") or []:
        console.talk(f"WARNING: {warning}")
    return identifier(created)


@contextmanager
def _identifier_file(path: str) -> Iterator[Callable[[str], None]]:
    """Give what writes the container's identifier to the new file `path`, "" for none. The file is made before the container,
    and is gone again where none was made. Raises UsageError."""
    from ..errors import UsageError

    if not path:
        yield lambda container: None
        return
    written = False
    try:
        file = open(path, "x", encoding="utf-8")  # noqa: SIM115 -- closed below, in every case
    except FileExistsError:
        raise UsageError(f"--cidfile {path!r} is there already", "remove it, or give another name") from None
    except OSError as error:
        raise UsageError(f"--cidfile {path!r} cannot be written: {error.strerror}", "give another name") from error

    def write(container: str) -> None:
        nonlocal written
        try:
            file.write(container)
            file.flush()
        except OSError as error:
            why = f"--cidfile {path!r} cannot be written: {error.strerror}"
            raise UsageError(why, f"the container was made: {container}") from error
        written = True

    try:
        yield write
    finally:
        if not written:
            os.unlink(path)
        file.close()


def _pull(options: argparse.Namespace, console: Console) -> None:
    from .pull_progress import show
    from .standin import whole_client_of

    platform = options.platform or None
    with whole_client_of(options, console) as client, client.pull(options.image, platform=platform) as documents:
        show(console, documents, "" if options.quiet else "err")


def _with_tag(image: str) -> str:
    from ..registry import Reference

    named = Reference.parse(image)
    return str(named) if named.tag or named.digest else f"{named}:{named.version}"


async def _run(core: Core, container: str, planned: list[Step], options: argparse.Namespace, console: Console) -> int:
    from . import terminal
    from .attached import Manner, begun

    if len(planned) == 2:
        started = await core.request("POST", f"/containers/{container}/start")
        console.print(container)  # where it did not start, too: it is there all the same
        started.raise_for_status()
        return 0
    detach = terminal.key_bytes(options.detach_keys or terminal.DETACH_KEYS)
    base = f"/containers/{container}"
    kill = f"{base}/kill" if options.sig_proxy else ""
    manner = Manner(options.tty, options.interactive, f"{base}/resize", kill, detach)
    return await begun(core, container, planned[1:], console, manner)


def _exit_code(message: str) -> int:
    """docker's own, by what the daemon says of a start that failed (docker/cli run.go, toStatusError)."""
    low = message.lower()
    if any(words in low for words in ("executable file not found", "no such file or directory", "system cannot find")):
        return NOT_FOUND
    return NOT_EXECUTABLE if "permission denied" in low or "is a directory" in low else REFUSED


def _with_profile(word: str) -> str:
    """A word of --security-opt, with the profile itself in place of the file that `seccomp=` names, which the daemon has not.
    Raises UsageError."""
    import json

    from ..errors import UsageError

    name, _, path = word.partition("=")
    if name != "seccomp" or path in ("", "unconfined", "builtin"):
        return word
    try:
        with open(path, encoding="utf-8") as file:
            return f"seccomp={json.dumps(json.load(file), separators=(',', ':'))}"
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no JSON"
        remedy = "give a file with a profile, or unconfined"
        raise UsageError(f"--security-opt: the profile {path!r} cannot be read: {why}", remedy) from error


def _absolute(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))
