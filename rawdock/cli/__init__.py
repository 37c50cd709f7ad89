"""The command line: a module a command, each with HELP, add_arguments(parser) and run(options, console).

Only the module of the command that is asked for is imported, and what a command needs is imported inside its run: a command
that makes one request over a Unix socket imports neither asyncio, anyio, httpx nor ssl.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import RawdockError
from .console import Console
from .exit_codes import ExitCode, exit_code

if TYPE_CHECKING:
    from argparse import Namespace

COMMANDS = {
    "get": "send a GET request and print what the daemon answers, as it came",
    "post": "send a POST request, with a JSON body or a file; attach and exec start pass on stdin",
    "put": "send a PUT request, such as files into a container",
    "delete": "send a DELETE request",
    "head": "send a HEAD request and print the headers",
    "ops": "list the operations of the API, and what changed between two versions; needs no daemon",
    "op": "show one operation: parameters, models, versions, examples; needs no daemon",
    "call": "call an operation by its name, checked before it is sent",
    "run": "run a command in a new container",
    "ps": "list containers",
    "exec": "run a command in a running container",
    "curl": "run a curl command line for a daemon as it stands, or tell it in Python",
    "start": "start containers",
    "stop": "stop containers",
    "restart": "stop containers and start them again",
    "kill": "send a signal to containers",
    "rm": "remove containers",
    "wait": "wait until containers have ended, and print their exit codes",
    "logs": "print what a container wrote",
    "top": "list the processes of a container",
    "stats": "show what containers use of CPU, memory, network and disks",
    "inspect": "print all that the daemon knows of containers, images, networks and volumes",
    "events": "print what happens on the daemon",
    "version": "print the versions of both ends",
    "info": "print what the daemon says of itself and its machine",
    "network": "list, make, connect and remove networks",
    "volume": "list, make and remove volumes",
    "cp": "copy files and folders out of a container or into one",
    "images": "list images",
    "build": "build an image from a Dockerfile",
    "pull": "download an image from a registry",
    "push": "upload an image to a registry",
    "save": "write images to a tar archive",
    "load": "load images from a tar archive",
    "tag": "give an image another name",
    "rmi": "remove images",
    "explain": "say which API calls a docker command makes, without making them",
    "doctor": "test the way to the daemon layer by layer and say what is broken",
    "machine": "list docker-machine's machines, and print the address or the environment of one",
    "endpoints": "list every daemon that could be meant, which one is and why, and which answer",
    "help": "print the help of a command, or the manual page",
    "completion": "print the script that completes rawdock's words in a shell",
    "parity": "make the same calls by rawdock, httpx, requests, curl and the docker CLI, and compare",
    "tap": "stand between a program and the daemon, and show what they say",
    "replay": "be the daemon of a recorded session, for tests without Docker",
    "probe": "find out who can reach whom around the daemon, and why not",
}
EXAMPLES = """examples:
  rawdock get /containers/json
  rawdock doctor
  rawdock probe --machine dev
  docker-machine env dev | rawdock --machine-env - doctor"""


VERBS = ("get", "post", "put", "delete", "head")
MODULES = dict.fromkeys(VERBS, "verbs")  # of commands that share one; the others are called like their module


def main(arguments: Sequence[str], console: Console | None = None) -> int:
    """Run a command and return its exit code. Errors become one sentence on stderr, never a traceback."""
    console = console or Console.real()
    try:
        options = _plain(arguments) or _parsed(arguments, console)
        run: Callable[[Namespace, Console], int] = options.run
        return run(options, console)
    except SystemExit as stop:  # --help and --version, or a signal that ends the command
        return int(stop.code or 0)
    except RawdockError as error:
        with suppress(BrokenPipeError):
            console.talk(f"rawdock: {error}")
        return exit_code(error)
    except FileNotFoundError:
        if not _folder_is_gone():
            raise
        console.talk("rawdock: the working folder is gone; cd to one that is there")
        return ExitCode.USAGE
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return ExitCode.OK  # the reader has gone, which is its right


def _folder_is_gone() -> bool:
    """Whether what a relative path stands for cannot be known."""
    import os

    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def _plain(arguments: Sequence[str]) -> Namespace | None:
    """The options of a raw verb, if the words are plain."""
    if not any(verb in arguments for verb in VERBS):
        return None
    from . import endpoint_options, verbs
    from .plain_words import plain_options

    options: Namespace | None = plain_options(arguments, VERBS, verbs.OPTIONS, endpoint_options.OPTIONS)
    if options:
        options.run = verbs.run
    return options


def _parsed(arguments: Sequence[str], console: Console) -> Namespace:
    """The options of any command. Raises UsageError, or SystemExit after --help and --version."""
    from .parser import parser_of

    return parser_of(console.width, arguments).parse_args(arguments)
