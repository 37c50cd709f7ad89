"""`rawdock machine`: docker-machine's machines, read from their store on disk."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable

from ..discovery.machine_store import MachineStore
from ..endpoint import Endpoint
from ..errors import EndpointError, UsageError
from .console import Console
from .endpoint_options import refuse_daemon, seconds
from .exit_codes import ExitCode
from .parser import CURL_HELP, NoCalls, Parser, refuse_endpoint_options

WITHOUT_DAEMON = "and `rawdock machine` takes machines' names"
HELP = """List docker-machine's machines, and print the address or the environment of one. All is read from the store on disk:
docker-machine is not needed, and only `ls` connects to anything. An address that the driver may have changed since is
said to be so; --live asks docker-machine itself."""
EXAMPLES = """examples:
  rawdock machine ls
  rawdock machine ls --offline --json
  eval "$(rawdock machine env dev)"
  eval "$(rawdock machine env -u)"
  rawdock machine ip dev
  rawdock machine url dev --live
  rawdock machine inspect dev --select Driver.IPAddress

exit codes: 0 done, 2 usage, no such machine or no address, 6 --live took too long"""
WITHOUT_CALLS = "of these only `rawdock machine ls --curl` asks daemons"
ANOTHER_STORE = "the folder that holds machines/ (default: MACHINE_STORAGE_PATH, else ~/.docker/machine)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-s", "--storage-path", metavar="FOLDER", help=ANOTHER_STORE)
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)

    exit_codes = EXAMPLES.rpartition("\n\n")[2]

    def add(name: str, run: Callable[[argparse.Namespace, Console], int], summary: str) -> argparse.ArgumentParser:
        shown = [line for line in EXAMPLES.split("\n") if f"machine {name}" in line]
        command = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog="\n".join(["examples:", *shown, "", exit_codes]),
            formatter_class=parser.formatter_class,
            allow_abbrev=False,
        )
        refuse_endpoint_options(command, WITHOUT_DAEMON)
        command.set_defaults(answer=run)
        if run is not _list:
            command.add_argument("--curl", action=NoCalls, nargs=0, const=WITHOUT_CALLS, help=argparse.SUPPRESS)
        command.add_argument("-s", "--storage-path", metavar="FOLDER", default=argparse.SUPPRESS, help=ANOTHER_STORE)
        return command

    listing = add("ls", _list, "list the machines, and whether a daemon answers")
    listing.add_argument("-q", "--quiet", action="store_true", help="names only; opens no connection")
    listing.add_argument("--offline", action="store_true", help="open no connection")
    listing.add_argument(
        "-t", "--timeout", type=seconds, default=3.0, metavar="SECONDS", help="for all of them (default: 3)"
    )
    listing.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    listing.add_argument("--curl", action="store_true", help=CURL_HELP)

    env = add("env", _env, "print the lines that point Docker clients to a machine, for a shell to evaluate")
    env.add_argument("--shell", metavar="NAME", help="bash, fish, tcsh, cmd, powershell or emacs (default: from SHELL)")
    env.add_argument("-u", "--unset", action="store_true", help="print the lines that unset the variables")
    env.add_argument("--no-proxy", action="store_true", help="add the address to NO_PROXY")
    env.add_argument("--swarm", action="store_true", help="the (classic) swarm whose master the machine is")
    env.add_argument("name", nargs="?", metavar="NAME", help="(default: default)")
    _add_live(env)

    for name, run, summary in (
        ("ip", _ip, "print the machine's IP address or host name"),
        ("url", _url, "print the machine's URL, as DOCKER_HOST would have it"),
    ):
        command = add(name, run, summary)
        command.add_argument("names", nargs="*", metavar="NAME", help="(default: default)")
        _add_live(command)

    inspect = add("inspect", _inspect, "print a machine's config.json, secrets left out")
    inspect.add_argument("name", nargs="?", default="default", metavar="NAME", help="(default: default)")
    inspect.add_argument("--select", metavar="PATH", help="print this part only, such as Driver.IPAddress")


def _add_live(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--live", action="store_true", help="ask docker-machine for the address, 30 s at most")


def run(options: argparse.Namespace, console: Console) -> int:
    refuse_daemon(options, WITHOUT_DAEMON)
    answer: Callable[[argparse.Namespace, Console], int] = options.answer
    return answer(options, console)


def _store(options: argparse.Namespace, console: Console) -> MachineStore:
    if options.storage_path is not None:
        return MachineStore(os.path.abspath(options.storage_path), "--storage-path")
    return MachineStore.of(console.environ)


def _endpoint(options: argparse.Namespace, console: Console, name: str) -> Endpoint:
    """The endpoint of machine `name`; its doubts go to stderr."""
    store = _store(options, console)
    if options.live:
        from ..discovery.machine_live import live_endpoint

        endpoint = live_endpoint(store, console.environ, name)
    else:
        endpoint = store.endpoint(name)
    for note in endpoint.notes:
        console.talk(f"rawdock: note: {note}")
    return endpoint


def _list(options: argparse.Namespace, console: Console) -> int:
    if options.curl:
        from .curl_option import print_lines
        from .machine_table import curl_script

        return print_lines(curl_script(_store(options, console)), console)
    from .machine_table import print_machines

    return print_machines(_store(options, console), options, console)


def _env(options: argparse.Namespace, console: Console) -> int:
    from ..discovery.machine_list import VARIABLES, machine_variables, no_proxy, swarm_endpoint
    from ..discovery.shells import NAMES, POSIX, known_shells, shell_name

    named = options.shell or shell_name(console.environ)
    shell = NAMES.get(named, POSIX)
    if named not in NAMES:
        console.talk(
            f"rawdock: note: shell {named!r} is not known, so these lines are bash's; --shell {known_shells()}"
        )
    if options.unset:
        if options.name is not None:
            raise UsageError("--unset takes no machine's name", "leave the name out")
        unset = [*VARIABLES, *([no_proxy(console.environ, "")[0]] if options.no_proxy else [])]
        variables: dict[str, str | None] = dict.fromkeys(unset)
    else:
        name = options.name or "default"
        endpoint = _endpoint(options, console, name)
        if options.swarm:
            endpoint = swarm_endpoint(_store(options, console), name, endpoint)
        variables = machine_variables(name, endpoint)
        if endpoint.tls is not None:
            _note_missing(endpoint, console)
        if options.no_proxy and endpoint.port is not None:
            variables.update([no_proxy(console.environ, endpoint.address)])
    lines = [
        shell.unset_line(name) if value is None else shell.set_line(name, value) for name, value in variables.items()
    ]
    console.write("\n".join([*lines, *shell.hint_lines(_command(options)), ""]).encode("utf-8", "surrogateescape"))
    return ExitCode.OK


def _note_missing(endpoint: Endpoint, console: Console) -> None:
    assert endpoint.tls is not None
    if endpoint.tls.ca is not None and not os.path.exists(endpoint.tls.ca):
        console.talk(f"rawdock: note: {endpoint.tls.ca} is missing, so no client can verify this daemon")


def _command(options: argparse.Namespace) -> str:
    """What gives these lines again. Only words that need no quotes in any shell: a storage path stays out."""
    words = ["rawdock machine env"]
    words += ["--no-proxy"] * options.no_proxy + ["--swarm"] * options.swarm + ["--live"] * options.live
    if options.shell and options.shell.isalnum():
        words += ["--shell", options.shell]
    return " ".join([*words, "-u" if options.unset else options.name or "default"])


def _ip(options: argparse.Namespace, console: Console) -> int:
    from ..discovery.machine_list import address_of

    return _print_each(options, console, address_of)


def _url(options: argparse.Namespace, console: Console) -> int:
    return _print_each(options, console, lambda _, endpoint: endpoint.url)


def _print_each(options: argparse.Namespace, console: Console, say: Callable[[str, Endpoint], str]) -> int:
    """All or none: a script that reads the lines by number must not take one machine's for another's."""
    names = options.names or ["default"]
    lines = [say(name, _endpoint(options, console, name)) for name in names]
    for line in lines:
        console.print(line)
    return ExitCode.OK


def _inspect(options: argparse.Namespace, console: Console) -> int:
    from ..discovery.machine_secrets import without_secrets

    part = without_secrets(_store(options, console).config(options.name))
    for key in options.select.split(".") if options.select else ():
        if not isinstance(part, dict) or key not in part:
            known = f"there is {', '.join(part)}" if isinstance(part, dict) else "its parent is no object"
            raise EndpointError(f"{options.select!r} from --select: machine {options.name!r} has no {key!r}", known)
        part = part[key]
    console.print(part if isinstance(part, str) else json.dumps(part, indent=4, ensure_ascii=False))
    return ExitCode.OK
