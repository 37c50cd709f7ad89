"""Clients that are Python libraries, each in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from .. import __version__
from ..client import Client, SyncClient
from ..endpoint import Endpoint, Scheme
from .calls import Answer, Call
from .compare import Peer, Timed

PATIENCE = 30.0  # seconds for one answer
DIRECT = frozenset({Scheme.UNIX, Scheme.TCP})


def libraries() -> list[Peer]:
    """Those that are here; rawdock's own come first."""
    from importlib.metadata import version

    httpx, requests = version("httpx"), version("requests")
    loops = [backend for backend in ("asyncio", "trio") if find_spec(backend)]
    return [
        Peer("rawdock, sync", __version__, _sync),
        *(Peer(f"rawdock, {backend}", __version__, _async_on(backend)) for backend in loops),
        Peer("httpx over rawdock", httpx, _httpx_over_rawdock),
        Peer("httpx by itself", httpx, _httpx, DIRECT),
        Peer("requests-unixsocket", version("requests-unixsocket"), _requests_unixsocket, frozenset({Scheme.UNIX})),
        Peer("requests over rawdock", requests, _requests_session, DIRECT),
    ]


def timed(ask: Callable[[Call], Answer], calls: Sequence[Call], repeat: int) -> list[Timed]:
    """Each call in turn, `repeat` times over."""
    found = []
    for call in [*calls] * repeat:
        begun = time.perf_counter()
        answer = ask(call)
        found.append(Timed(call, time.perf_counter() - begun, answer))
    return found


def base_url(endpoint: Endpoint) -> str:
    """What stands before a path in a URL, for a client that dials by itself."""
    return f"{'https' if endpoint.tls else 'http'}://{endpoint.authority}{endpoint.prefix}"


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _sync(endpoint: Endpoint, calls: Sequence[Call], repeat: int) -> list[Timed]:
    with SyncClient(endpoint) as client:
        return timed(lambda call: _answer(client.get(call.path, timeout=PATIENCE)), calls, repeat)


def _async_on(backend: str) -> Callable[[Endpoint, Sequence[Call], int], list[Timed]]:
    async def ask(endpoint: Endpoint, calls: Sequence[Call], repeat: int) -> list[Timed]:
        found = []
        async with Client(endpoint) as client:
            for call in [*calls] * repeat:
                begun = time.perf_counter()
                response = await client.get(call.path, timeout=PATIENCE)
                found.append(Timed(call, time.perf_counter() - begun, _answer(response)))
        return found

    def measure(endpoint: Endpoint, calls: Sequence[Call], repeat: int) -> list[Timed]:
        import anyio

        return anyio.run(ask, endpoint, calls, repeat, backend=backend)

    return measure


def _answer(response: Any) -> Answer:
    """Of a response of rawdock's, httpx's or requests': the names are the same."""
    return Answer(response.status_code, _lower(response.headers), response.content)


def _httpx_over_rawdock(endpoint: Endpoint, calls: Sequence[Call], repeat: int) -> list[Timed]:
    import httpx

    from ..httpx_transport import SyncHTTPXTransport

    with httpx.Client(transport=SyncHTTPXTransport(endpoint), timeout=PATIENCE) as client:
        return timed(lambda call: _answer(client.get(f"http://docker{call.path}")), calls, repeat)


def _httpx(endpoint: Endpoint, calls: Sequence[Call], repeat: int) -> list[Timed]:
    import httpx

    from ..net.credentials import client_context

    if endpoint.scheme is Scheme.UNIX:
        transport = httpx.HTTPTransport(uds=endpoint.address, trust_env=False)
    else:
        transport = httpx.HTTPTransport(verify=client_context(endpoint.tls) if endpoint.tls else True, trust_env=False)
    with httpx.Client(transport=transport, timeout=PATIENCE, trust_env=False) as client:
        return timed(lambda call: _answer(client.get(base_url(endpoint) + call.path)), calls, repeat)


def _requests_unixsocket(endpoint: Endpoint, calls: Sequence[Call], repeat: int) -> list[Timed]:
    from urllib.parse import quote

    import requests_unixsocket

    base = f"http+unix://{quote(endpoint.address, safe='')}"
    with requests_unixsocket.Session() as session:
        session.trust_env = False
        return timed(lambda call: _answer(session.get(base + call.path, timeout=PATIENCE)), calls, repeat)


def _requests_session(endpoint: Endpoint, calls: Sequence[Call], repeat: int) -> list[Timed]:
    from ..requests_adapter import requests_session

    with requests_session(endpoint) as session:
        return timed(lambda call: _answer(session.get(f"http://docker{call.path}", timeout=PATIENCE)), calls, repeat)
