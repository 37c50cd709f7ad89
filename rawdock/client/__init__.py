"""The client: `Client` for asyncio and trio, `SyncClient` without an event loop, the same code below both.

Names are loaded when first used (PEP 562): a command that makes one request needs `core` alone, and no call that is mixed into
the clients (12 ms).
"""

TYPE_CHECKING = False  # type checkers take it for True; to import typing would cost 2 ms

__all__ = [
    "Client",
    "SyncClient",
    "Options",
    "Params",
    "Reply",
    "Response",
    "SyncReply",
    "SyncVerbs",
    "Timeouts",
    "connect",
    "NEWEST_API",
    "OLDEST_API",
    "error_message",
    "negotiated_version",
    "parse_api_version",
    "wants_tls",
]

if TYPE_CHECKING:
    from ..net.timeouts import Timeouts as Timeouts
    from ..wire.api import NEWEST_API as NEWEST_API
    from ..wire.api import OLDEST_API as OLDEST_API
    from .clients import Client as Client
    from .clients import SyncClient as SyncClient
    from .clients import connect as connect
    from .core import Options as Options
    from .params import Params as Params
    from .response import Reply as Reply
    from .response import Response as Response
    from .response import error_message as error_message
    from .verbs import SyncReply as SyncReply
    from .verbs import SyncVerbs as SyncVerbs
    from .version import negotiated_version as negotiated_version
    from .version import parse_api_version as parse_api_version
    from .version import wants_tls as wants_tls

_HOMES = {
    "Options": "core",
    "Params": "params",
    "Timeouts": ".net.timeouts",
    "Reply": "response",
    "Response": "response",
    "error_message": "response",
    "SyncReply": "verbs",
    "SyncVerbs": "verbs",
    "NEWEST_API": ".wire.api",
    "OLDEST_API": ".wire.api",
    "negotiated_version": "version",
    "parse_api_version": "version",
    "wants_tls": "version",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_HOMES.get(name, 'clients')}", __name__), name)
    globals()[name] = value
    return value
