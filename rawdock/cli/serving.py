"""What tap and replay share: a program that is run with DOCKER_HOST set to a socket of ours, or a socket that serves."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Sequence

from .console import Console
from .exit_codes import ExitCode

SETTINGS = ("DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "CONTAINER_CONNECTION")
STOP = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def add_listen(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--listen", metavar="unix:///PATH", help="listen there until Ctrl-C, instead of running a program"
    )


def program_or_socket(options: argparse.Namespace, command: str) -> tuple[list[str], str | None]:
    """The program's words, or the path of --listen. `command`: what is called, for the remedy. Raises UsageError unless it is
    one of the two."""
    from ..endpoint import Endpoint, Scheme
    from ..errors import UsageError

    words: list[str] = options.words[1:] if options.words[:1] == ["--"] else options.words
    if bool(words) == (options.listen is not None):
        given = "a program and --listen are both given" if words else "no program to run"
        raise UsageError(given, f"write `{command} -- docker ps`, or `{command} --listen unix:///PATH`")
    if options.listen is None:
        return words, None
    found = Endpoint.parse(options.listen, "--listen")
    if found.scheme is not Scheme.UNIX or not found.address.startswith("/"):
        raise UsageError(
            f"--listen {options.listen!r} is no Unix socket", "write unix:///PATH; whoever reaches it has the daemon"
        )
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)  # before the first thread, which takes the mask over
    return [], found.address


def serve(words: Sequence[str], url: str, leads_to: str, console: Console) -> int:
    """Run the program, and return its exit code as a shell would; without one, serve until a signal."""
    if not words:
        console.talk(f"rawdock: DOCKER_HOST={url} leads to {leads_to}")
        signal.sigwait(STOP)
        return ExitCode.OK
    import subprocess

    environ = {name: value for name, value in console.environ.items() if name not in SETTINGS}
    environ |= {"DOCKER_HOST": url, "CONTAINER_HOST": url}  # the second is podman-remote's
    try:
        program = subprocess.Popen(words, env=environ)
    except OSError as error:
        console.talk(f"rawdock: {words[0]!r} cannot be run: {error.strerror}")
        return 127 if isinstance(error, FileNotFoundError) else 126
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # the terminal gives Ctrl-C to the program too, which decides what it means
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: program.send_signal(number))
    code = program.wait()
    return code if code >= 0 else 128 - code
