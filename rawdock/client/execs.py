"""Hijacked connections and what runs over them: attach, exec, run. Mixed into the clients."""

from __future__ import annotations

from .core import Core


class ExecCalls:
    """For Client: awaited."""

    _core: Core


class SyncExecCalls:
    """For SyncClient: driven to their end."""

    _core: Core
