"""Tar archives out of containers and images and into them, in bounded memory.

Sources: moby api/server/router/container/copy.go, router/image (save, load). An archive is asked for uncompressed: gzipped,
as HTTP clients ask for by default, it takes five times as long.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

from ..errors import NotFoundError, ProtocolError, RequestError
from ..net.faults import located
from ..request import container_path
from ..wire.pathstat import PATH_STAT, PathStat, parse_path_stat
from .content import Content, refuse_no_archive
from .core import Core
from .documents import Documents, open_documents
from .item_stream import ItemStream, Pieces, SyncItemStream, opened
from .params import Params, query_of
from .response import Reply
from .whole_file import Destination, WholeFile

TAR = {"Content-Type": "application/x-tar"}
PiecesT = TypeVar("PiecesT", bound=ItemStream[bytes])


class Archive(ItemStream[bytes]):
    """The bytes of a tar archive. `stat`: of the path that was asked for."""

    def __init__(self, core: Core, reply: Reply, what: str) -> None:
        super().__init__(reply, core.endpoint, what, Pieces())
        self.stat = _path_stat(core, reply.head.get(PATH_STAT), what)


class SyncArchive(SyncItemStream[bytes]):
    """An Archive to iterate without an event loop."""

    def __init__(self, archive: Archive) -> None:
        super().__init__(archive)
        self.stat = archive.stat


@asynccontextmanager
async def open_archive(core: Core, container: str, path: str) -> AsyncIterator[Archive]:
    async with opened(core, "GET", _archive(container), params={"path": path}) as reply:
        yield Archive(core, reply, f"the archive of {container}:{path}")


async def archive_stat(core: Core, container: str, path: str) -> PathStat:
    response = await core.request("HEAD", _archive(container), params={"path": path})
    if response.status_code == 404:  # the answer to a HEAD has no message
        message = f"no container {container}, or no {path} in it"
        raise NotFoundError(404, f"{core.endpoint}: the daemon answered 404: {message}", message=message)
    header = response.raise_for_status().headers.get(PATH_STAT.lower(), "")
    return _path_stat(core, header, f"the stat of {container}:{path}")


async def archive_put(core: Core, container: str, path: str, content: Content, options: Params) -> None:
    refuse_no_archive(content)
    response = await core.request(
        "PUT", _archive(container), params={"path": path, **options}, content=content, headers=TAR
    )
    response.raise_for_status()


def put_options(no_overwrite_dir_non_dir: bool, copy_uid_gid: bool) -> Params:
    return {"noOverwriteDirNonDir": no_overwrite_dir_non_dir, "copyUIDGID": copy_uid_gid}


def open_export(core: Core, container: str) -> AbstractAsyncContextManager[ItemStream[bytes]]:
    return _open_pieces(core, container_path(container, "/export"), f"the export of {container}")


def open_save(core: Core, names: str | Sequence[str]) -> AbstractAsyncContextManager[ItemStream[bytes]]:
    each = [names] if isinstance(names, str | Mapping | None) else list(names)
    if not each or not all(isinstance(name, str) and name for name in each):
        raise RequestError(f"images {names!r}", "name at least one image")
    return _open_pieces(core, f"/images/get{query_of('', {'names': each})}", f"the saved {', '.join(each)}")


def open_load(core: Core, content: Content, quiet: bool) -> Documents:
    refuse_no_archive(content)
    params = {"quiet": quiet}
    return open_documents(
        core, "POST", "/images/load", what="the load of images", params=params, content=content, headers=TAR
    )


async def to_file(opening: AbstractAsyncContextManager[PiecesT], destination: Destination) -> PiecesT:
    """Write a stream to a file, which gets its name only when it is whole. Return the stream, for what its head said. The
    bytes are written where they are received: a slow disk stops the event loop."""
    whole = WholeFile(destination)
    async with opening as stream:
        with whole as file:
            while pieces := await stream.receive():
                for piece in pieces:
                    file.write(piece)
    return stream


async def archive_to_file(core: Core, container: str, path: str, destination: Destination) -> PathStat:
    return (await to_file(open_archive(core, container, path), destination)).stat


@asynccontextmanager
async def _open_pieces(core: Core, path: str, what: str) -> AsyncIterator[ItemStream[bytes]]:
    async with opened(core, "GET", path) as reply:
        yield ItemStream(reply, core.endpoint, what, Pieces())


def _archive(container: str) -> str:
    return container_path(container, "/archive")


def _path_stat(core: Core, header: str, what: str) -> PathStat:
    try:
        return parse_path_stat(header)
    except ProtocolError as error:
        raise located(core.endpoint, ProtocolError(f"{what}: {error.cause}", error.remedy)) from error
