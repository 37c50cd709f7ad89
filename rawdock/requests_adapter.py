"""A requests.Session for a daemon, for scripts that are written with requests.

    with requests_session(endpoint) as session:
        print(session.get("http://docker/version").json())

Whatever host the URL names, the endpoint is asked, with TLS where it has TLS, under http:// too. Nothing of the environment is
heeded: no proxy, no REQUESTS_CA_BUNDLE, no .netrc; `verify=`, `cert=` and `proxies=` do not count either. Unix sockets by
requests-unixsocket, whose own `http+unix://%2Fpath%2Fof.sock/version` goes to the socket that it names.
"""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import quote

import requests
import requests_unixsocket
import urllib3
from requests.adapters import HTTPAdapter
from requests_unixsocket.adapters import UnixAdapter, UnixHTTPConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from .discovery import endpoint_of
from .endpoint import Endpoint, Scheme
from .errors import EndpointError
from .net.credentials import client_context
from .net.faults import connect_fault

CONNECTIONS = 10  # kept; requests' own default


def requests_session(endpoint: Endpoint | str | None = None) -> requests.Session:
    """Return a session to be closed by `with` or `close()`. Connects nowhere yet, but reads the certificates of a TLS
    endpoint: raises CredentialsError that names the file, EndpointError for ssh://."""
    endpoint = endpoint_of(endpoint)
    if endpoint.scheme is Scheme.SSH:
        raise EndpointError(f"{endpoint}: requests speaks unix:// and tcp://", "use SyncClient or SyncHTTPXTransport")
    session: requests.Session = requests_unixsocket.Session()
    session.trust_env = False
    session.headers["Accept-Encoding"] = "identity"  # an archive sent gzipped takes five times as long
    adapter = _Adapter(endpoint)
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)
    session.mount("http+unix://", _NamedSockets())
    return session


class _UnixConnection(UnixHTTPConnection):  # type: ignore[misc]
    """A connection whose failure leaves no socket open, says why, and what to do about it."""

    endpoint: Endpoint

    def connect(self) -> None:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(self.timeout)
            connection.connect(self.endpoint.address)
            self.sock = connection
        except TimeoutError as error:
            connection.close()
            raise ConnectTimeoutError(self, f"{self.endpoint}: connecting took over {self.timeout:g} s") from error
        except OSError as error:
            connection.close()
            raise NewConnectionError(self, str(connect_fault(self.endpoint, error))) from error


class _UnixPool(urllib3.HTTPConnectionPool):
    """requests-unixsocket's own keeps one connection, and complains of each other that several threads make."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__("localhost", maxsize=CONNECTIONS)
        self.endpoint = endpoint

    def __str__(self) -> str:
        return str(self.endpoint)  # the errors of urllib3 begin with it

    def _new_conn(self) -> _UnixConnection:
        # requests-unixsocket wants a URL, whose host is the quoted path
        connection = _UnixConnection(f"http+unix://{quote(self.endpoint.address, safe='')}")
        connection.endpoint = self.endpoint
        return connection


class _Adapter(HTTPAdapter):
    """All URLs over one pool to the endpoint: requests-unixsocket's has a pool, and with it a connection, for each URL. TLS by
    our own context: requests' would refuse docker-machine's certificates on Python 3.13, and let REQUESTS_CA_BUNDLE decide."""

    __attrs__ = [*HTTPAdapter.__attrs__, "_endpoint"]  # noqa: RUF012  what is pickled

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self._endpoint = endpoint
        self._begin()

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._begin()

    def _begin(self) -> None:
        self._context = client_context(self._endpoint.tls) if self._endpoint.tls else None
        self._pool = self._new_pool()

    def _new_pool(self) -> urllib3.HTTPConnectionPool:
        host, port = self._endpoint.address, self._endpoint.port
        if port is None:
            return _UnixPool(self._endpoint)
        if self._context is None:
            return urllib3.HTTPConnectionPool(host, port, maxsize=CONNECTIONS)
        return urllib3.HTTPSConnectionPool(host, port, maxsize=CONNECTIONS, ssl_context=self._context)

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> urllib3.HTTPConnectionPool:
        return self._pool

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing: the context has what verifies, and an http:// URL would turn it off here."""

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        return self._endpoint.prefix + request.path_url

    def close(self) -> None:
        """Close all connections. A session may be used again after that, as requests has it."""
        super().close()
        self._pool.close()
        self._pool = self._new_pool()


class _NamedSockets(UnixAdapter):  # type: ignore[misc]
    """requests-unixsocket's own, for http+unix:// URLs, but fit to be pickled."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(max_retries=state["max_retries"])  # type: ignore[misc]
