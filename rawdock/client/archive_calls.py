"""Archives as calls: paths in containers, exports, saved images. Mixed into the clients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any

from ..wire.pathstat import PathStat
from .archives import (
    Archive,
    SyncArchive,
    archive_put,
    archive_stat,
    archive_to_file,
    open_archive,
    open_export,
    open_load,
    open_save,
    put_options,
    to_file,
)
from .content import Content, refuse_async
from .core import Core
from .documents import Documents
from .hijack import entered
from .item_stream import ItemStream, SyncItemStream
from .whole_file import Destination


class ArchiveCalls:
    """For Client: awaited. `*_to_file` give the file its name only when it is whole; a full disk raises OSError."""

    _core: Core

    def archive_get(self, container: str, path: str) -> AbstractAsyncContextManager[Archive]:
        """`async with client.archive_get("web", "/etc") as archive: async for piece in archive`: a tar archive of a file or
        folder; `archive.stat` is its stat. Raises NotFoundError."""
        return open_archive(self._core, container, path)

    async def archive_get_to_file(self, container: str, path: str, destination: Destination) -> PathStat:
        """Write the tar archive to a file. Return the path's stat."""
        return await archive_to_file(self._core, container, path, destination)

    async def archive_stat(self, container: str, path: str) -> PathStat:
        """Name, size, mode, time and link target of a path. Raises NotFoundError."""
        return await archive_stat(self._core, container, path)

    async def archive_put(
        self,
        container: str,
        path: str,
        content: Content,
        *,
        no_overwrite_dir_non_dir: bool = False,
        copy_uid_gid: bool = False,
    ) -> None:
        """Unpack a tar archive, plain or compressed with gzip, bzip2 or xz, in the folder `path`, which must be there.
        `no_overwrite_dir_non_dir`: refuse to put a file over a folder or a folder over a file. `copy_uid_gid`: give the files
        to the container's user. Raises NotFoundError, StatusError."""
        options = put_options(no_overwrite_dir_non_dir, copy_uid_gid)
        await archive_put(self._core, container, path, content, options)

    def export(self, container: str) -> AbstractAsyncContextManager[ItemStream[bytes]]:
        """`async with client.export("web") as pieces: async for piece in pieces`: its whole file system as a tar archive."""
        return open_export(self._core, container)

    async def export_to_file(self, container: str, destination: Destination) -> None:
        await to_file(open_export(self._core, container), destination)

    def image_save(self, names: str | Sequence[str]) -> AbstractAsyncContextManager[ItemStream[bytes]]:
        """The images as one tar archive, which `image_load` takes."""
        return open_save(self._core, names)

    async def image_save_to_file(self, names: str | Sequence[str], destination: Destination) -> None:
        await to_file(open_save(self._core, names), destination)

    def image_load(self, content: Content, *, quiet: bool = False) -> Documents:
        """`async with client.image_load(file) as documents: async for document in documents`: the daemon's progress, or its
        result alone (`quiet`). Raises StreamError."""
        return open_load(self._core, content, quiet)


class SyncArchiveCalls:
    """For SyncClient: driven to their end. See ArchiveCalls."""

    _core: Core

    @contextmanager
    def archive_get(self, container: str, path: str) -> Iterator[SyncArchive]:
        with entered(open_archive(self._core, container, path)) as archive:
            yield SyncArchive(archive)

    def archive_get_to_file(self, container: str, path: str, destination: Destination) -> PathStat:
        from ..net.blocking import run

        return run(archive_to_file(self._core, container, path, destination))

    def archive_stat(self, container: str, path: str) -> PathStat:
        from ..net.blocking import run

        return run(archive_stat(self._core, container, path))

    def archive_put(
        self,
        container: str,
        path: str,
        content: Content,
        *,
        no_overwrite_dir_non_dir: bool = False,
        copy_uid_gid: bool = False,
    ) -> None:
        from ..net.blocking import run

        refuse_async(content)
        options = put_options(no_overwrite_dir_non_dir, copy_uid_gid)
        run(archive_put(self._core, container, path, content, options))

    @contextmanager
    def export(self, container: str) -> Iterator[SyncItemStream[bytes]]:
        with entered(open_export(self._core, container)) as stream:
            yield SyncItemStream(stream)

    def export_to_file(self, container: str, destination: Destination) -> None:
        from ..net.blocking import run

        run(to_file(open_export(self._core, container), destination))

    @contextmanager
    def image_save(self, names: str | Sequence[str]) -> Iterator[SyncItemStream[bytes]]:
        with entered(open_save(self._core, names)) as stream:
            yield SyncItemStream(stream)

    def image_save_to_file(self, names: str | Sequence[str], destination: Destination) -> None:
        from ..net.blocking import run

        run(to_file(open_save(self._core, names), destination))

    @contextmanager
    def image_load(self, content: Content, *, quiet: bool = False) -> Iterator[SyncItemStream[Any]]:
        refuse_async(content)
        with entered(open_load(self._core, content, quiet)) as stream:
            yield SyncItemStream(stream)
