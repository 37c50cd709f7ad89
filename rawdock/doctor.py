"""The doctor: test the way to a daemon layer by layer, each with its time, and explain the first that is broken.

Layers: socket (path and permissions) or name (resolution), connect, tls, http, ping, version; over ssh the first ones are ssh,
login and remote. With TLS 1.3 the daemon judges our certificate after the handshake, with our first read: such a refusal is put
down to the tls layer all the same, and to remote what ssh says of the far side.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from .client import (
    NEWEST_API,
    OLDEST_API,
    Response,
    error_message,
    negotiated_version,
    parse_api_version,
    wants_tls,
)
from .client.alive import offered
from .connection import Connection
from .endpoint import Endpoint, Scheme
from .errors import ConnectionLostError, ProtocolError, RawdockError, RequestError, TLSError, TLSSpokenError
from .net import ByteStream, Driver
from .net.dial import connect, dial, secure
from .net.faults import connect_fault, describe_owner, located, timeout_fault
from .net.safety import open_key, open_socket, plain_tcp
from .wire.http1 import encode_request

if TYPE_CHECKING:
    from .ssh_steps import SSHSteps


class State(Enum):
    OK = "ok"
    BROKEN = "broken"
    NOT_REACHED = "not reached"


@dataclass
class Layer:
    """One layer's result. `milliseconds` is None where nothing was done; `detail` says what was found, `cause` and
    `remedy` what is wrong and what to do; `warnings` what works but is not safe."""

    name: str
    state: State = State.NOT_REACHED
    milliseconds: float | None = None
    detail: str = ""
    cause: str = ""
    remedy: str = ""
    warnings: list[str] = field(default_factory=list)
    error: RawdockError | None = field(default=None, repr=False)

    def record(self) -> dict[str, Any]:
        """The layer as JSON for machines."""
        return {
            "layer": self.name,
            "state": self.state.value,
            "milliseconds": None if self.milliseconds is None else round(self.milliseconds, 3),
            "detail": self.detail,
            "cause": self.cause,
            "remedy": self.remedy,
            "warnings": self.warnings,
        }


def layer_names(endpoint: Endpoint) -> list[str]:
    if endpoint.scheme is Scheme.SSH:
        return ["ssh", "login", "remote", "http", "ping", "version"]
    first = "socket" if endpoint.scheme is Scheme.UNIX else "name"
    return [first, "connect", *(["tls"] if endpoint.tls else []), "http", "ping", "version"]


class Examination:
    """One walk through the layers. `layers` fills as it goes."""

    def __init__(
        self,
        endpoint: Endpoint,
        driver: Driver,
        timeout: float,
        clock: Callable[[], float],
        environ: Mapping[str, str],
    ) -> None:
        self._environ = environ
        self._endpoint = endpoint
        self._driver = driver
        self._timeout = timeout
        self._clock = clock
        self._ssh: SSHSteps | None = None
        if endpoint.scheme is Scheme.SSH:
            from .ssh_steps import SSHSteps

            self._ssh = SSHSteps(endpoint, driver, timeout)
        self._stream: ByteStream | None = None
        self._connection: Connection | None = None
        self._ping: Response | None = None
        self.layers = [Layer(name) for name in layer_names(endpoint)]

    async def run(self) -> list[Layer]:
        """Walk until a layer is broken. Returns all layers; never raises for what is broken."""
        steps = {
            "socket": self._socket,
            "name": self._name,
            "connect": self._connect,
            "tls": self._tls,
            "remote": self._remote,
            "http": self._http,
            "ping": self._answer,
            "version": self._version,
        }
        if self._ssh:
            steps |= {"ssh": self._ssh.find, "login": self._ssh.log_in}
        if self._endpoint.tls:
            from . import tls_diagnosis  # noqa: F401  # now, so that no layer's time holds its import
        try:
            for layer in self.layers:
                started = self._clock()
                try:
                    layer.detail = await steps[layer.name]()
                except RawdockError as error:
                    took = (self._clock() - started) * 1000
                    error = await self._hidden_refusal(layer, error) or error
                    await self._break(self._culprit(layer, error), error, took)
                    break
                layer.state, layer.milliseconds = State.OK, (self._clock() - started) * 1000
        finally:
            if self._stream is not None:
                await self._stream.aclose()
            if self._ssh:
                await self._ssh.login.aclose()
        return self.layers

    def _culprit(self, layer: Layer, error: RawdockError) -> Layer:
        """The layer to blame: a TLS alert that the first read brought belongs to tls, what ssh said with it to remote."""
        if isinstance(error, TLSError):
            return next((candidate for candidate in self.layers if candidate.name == "tls"), layer)
        if self._ssh and layer.name == "http" and self._ssh.comes_late(error):
            return next(candidate for candidate in self.layers if candidate.name == "remote")
        return layer

    async def _hidden_refusal(self, layer: Layer, error: RawdockError) -> RawdockError | None:
        if layer.name != "http" or not isinstance(error, ConnectionLostError) or not self._endpoint.tls:
            return None
        from .tls_diagnosis import hidden_refusal

        return await hidden_refusal(self._endpoint, self._driver, self._timeout)

    async def _break(self, layer: Layer, error: RawdockError, milliseconds: float) -> None:
        error = await offered(error, self._endpoint, self._driver, self._environ)
        layer.state, layer.detail, layer.error = State.BROKEN, "", error
        layer.milliseconds = milliseconds
        layer.cause, layer.remedy = error.cause, error.remedy
        if isinstance(error, TLSError) and self._endpoint.tls:
            from .tls_diagnosis import explained

            layer.cause, layer.remedy = await explained(self._endpoint, error, self._driver, self._timeout)

    def _warn(self, name: str, warning: str) -> None:
        if warning:
            next(layer for layer in self.layers if layer.name == name).warnings.append(warning)

    async def _socket(self) -> str:
        path = self._endpoint.address
        try:
            status = os.stat(path)
        except OSError as error:
            raise connect_fault(self._endpoint, error) from error
        if not stat.S_ISSOCK(status.st_mode):
            raise connect_fault(self._endpoint, ConnectionRefusedError(errno.ECONNREFUSED, ""))
        if not os.access(path, os.W_OK):
            raise connect_fault(self._endpoint, PermissionError(errno.EACCES, ""))
        self._warn("socket", open_socket(path))
        target = os.path.realpath(path)
        return describe_owner(path) + (f", a link to {target}" if target != os.path.abspath(path) else "")

    async def _name(self) -> str:
        assert self._endpoint.port is not None
        try:
            with self._driver.fail_after(self._timeout):
                addresses = await self._driver.resolve(self._endpoint.address, self._endpoint.port)
        except TimeoutError as error:
            raise timeout_fault(self._endpoint, "resolving the name", self._timeout) from error
        except (OSError, UnicodeError) as error:
            raise connect_fault(self._endpoint, error) from error
        self._warn("connect", plain_tcp(self._endpoint, addresses))
        if addresses == [self._endpoint.address]:
            return f"{self._endpoint.address} is an address"
        return f"{self._endpoint.address} is {', '.join(addresses)}"

    async def _connect(self) -> str:
        self._stream = await connect(self._endpoint, self._driver, self._timeout)
        return self._endpoint.address if self._endpoint.scheme is Scheme.UNIX else f"port {self._endpoint.port} answers"

    async def _tls(self) -> str:
        assert self._stream is not None and self._endpoint.tls is not None
        self._warn("tls", open_key(self._endpoint.tls))
        self._stream = secured = await secure(self._stream, self._endpoint, self._driver, self._timeout)
        from .certificates import describe_peer
        from .net.tls import TLSStream

        assert isinstance(secured, TLSStream)
        unverified = "" if self._endpoint.tls.verify else ", NOT VERIFIED"
        return f"{secured.ssl_object.version()}, {describe_peer(secured)}{unverified}"

    async def _remote(self) -> str:
        assert self._ssh is not None
        self._stream, found = await self._ssh.reach()
        return found

    async def _http(self) -> str:
        assert self._stream is not None
        self._connection = Connection(self._stream)
        self._ping = response = await self._ask("/_ping")
        if response.status_code == 400 and response.http_version == "HTTP/1.0" and not response.headers:
            raise wants_tls(self._endpoint, response.content)
        if self._endpoint.tls:
            tls = next(layer for layer in self.layers if layer.name == "tls")
            from .net.credentials import has_client_certificate

            shown = has_client_certificate(self._endpoint.tls)
            tls.detail += (
                ", our client certificate accepted" if shown else ", no client certificate shown nor asked for"
            )
        server = response.headers.get("server", "")
        return f"{response.http_version} {response.status_code} {response.reason_phrase}" + (
            f" by {server}" if server else ""
        )

    async def _answer(self) -> str:
        assert self._ping is not None
        negotiated = negotiated_version(self._endpoint, self._ping)
        newest = self._ping.headers.get("api-version", "")
        return f"a Docker daemon, API {newest}" if negotiated else "a Docker daemon that names no API version"

    async def _version(self) -> str:
        response = await self._ask("/version")
        if response.status_code >= 400:
            answer = f"{response.status_code} ({error_message(response.content)[:80]})"
            raise ProtocolError(f"{self._endpoint}: GET /version gave {answer}", "is this really a Docker daemon?")
        try:
            document = response.json()
            newest = parse_api_version(str(document["ApiVersion"]), "GET /version")
            oldest = parse_api_version(str(document.get("MinAPIVersion") or document["ApiVersion"]), "GET /version")
        except (ValueError, KeyError, TypeError, AttributeError, RequestError) as error:
            raise ProtocolError(
                f"{self._endpoint}: GET /version gave no version: {response.text[:60]!r}",
                "is this really a Docker daemon?",
            ) from error
        window = "API {}.{} to {}.{}".format(*oldest, *newest)
        ours = "{}.{} to {}.{}".format(*OLDEST_API, *NEWEST_API)
        if oldest > NEWEST_API or newest < OLDEST_API:
            raise ProtocolError(
                f"{self._endpoint}: the daemon speaks {window}, rawdock {ours}", "use a newer rawdock or daemon"
            )
        spoken = "{}.{}".format(*min(newest, NEWEST_API))
        return f"{window}, rawdock {ours}: {spoken} is spoken; daemon {document.get('Version', '?')}"

    async def _ask(self, path: str) -> Response:
        assert self._connection is not None
        if self._connection.exchanges and not self._connection.reusable:  # what answered hangs up after each reply
            await self._connection.aclose()
            login = self._ssh.login if self._ssh else None
            self._stream = await dial(self._endpoint, self._driver, self._timeout, login)
            self._connection = Connection(self._stream)
        headers = [("Host", self._endpoint.authority), ("Accept-Encoding", "identity")]
        request = encode_request("GET", self._endpoint.prefix + path, headers)
        try:
            with self._driver.fail_after(self._timeout):
                head = await self._connection.begin("GET", request)
                parts = []
                while part := await self._connection.receive():
                    parts.append(part)
        except TimeoutError as error:
            raise timeout_fault(self._endpoint, f"the answer to {path}", self._timeout) from error
        except ConnectionLostError as error:
            raise ConnectionLostError(
                f"{self._endpoint}: the peer closed the connection without an answer to {path}",
                "is it a Docker daemon, and does it want TLS on this port?",
            ) from error
        except TLSSpokenError as error:
            raise wants_tls(self._endpoint, b"") from error
        except ProtocolError as error:
            raise located(self._endpoint, error) from error
        return Response(head, b"".join(parts))


async def examine(
    endpoint: Endpoint,
    driver: Driver,
    *,
    timeout: float = 5.0,
    clock: Callable[[], float] = time.perf_counter,
    environ: Mapping[str, str] = os.environ,
) -> list[Layer]:
    """Return the endpoint's layers, examined. `timeout`: seconds for each step. `environ` says where other engines would
    listen, which are offered when the default socket is not there."""
    return await Examination(endpoint, driver, timeout, clock, environ).run()
