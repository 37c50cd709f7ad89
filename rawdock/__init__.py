"""rawdock: a raw client for the Docker daemon's REST API, and a tester that finds out who can reach whom around it.

Names are loaded when first used (PEP 562), so that `import rawdock` costs next to nothing.
"""

TYPE_CHECKING = False  # type checkers take it for True; to import typing would cost 8 ms

__version__ = "0.1.0"

__all__ = [
    "Client",
    "Credentials",
    "Endpoint",
    "ExecResult",
    "Frame",
    "HTTPXTransport",
    "PathStat",
    "RawdockError",
    "Response",
    "Stream",
    "SyncClient",
    "SyncHTTPXTransport",
    "TLSFiles",
    "Timeouts",
    "connect",
    "discover",
    "errors",
    "requests_session",
    "tar_of",
]

if TYPE_CHECKING:
    from . import errors as errors
    from .client import Client as Client
    from .client import Response as Response
    from .client import SyncClient as SyncClient
    from .client import Timeouts as Timeouts
    from .client import connect as connect
    from .client.execs import ExecResult as ExecResult
    from .client.tarring import tar_of as tar_of
    from .discovery import discover as discover
    from .endpoint import Endpoint as Endpoint
    from .endpoint import TLSFiles as TLSFiles
    from .errors import RawdockError as RawdockError
    from .httpx_transport import HTTPXTransport as HTTPXTransport
    from .httpx_transport import SyncHTTPXTransport as SyncHTTPXTransport
    from .registry import Credentials as Credentials
    from .requests_adapter import requests_session as requests_session
    from .wire.pathstat import PathStat as PathStat
    from .wire.stdcopy import Frame as Frame
    from .wire.stdcopy import Stream as Stream

_HOMES = {
    "Client": "client",
    "Response": "client",
    "SyncClient": "client",
    "Timeouts": "client",
    "connect": "client",
    "ExecResult": "client.execs",
    "tar_of": "client.tarring",
    "Frame": "wire.stdcopy",
    "Stream": "wire.stdcopy",
    "PathStat": "wire.pathstat",
    "Credentials": "registry",
    "Endpoint": "endpoint",
    "TLSFiles": "endpoint",
    "RawdockError": "errors",
    "HTTPXTransport": "httpx_transport",
    "SyncHTTPXTransport": "httpx_transport",
    "requests_session": "requests_adapter",
    "discover": "discovery",
}


if not TYPE_CHECKING:  # or every name would be an object to type checkers, a misspelt one too

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        if name == "errors":
            return import_module(f".{name}", __name__)
        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
