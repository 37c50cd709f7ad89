"""`rawdock explain docker …`: the API calls that a docker command makes, without making them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from ..catalogue.operations import operation_of
from ..errors import UsageError
from ..standins import Request, Step
from ..standins.besides import besides
from .console import Console, printable

if TYPE_CHECKING:
    from .parser import Plan

WITHOUT_DAEMON = "and `rawdock explain` asks none"
CREDENTIALS = {
    "X-Registry-Auth": "the credentials for that registry, which config.json leads to; {} if there are none",
    "X-Registry-Config": "all credentials that config.json leads to, for the base images",
}
FORMS = ("curl", "rawdock", "python")
_GLOBAL_VALUES = {
    "-H",
    "--host",
    "-c",
    "--context",
    "--config",
    "-l",
    "--log-level",
    "--tlscacert",
    "--tlscert",
    "--tlskey",
}
_GLOBAL_FLAGS = {"-D", "--debug", "--tls", "--tlsverify"}
_CONTAINERS = ("cp", "exec", "kill", "logs", "restart", "rm", "run", "start", "stats", "stop", "top", "wait")
_MANAGED: dict[str, dict[str, tuple[str, ...]]] = {  # what a command is called without what it manages
    "container": {name: (name,) for name in _CONTAINERS}
    | dict.fromkeys(("ls", "list", "ps"), ("ps",))
    | {"remove": ("rm",), "inspect": ("inspect", "--type", "container")},
    "image": {name: (name,) for name in ("build", "load", "pull", "push", "save", "tag")}
    | dict.fromkeys(("ls", "list"), ("images",))
    | dict.fromkeys(("rm", "remove"), ("rmi",))
    | {"inspect": ("inspect", "--type", "image")},
    "system": {"info": ("info",), "events": ("events",)},
    "builder": {"build": ("build",)},
}
HELP = """Say which API calls a docker command makes, in order, without making any: what each is for, its body, and all of them
as a script of curl lines, of rawdock's own lines, or as Python. What one call gives goes into the next."""
EXAMPLES = """examples:
  rawdock explain docker run -d -p 8080:80 nginx
  rawdock explain --as python docker exec -it web sh
  rawdock explain --as curl docker ps -a --filter status=exited
  rawdock explain docker network connect backend web

exit codes: 0 explained, 2 usage, or a command that has no stand-in"""
WITHOUT_CALLS = "`rawdock explain` makes no call; `rawdock explain --as curl docker …` prints the docker command's"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as", dest="form", choices=FORMS, help="print the calls in this form alone")
    parser.add_argument("words", metavar="docker COMMAND …", nargs=argparse.REMAINDER)


def run(options: argparse.Namespace, console: Console) -> int:
    from .explain_code import FORM_LINES

    steps = _steps(options.words, console)
    if options.form:
        for line in FORM_LINES[options.form](steps):
            console.print(line)
        return 0
    for number, step in enumerate(steps, 1):
        for line in _call(number, step):
            console.print(line)
    console.print("the docker CLI asks besides, for its own sake")
    for beside in besides(steps):
        when = f"before {beside.place}" if beside.place <= len(steps) else "at the end"
        console.print(f"   {when}: {_target(beside.request)}: {beside.why}")
    for form in FORMS:
        console.print(f"\nas {'Python' if form == 'python' else form}")
        for line in FORM_LINES[form](steps):
            console.print(f"  {line}" if line else "")
    return 0


def _steps(words: Sequence[str], console: Console) -> Sequence[Step]:
    """The steps of the command. Raises UsageError for one that is not docker's, or that has no stand-in."""
    from . import COMMANDS
    from .parser import parser_of

    rest = _without_global_options(words)
    if not rest:
        raise UsageError("explain what? a docker command", "such as: rawdock explain docker run -d nginx")
    name = rest[0]
    if managed := _MANAGED.get(name):
        name = " ".join(rest[:2])
        rest = [*managed.get(rest[1] if len(rest) > 1 else "", ()), *rest[2:]]
    if rest[:1] == [] or rest[0] not in COMMANDS:
        raise UsageError(f"docker {name!r} is not known", "`rawdock --help` lists the commands that are")
    found = parser_of(console.width, rest).parse_args(rest)
    planned: Plan | None = getattr(found, "calls", None)
    if planned is None:
        raise UsageError(f"{rest[0]!r} is no command of docker's", "give one that is, such as docker ps")
    return planned(found, console)


def _without_global_options(words: Sequence[str]) -> list[str]:
    """What comes behind `docker`, without the options before its command: they say where, which changes no call."""
    rest = list(words[1:] if words[:1] == ["sudo"] else words)
    rest = rest[1:] if rest[:1] in (["docker"], ["podman"], ["rawdock"]) else rest
    while rest and rest[0].startswith("-"):
        name = rest[0]
        with_next = name in _GLOBAL_VALUES
        if (
            not with_next
            and name not in _GLOBAL_FLAGS
            and not name.startswith(("-H", *(f"{o}=" for o in _GLOBAL_VALUES)))
        ):
            break
        rest = rest[2 if with_next else 1 :]
    return rest


def _call(number: int, step: Step) -> Iterator[str]:
    request = step.request
    operation = operation_of(request.method, request.path)
    yield f"{number}. {_target(request)}"
    if operation:
        yield f"   {operation.summary} ({operation.id}, `rawdock op {operation.id}`)"
    if request.body is not None:
        yield f"   body {printable(_compact(request.body))}"
    elif request.body_file is not None:
        source = f" of `{step.fed}`" if step.fed else ""
        yield f"   body the archive{source}" if request.body_file == "-" else f"   body the file {request.body_file}"
    answers = {"frames": "what it wrote, in frames", "hijack": "a connection in both directions, by an upgrade"}
    answers |= {"documents": "JSON documents as they come", "bytes": "an archive"}
    if step.answer in answers:
        yield f"   answers {answers[step.answer]}"
    if operation:
        for parameter in operation.parameters:
            if parameter.name in CREDENTIALS and step.answer == "documents":
                yield f"   header {parameter.name}: {CREDENTIALS[parameter.name]}"
    if step.note:
        yield f"   {printable(step.note)}"
    if step.saves:
        yield f"   gives Id, which is {{{step.saves}}} below"


def _target(request: Request) -> str:
    query = "?" + urlencode(request.query, errors="surrogateescape") if request.query else ""
    return f"{request.method} {printable(request.path + query)}"


def _compact(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:
        return repr(body)
