"""Is a daemon alive, and which other one could be meant when the default socket's is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from ..endpoint import DEFAULT_ORIGIN, Endpoint
from ..errors import NetworkError, RawdockError
from ..net import Driver
from ..net.faults import timeout_fault
from .core import Core

OFFER_TIME = 1.0  # seconds, for all sockets together: they are on this machine
ErrorT = TypeVar("ErrorT", bound=RawdockError)


@dataclass(frozen=True)
class Answer:
    """What a daemon said of itself: `api` is its newest API version, or ours when that is older; `version` its own."""

    api: str | None
    version: str | None


async def ask(endpoint: Endpoint, driver: Driver, timeout: float) -> Answer:
    """Connect, GET /_ping, then /version, all within `timeout` seconds. Raises what keeps it from answering: RawdockError."""
    core = Core(endpoint, driver, None)
    try:
        with driver.fail_after(timeout):
            api = await core.negotiate()
            response = await core.request("GET", "/version")
    except TimeoutError as error:
        raise timeout_fault(endpoint, "an answer", timeout) from error
    finally:
        await core.aclose()
    try:
        version = str(response.json()["Version"])
    except (ValueError, KeyError, TypeError):
        version = None
    return Answer(api, version)


async def offered(error: ErrorT, endpoint: Endpoint, driver: Driver, environ: Mapping[str, str]) -> ErrorT:
    """The same error, and where other engines answer, when nothing but the default named this endpoint and the network
    failed. They are not taken: the docker CLI would not take them either."""
    if endpoint.origin != DEFAULT_ORIGIN or not isinstance(error, NetworkError):
        return error
    from ..discovery.sockets import known_sockets

    alive: list[str] = []
    try:
        with driver.fail_after(OFFER_TIME):
            for known in known_sockets(environ):
                url = f"unix://{known.path}"
                try:
                    if known.exists:
                        await ask(Endpoint.parse(url, known.engine), driver, OFFER_TIME)
                        alive.append(f"{known.engine} answers at {url}: use -H {url}")
                except RawdockError:
                    pass
    except TimeoutError:
        pass  # what was found until now is offered
    return type(error)(error.cause, "; or ".join([*alive, error.remedy])) if alive else error
