"""dial: the one place that opens a connection to a daemon. Pool, doctor and everything hijacked share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..endpoint import Endpoint, Scheme
from ..errors import ConnectionLostError, RawdockError, TLSError
from . import ByteStream, Driver
from .faults import connect_fault, timeout_fault

if TYPE_CHECKING:
    from .ssh_login import Login

CONNECT_TIMEOUT = 10.0  # seconds, for each of connecting and the handshake
ALERT_TIMEOUT = 1.0  # seconds; a daemon that refuses our certificate says so within a round trip


def login_of(endpoint: Endpoint, driver: Driver) -> Login | None:
    """The login that all connections of one client share, for `dial`; None but for ssh. Whoever asks for it closes it."""
    if endpoint.scheme is not Scheme.SSH:
        return None
    from .ssh_login import Login

    return Login(endpoint, driver)


async def dial(
    endpoint: Endpoint, driver: Driver, timeout: float | None = CONNECT_TIMEOUT, login: Login | None = None
) -> ByteStream:
    """Return a connected stream, its TLS handshake done. `timeout`: seconds for connecting and for the handshake, each; the
    first connection over ssh logs in as well. Raises NetworkError, TLSError or CredentialsError."""
    stream = await connect(endpoint, driver, timeout, login)
    if endpoint.tls is None:
        return stream
    try:
        return await secure(stream, endpoint, driver, timeout)
    except BaseException:
        await stream.aclose()
        raise


async def connect(
    endpoint: Endpoint, driver: Driver, timeout: float | None = CONNECT_TIMEOUT, login: Login | None = None
) -> ByteStream:
    """Return the bare stream, before any TLS. A host with several addresses is tried one after the other. An ssh connection
    without a `login` logs in by itself, and what it has to complain comes with the first receive."""
    try:
        with driver.fail_after(timeout):
            if login is not None:
                return await login.connect()
            if endpoint.scheme is Scheme.SSH:
                from .ssh import dial_through

                return await dial_through(endpoint, driver)
            if endpoint.scheme is Scheme.UNIX:
                return await driver.connect_unix(endpoint.address)
            return await _connect_any(endpoint, driver)
    except TimeoutError as error:
        if error.errno is not None:  # ETIMEDOUT of connect(2), which Python gives the same class
            raise connect_fault(endpoint, error) from error
        raise timeout_fault(endpoint, "connecting", timeout) from error
    except (OSError, UnicodeError) as error:
        raise connect_fault(endpoint, error) from error


async def _connect_any(endpoint: Endpoint, driver: Driver) -> ByteStream:
    assert endpoint.port is not None
    failure: OSError | None = None
    for address in await driver.resolve(endpoint.address, endpoint.port):
        try:
            return await driver.connect_tcp(address, endpoint.port)
        except OSError as error:
            failure = failure or error
    raise failure or OSError(f"{endpoint.address} has no address")


async def secure(
    stream: ByteStream, endpoint: Endpoint, driver: Driver, timeout: float | None = CONNECT_TIMEOUT
) -> ByteStream:
    """Return the TLS stream over `stream`."""
    from .credentials import client_context  # ssl costs 8 ms to import: a Unix socket goes without
    from .tls import TLSStream
    from .tls_faults import closed_in_handshake

    assert endpoint.tls is not None
    context = client_context(endpoint.tls)
    try:
        with driver.fail_after(timeout):
            return await TLSStream.handshake(stream, context, endpoint)
    except ConnectionLostError as error:
        raise closed_in_handshake(endpoint, error) from error
    except TimeoutError as error:
        raise timeout_fault(endpoint, "the TLS handshake", timeout) from error


async def refusal(endpoint: Endpoint, driver: Driver) -> TLSError | None:
    """Why the daemon hung up, if TLS is the reason. Under TLS 1.3 it judges our certificate after the handshake, and a
    request on its way may meet a reset that swallows the alert (seen on asyncio; asking /_ping again lost it up to 6 times
    in 40): a new connection on which nothing is sent brings it out, 40 times in 40."""
    if endpoint.tls is None:
        return None
    try:
        with driver.fail_after(ALERT_TIMEOUT):
            stream = await dial(endpoint, driver, None)
            try:
                await stream.receive(1)
            finally:
                await stream.aclose()
    except TLSError as error:
        return error
    except (RawdockError, TimeoutError):
        pass
    return None
