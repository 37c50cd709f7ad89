"""Calls whose answers are streams: JSON documents, logs, archives. Mixed into the clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from ..wire.moment import Moment
from ..wire.stdcopy import Frame
from .archive_calls import ArchiveCalls, SyncArchiveCalls
from .content import refuse_async
from .core import Core, Options
from .documents import Documents, open_documents, open_events, open_stats
from .hijack import entered
from .item_stream import ItemStream, SyncItemStream
from .logs import LogOptions, open_logs
from .params import Filters

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["StreamCalls", "SyncStreamCalls", "ItemStream", "SyncItemStream"]


class StreamCalls(ArchiveCalls):
    """For Client: awaited. Each is `async with … as stream: async for item in stream`, or `await stream.receive()` for all
    items that came together. Leaving early closes the connection. What breaks off raises TruncatedError or NetworkError."""

    _core: Core

    def json_stream(
        self, method: str, path: str, *, raise_errors: bool = True, **options: Unpack[Options]
    ) -> Documents:
        """The JSON documents of an answer as they come: pull, push, build, load, events, stats. Raises StatusError, and
        StreamError for an error that the daemon reports in the middle, unless not `raise_errors`: then it is a document."""
        return open_documents(self._core, method, path, raise_errors=raise_errors, **options)

    def events(
        self, *, since: Moment | None = None, until: Moment | None = None, filters: Filters | None = None
    ) -> Documents:
        """What happens on the daemon, until `until`, else without end. `since`, `until`: seconds since 1970, a datetime or
        RFC 3339, to the nanosecond; an event at `since` itself is given. The daemon keeps the last 256 only.
        `filters`: `{"type": "container", "label": ["a=b"]}`."""
        return open_events(self._core, since, until, filters)

    def stats(self, container: str, *, stream: bool = True, one_shot: bool = False) -> Documents:
        """A container's use of CPU, memory and network, each second; once without `stream`, and with `one_shot` at once,
        without the figures before it that a CPU percentage needs."""
        return open_stats(self._core, container, stream, one_shot)

    def logs(self, container: str, **options: Unpack[LogOptions]) -> AbstractAsyncContextManager[ItemStream[Frame]]:
        """What its process wrote, stdout and stderr apart: Frame(stream, data). A TTY's is all stdout. Raises StatusError,
        RequestError, and StreamError for what the daemon reports instead of a log."""
        return open_logs(self._core, container, **options)


class SyncStreamCalls(SyncArchiveCalls):
    """For SyncClient: driven to their end. See StreamCalls."""

    _core: Core

    @contextmanager
    def json_stream(
        self, method: str, path: str, *, raise_errors: bool = True, **options: Unpack[Options]
    ) -> Iterator[SyncItemStream[Any]]:
        refuse_async(options.get("content"))
        with entered(open_documents(self._core, method, path, raise_errors=raise_errors, **options)) as stream:
            yield SyncItemStream(stream)

    @contextmanager
    def events(
        self, *, since: Moment | None = None, until: Moment | None = None, filters: Filters | None = None
    ) -> Iterator[SyncItemStream[Any]]:
        with entered(open_events(self._core, since, until, filters)) as stream:
            yield SyncItemStream(stream)

    @contextmanager
    def stats(self, container: str, *, stream: bool = True, one_shot: bool = False) -> Iterator[SyncItemStream[Any]]:
        with entered(open_stats(self._core, container, stream, one_shot)) as stream_:
            yield SyncItemStream(stream_)

    @contextmanager
    def logs(self, container: str, **options: Unpack[LogOptions]) -> Iterator[SyncItemStream[Frame]]:
        with entered(open_logs(self._core, container, **options)) as stream:
            yield SyncItemStream(stream)
