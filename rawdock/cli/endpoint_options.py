"""The options that name a daemon, the same for every command, before or after its name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import EndpointError, UsageError
from .console import Console

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..discovery import Search
    from ..endpoint import Endpoint
    from .plain_words import Options

NAMING = ("host", "context", "machine", "machine_env")  # the options that each name a daemon
OPTIONS: Options = (
    (("-H", "--host"), {"metavar": "URL", "help": "unix:///path, tcp://host:port or ssh://user@host"}),
    (("--context",), {"metavar": "NAME", "help": "a docker context, read from its files on disk"}),
    (("--machine",), {"metavar": "NAME", "help": "a docker-machine, read from its store on disk"}),
    (("--ssh",), {"action": "store_true", "help": "with --machine: by ssh with its own key, without TLS"}),
    (
        ("--live",),
        {
            "action": "store_true",
            "help": "with --machine: ask docker-machine for the address that it has now, 30 s at most",
        },
    ),
    (
        ("--machine-env",),
        {"metavar": "FILE", "help": "text that `docker-machine env` printed; - is standard input"},
    ),
)


def add_endpoint_options(parser: ArgumentParser) -> None:
    from argparse import SUPPRESS  # given before the command's name, an option must survive the command's own defaults

    group = parser.add_argument_group(
        "the daemon (without these: DOCKER_HOST, DOCKER_CONTEXT, the current context, the default socket)"
    )
    for names, settings in OPTIONS:
        group.add_argument(*names, default=SUPPRESS, **settings)


def refuse_daemon(options: Namespace, why: str) -> None:
    """Raises UsageError when an option names a daemon, for a command that takes none. `why` goes on after its name."""
    for given in NAMING:
        if hasattr(options, given):
            raise UsageError(f"--{given.replace('_', '-')} names a daemon, {why}", "leave it out")


def find_endpoint(options: Namespace, console: Console) -> Endpoint:
    """Return the endpoint that options and environment name, having said it when its certificate is not verified. Raises
    EndpointError."""
    if getattr(options, "ssh", False):
        return _machine_by_ssh(options, console)
    endpoint = find_search(options, console).endpoint()
    if endpoint.tls is not None and not endpoint.tls.verify:
        console.talk(f"rawdock: {endpoint}: {'; '.join(endpoint.notes)}")
    return endpoint


def find_search(options: Namespace, console: Console) -> Search:
    """Where the daemon is looked for."""
    from ..discovery import Search

    source = getattr(options, "machine_env", None)
    return Search(
        console.environ,
        host=getattr(options, "host", None),
        context=getattr(options, "context", None),
        machine=getattr(options, "machine", None),
        live=getattr(options, "live", False),
        machine_env=None if source is None else (_read(source, console), "standard input" if source == "-" else source),
    )


def _machine_by_ssh(options: Namespace, console: Console) -> Endpoint:
    from ..discovery.machine_ssh import machine_ssh_endpoint
    from ..discovery.machine_store import MachineStore

    others = [
        f"--{name.replace('_', '-')}" for name in ("host", "context", "machine_env") if getattr(options, name, None)
    ]
    name = getattr(options, "machine", None)
    if others or name is None:
        given = f"--ssh and {others[0]}" if others else "--ssh alone"
        raise EndpointError(f"{given} name no machine", "write --machine NAME --ssh, or -H ssh://USER@HOST")
    return machine_ssh_endpoint(MachineStore.of(console.environ), name)


def find_api_version(options: Namespace, console: Console) -> str | None:
    """The API version that --api-version or DOCKER_API_VERSION fixes, None to negotiate. Raises RequestError."""
    from ..client.version import environment_version, parse_api_version

    if getattr(options, "api_version", None) is None:
        return environment_version(console.environ)
    parse_api_version(options.api_version, "--api-version")
    return str(options.api_version)


def seconds(text: str) -> float:
    """For argparse: a time-out above zero."""
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"{text!r}, expected a number of seconds above 0")
    return value


def _read(source: str, console: Console) -> str:
    if source == "-":
        return _text(console.stdin.read())
    try:
        with open(source, "rb") as file:
            return _text(file.read())
    except OSError as error:
        raise EndpointError(
            f"{source!r} from --machine-env cannot be read: {error.strerror}",
            "give a file with what `docker-machine env` printed, or - for standard input",
        ) from error


def _text(data: bytes) -> str:
    import codecs

    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # as PowerShell 5 writes what > catches
        return data.decode("utf-16", "replace")
    return os.fsdecode(data)
