"""`rawdock doctor --all`: every daemon that could be meant, each examined, all at once."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..discovery import Search
from ..discovery.candidates import candidates as places
from ..doctor import Layer, State, examine
from ..endpoint import Endpoint, Scheme
from ..errors import EndpointError, RawdockError
from .console import Console, printable
from .doctor import document, print_texts
from .endpoint_options import refuse_daemon
from .exit_codes import ExitCode
from .parallel import each_at_once

_PATIENCE = 8  # time-outs that the layers of one endpoint may use up, one after the other


class Candidate(NamedTuple):
    """A daemon that could be meant: `name` says by whom, `found` where it listens or why that cannot be said."""

    name: str
    found: Endpoint | EndpointError


def candidates(environ: Mapping[str, str]) -> list[Candidate]:
    """What the environment means, then what `rawdock endpoints` lists besides: other contexts, the default, machines, the
    sockets of other engines that are there. Each daemon once. ssh:// only in use: its login may ask for a password."""
    listed = [
        Candidate("in use" if one.taken else one.name, found)
        for one in places(Search(environ))
        if (found := one.endpoint or one.error) and not one.absent
    ]
    listed.sort(key=lambda candidate: candidate.name != "in use")
    first: dict[object, Candidate] = {}
    for candidate in listed:
        found = candidate.found
        if candidate.name == "in use" or isinstance(found, EndpointError) or found.scheme is not Scheme.SSH:
            first.setdefault(_identity(found), candidate)
    return list(first.values())


def _identity(found: Endpoint | EndpointError) -> object:
    """What makes two candidates one: the same address and the same files, whoever named them."""
    if isinstance(found, EndpointError):
        return found
    return found.url, found.tls and (found.tls.ca, found.tls.cert, found.tls.key)


def candidates_of(options: argparse.Namespace, console: Console) -> list[Candidate]:
    refuse_daemon(options, "and --all tests every one")
    return candidates(console.environ)


def run_all(options: argparse.Namespace, console: Console) -> int:
    found = candidates_of(options, console)
    results = each_at_once(
        lambda candidate: _examined(candidate, options.timeout), found, options.timeout * _PATIENCE + 5.0
    )
    verdicts = [_verdict(candidate, layers, options.timeout) for candidate, layers in zip(found, results, strict=True)]
    if options.json:
        console.print(json.dumps([verdict.record for verdict in verdicts], indent=2))
    else:
        for verdict in verdicts:
            _print(verdict, console)
    return ExitCode.OK if any(verdict.well for verdict in verdicts) else ExitCode.BROKEN


def _examined(candidate: Candidate, timeout: float) -> list[Layer]:
    from ..net.blocking import BlockingDriver
    from ..net.blocking import run as drive

    if isinstance(candidate.found, EndpointError):
        return []
    return drive(examine(candidate.found, BlockingDriver(), timeout=timeout))


class _Verdict(NamedTuple):
    """`texts` are (label, text) lines below the first."""

    candidate: Candidate
    well: bool
    where: str
    detail: str
    texts: list[tuple[str, str]]
    record: dict[str, Any]


def _verdict(candidate: Candidate, layers: list[Layer] | None, timeout: float) -> _Verdict:
    name, found = candidate
    if isinstance(found, EndpointError):
        record: dict[str, Any] = {
            "candidate": name,
            "endpoint": None,
            "cause": found.cause,
            "remedy": found.remedy,
            "layers": [],
        }
        return _Verdict(candidate, False, "no endpoint", "", _reasons(found), record)
    record = {"candidate": name, **document(found, layers or [])}
    texts = [("note:", note) for note in found.notes]
    if layers is None:
        late = RawdockError(f"{found}: no verdict within {timeout * _PATIENCE:g} s", "give a shorter --timeout")
        return _Verdict(candidate, False, str(found), "", [*texts, *_reasons(late)], record)
    texts += [("unsafe:", warning) for layer in layers for warning in layer.warnings]
    broken = next((layer for layer in layers if layer.state is State.BROKEN), None)
    if broken is None:
        return _Verdict(candidate, True, str(found), layers[-1].detail, texts, record)
    texts += [("cause:", broken.cause.removeprefix(f"{found}: ")), ("remedy:", broken.remedy)]
    return _Verdict(candidate, False, str(found), f"broken at {broken.name}", texts, record)


def _reasons(error: RawdockError) -> list[tuple[str, str]]:
    return [("cause:", error.cause), *([("remedy:", error.remedy)] if error.remedy else [])]


def _print(verdict: _Verdict, console: Console) -> None:
    state = console.paint("ok    ", "green") if verdict.well else console.paint("broken", "red")
    console.print(f"{state}  {printable(verdict.candidate.name)}: {printable(verdict.where)}")
    if verdict.detail:
        console.print(f"        {printable(verdict.detail)}")
    print_texts(verdict.texts, console, indent=8)
