"""Streams of JSON documents: pull, push, build, load, events, stats.

An error after the 200 is a document with `errorDetail` ({code, message}) and, before API 1.48, `error` (the message alone).
Sources: moby pkg/jsonmessage, api/types/jsonstream; api/server/router/system (events), router/container (stats).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from ..errors import StreamError
from ..request import container_path
from ..wire.moment import Moment, unix_time
from ..wire.ndjson import NDJSONDecoder
from .core import Core
from .item_stream import ItemStream, opened
from .params import Filters, Params, encode_filters

Documents = AbstractAsyncContextManager[ItemStream[Any]]


def stream_error(document: Any) -> StreamError | None:
    """The error that a document of the stream is, if it is one."""
    if not isinstance(document, dict):
        return None
    detail, words = document.get("errorDetail"), document.get("error")
    found = detail if isinstance(detail, dict) else {}
    message = found.get("message") or words or detail
    if not message or not isinstance(message, str):  # a document may have a field of that name
        return None
    code = found.get("code")
    return StreamError(f"the daemon gave up in the middle: {message.strip()}", code if isinstance(code, int) else None)


@asynccontextmanager
async def open_documents(
    core: Core, method: str, path: str, *, what: str = "", raise_errors: bool = True, **options: Any
) -> AsyncIterator[ItemStream[Any]]:
    async with opened(core, method, path, **options) as reply:
        failure = stream_error if raise_errors else None
        yield ItemStream(reply, core.endpoint, what or reply.asked, NDJSONDecoder(), failure)


def open_events(core: Core, since: Moment | None, until: Moment | None, filters: Filters | None) -> Documents:
    params: Params = {
        "since": None if since is None else unix_time(since, "since"),
        "until": None if until is None else unix_time(until, "until"),
        "filters": encode_filters(filters) or None,
    }
    # An event is no message of progress: one with an attribute named "error" is no failure.
    return open_documents(core, "GET", "/events", what="the events", raise_errors=False, params=params)


def open_stats(core: Core, container: str, stream: bool, one_shot: bool) -> Documents:
    params: Params = {"stream": stream} | ({"one-shot": True} if one_shot else {})
    path = container_path(container, "/stats")
    return open_documents(core, "GET", path, what=f"the stats of {container}", params=params)
