"""Every place where a daemon may be named or found, in order, each with what it names and why it is taken or skipped.

Reads files only. What the docker CLI looks at comes first, in its order (search.py); then what it would find if it were told
to: the other contexts, the default socket, docker-machine's machines, the sockets of other engines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from ..endpoint import DEFAULT_SOCKET, Endpoint, Scheme
from ..errors import EndpointError
from .doubts import doubted
from .search import PLACES, Search
from .sockets import KnownSocket, known_sockets


@dataclass(frozen=True)
class Candidate:
    """A place: one of search.PLACES, "context NAME", "machine NAME" or an engine. `endpoint` is what it names; None with
    `error` when that is wrong, None without when it names nothing. `absent`: an engine's socket that is not there."""

    name: str
    taken: bool
    why: str
    endpoint: Endpoint | None = None
    error: EndpointError | None = None
    absent: bool = False


def candidates(search: Search) -> list[Candidate]:
    """All of them. Exactly one is taken; if that one has an error, `search.endpoint()` raises it. Raises EndpointError only
    for two options that contradict each other."""
    try:
        decider = search.decider()
    except EndpointError:
        if len(search.given()) > 1:
            raise
        decider = "currentContext"  # config.json is damaged, and nothing before it says anything
    default = _default(search, decider)
    return [*_places(search, decider), *_contexts(search), default, *_machines(search), *_sockets(search, default)]


def _places(search: Search, decider: str) -> Iterator[Candidate]:
    for place in PLACES[:-1]:
        taken = place == decider
        if place.startswith("--machine") and not taken:
            continue  # rawdock's own options: of interest only when given
        why = "taken" if taken else f"{decider} comes first"
        try:
            if search.says(place):
                yield _candidate(place, why, partial(search.endpoint_of, place), taken=taken)
            else:
                yield Candidate(place, False, "not given" if place.startswith("-") else "not set")
        except EndpointError as error:  # of config.json
            yield Candidate(place, taken, why, error=error)


def _contexts(search: Search) -> Iterator[Candidate]:
    """Those that no place names, which have a line already."""
    named = {search.context, search.environ.get("DOCKER_CONTEXT"), _current(search)}
    for name in search.contexts.names():
        if name not in named:
            find = partial(search.contexts.endpoint, name, "on disk")
            yield _candidate(f"context {name}", f"take it with --context {name}", find)


def _current(search: Search) -> str | None:
    try:
        return search.contexts.current()
    except EndpointError:
        return None


def _default(search: Search, decider: str) -> Candidate:
    taken = decider == "default"
    why = "taken, as nothing else is set" if taken else f"{decider} comes first"
    return _candidate("default", why, partial(search.endpoint_of, "default"), taken=taken)


def _machines(search: Search) -> Iterator[Candidate]:
    for name in search.machines.names():
        if name != search.machine:
            find = partial(search.machines.endpoint, name)
            yield _candidate(f"machine {name}", f"take it with --machine {name}", find)


def _sockets(search: Search, default: Candidate) -> Iterator[Candidate]:
    """The default one too, where DOCKER_TLS or DOCKER_TLS_VERIFY makes another endpoint the default."""
    known = known_sockets(search.environ)
    if default.endpoint is None or default.endpoint.scheme is not Scheme.UNIX:
        known.insert(0, KnownSocket("default socket", DEFAULT_SOCKET))
    for one in known:
        url = f"unix://{one.path}"
        found = _candidate(one.engine, f"take it with -H {url}", partial(Endpoint.parse, url, one.engine))
        yield replace(found, absent=not one.exists)


def _candidate(name: str, why: str, find: Callable[[], Endpoint], *, taken: bool = False) -> Candidate:
    try:
        return Candidate(name, taken, why, endpoint=doubted(find()))
    except EndpointError as error:
        return Candidate(name, taken, why, error=error)
