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
from requests_unixsocket.adapters import UnixAdapter, UnixHTTPConnection, UnixHTTPConnectionPool
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
    adapter = _UnixAdapter(endpoint) if endpoint.scheme is Scheme.UNIX else _TCPAdapter(endpoint)
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)
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


class _UnixPool(UnixHTTPConnectionPool):  # type: ignore[misc]
    def __init__(self, endpoint: Endpoint) -> None:
        # requests-unixsocket wants a URL, whose host is the quoted path
        super().__init__(f"http+unix://{quote(endpoint.address, safe='')}")
        self.endpoint = endpoint

    def _new_conn(self) -> _UnixConnection:
        connection = _UnixConnection(self.socket_path, self.timeout)
        connection.endpoint = self.endpoint
        return connection


class _UnixAdapter(UnixAdapter):  # type: ignore[misc]
    """All URLs over one pool: requests-unixsocket's own has a pool, and with it a connection, for each URL."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self._pool = _UnixPool(endpoint)

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> urllib3.HTTPConnectionPool:
        return self._pool

    def close(self) -> None:
        super().close()
        self._pool.close()


class _TCPAdapter(HTTPAdapter):
    """All URLs over one pool to the endpoint, by our own TLS context: requests' would refuse docker-machine's certificates on
    Python 3.13, and let REQUESTS_CA_BUNDLE decide."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self._endpoint = endpoint
        assert endpoint.port is not None
        if endpoint.tls is None:
            self._pool = urllib3.HTTPConnectionPool(endpoint.address, endpoint.port, maxsize=CONNECTIONS)
        else:
            self._pool = urllib3.HTTPSConnectionPool(
                endpoint.address, endpoint.port, maxsize=CONNECTIONS, ssl_context=client_context(endpoint.tls)
            )

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> urllib3.HTTPConnectionPool:
        return self._pool

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing: the context has what verifies, and an http:// URL would turn it off here."""

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        return self._endpoint.prefix + request.path_url

    def close(self) -> None:
        super().close()
        self._pool.close()
