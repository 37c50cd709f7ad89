"""Calls whose answers are streams: JSON documents, logs, archives. Mixed into the clients."""

from __future__ import annotations

from .core import Core


class StreamCalls:
    """For Client: awaited."""

    _core: Core


class SyncStreamCalls:
    """For SyncClient: driven to their end."""

    _core: Core
