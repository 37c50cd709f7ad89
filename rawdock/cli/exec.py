"""`rawdock exec`: `docker exec`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..standins import Step
from ..standins.execs import exec_steps
from .console import Console

if TYPE_CHECKING:
    from ..client.core import Core

HELP = "Run a command in a running container, as `docker exec` does."
EXAMPLES = """examples:
  rawdock exec web ls -l /
  rawdock exec -it web sh
  echo hello | rawdock exec -i web wc -c
  rawdock exec -e A=1 -w /tmp -u nobody web env

exit codes: 0 or else the command's own; 126 or 127 it could not start, 2 usage, 4 or 5 the daemon refused, 6 no daemon there,
  7 TLS failed, 8 no Docker daemon or it broke off"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-i", "--interactive", action="store_true", help="give it our standard input")
    parser.add_argument("-t", "--tty", action="store_true", help="give it a terminal, and make ours its own meanwhile")
    parser.add_argument("-d", "--detach", action="store_true", help="do not wait for it")
    parser.add_argument("-e", "--env", metavar="NAME=VALUE", action="append", default=[], help="repeatable")
    parser.add_argument(
        "--env-file", metavar="FILE", action="append", default=[], help="lines of NAME=VALUE; repeatable"
    )
    parser.add_argument("-u", "--user", metavar="USER[:GROUP]", default="", help="by name or number")
    parser.add_argument("-w", "--workdir", metavar="FOLDER", default="")
    parser.add_argument("--privileged", action="store_true", help="with all capabilities")
    parser.add_argument("--detach-keys", metavar="KEYS", default="", help="such as ctrl-a,x (default: ctrl-p,ctrl-q)")
    parser.add_argument("container", metavar="CONTAINER")
    parser.add_argument("words", metavar="COMMAND [ARG…]", nargs=argparse.REMAINDER)


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    from .environment import environment_lines

    return exec_steps(
        options.container,
        options.words,
        stdin=options.interactive,
        tty=options.tty,
        detach=options.detach,
        env=environment_lines(options.env_file, options.env, console.environ),
        user=options.user,
        workdir=options.workdir,
        privileged=options.privileged,
        detach_keys=options.detach_keys,
    )


def run(options: argparse.Namespace, console: Console) -> int:
    from ..errors import UsageError
    from ..net.blocking import run as drive
    from .standin import whole_client_of

    if not options.words:
        raise UsageError(f"no command for {options.container}", f"give one: rawdock exec {options.container} ls")
    with whole_client_of(options, console) as client:
        return drive(_exec(client._core, options, console))


async def _exec(core: Core, options: argparse.Namespace, console: Console) -> int:
    from ..client.exec_stream import ExecStream, identifier
    from ..client.hijack import open_hijack
    from ..errors import ExecStartError
    from . import terminal
    from .attached import Manner, converse, prepared

    descriptor = console.stdin.fileno()
    if options.tty and options.interactive and not options.detach:
        terminal.require_terminal(descriptor)
    detach = terminal.key_bytes(options.detach_keys or terminal.DETACH_KEYS)
    create, start = (step.request for step in steps(options, console))
    created = await core.request(create.method, create.path, content=create.body, headers=dict(create.headers))
    name = identifier(created.raise_for_status().json())
    path = start.path.format(exec=name)
    if options.detach:
        answer = await core.request(start.method, path, content=start.body, headers=dict(start.headers))
        answer.raise_for_status()
        return 0
    hijack = await open_hijack(
        core, start.method, path, tty=options.tty, content=start.body, headers=dict(start.headers)
    )
    try:
        asked = f"exec of {options.words[0]!r} in {options.container}"
        stream = ExecStream(core, hijack, name, asked, "libpod-api-version" in created.headers)
        manner = Manner(options.tty, options.interactive, f"/exec/{name}/resize", detach=detach)
        with prepared(manner, descriptor):
            await converse(core, hijack, stream, console, manner, descriptor)
    except terminal.Detached:
        return 0
    except ExecStartError as error:  # its words have been written, as if they were output
        console.talk(f"rawdock: {asked} did not start, exit code {error.exit_code}")
        return error.exit_code or 126
    finally:
        await hijack.aclose()
    assert stream.exit_code is not None
    return stream.exit_code
