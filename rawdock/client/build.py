"""Build an image by the daemon's own (classic) builder, from a folder or a ready tar archive. Mixed into the clients.

Sources: moby api/server/router/build/build_routes.go; docker/cli command/image/build.go. The image's ID comes in a document
`{"aux": {"ID": "sha256:…"}}`. Credentials for every registry go along, since only the daemon reads which the Dockerfile names.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from ..errors import RequestError
from ..wire.ndjson import NDJSONDecoder
from .archives import TAR
from .content import Content, refuse_async, refuse_no_archive
from .core import Core
from .documents import stream_error
from .hijack import entered
from .item_stream import ItemStream, SyncItemStream, opened
from .params import Params, query_of, texts

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..registry import Credentials, CredentialStore  # not loaded before a build, as in images.py
    from ..wire.dockerignore import Ignore
    from .tarring import Tarred

IGNORE_FILE = ".dockerignore"
Context = str | os.PathLike[str] | Content


class BuildOptions(TypedDict, total=False):
    """`tags`: names for the image, "app:1". `dockerfile`: its path in the context, "Dockerfile" if not given. `build_args`:
    values of its ARGs. `target`: the stage to stop at. `platform`: "linux/arm64". `no_cache`: run every step anew. `pull`:
    ask the registry for newer base images. `params`: more of the operation's, as it calls them; a list is a parameter
    repeated. `auth`: credentials by registry (`{}` for none), or where to look for them; None looks where the docker CLI does.
    """

    tags: str | Sequence[str]
    dockerfile: str | None
    build_args: Mapping[str, str | int | None] | None
    target: str | None
    platform: str | None
    no_cache: bool
    pull: bool
    params: Params | None
    auth: Mapping[str, Credentials | Mapping[str, str]] | CredentialStore | None


class BuildStream(ItemStream[Any]):
    """The documents of a build. `image_id`: "sha256:…" once the daemon has told it, None before."""

    image_id: str | None = None

    async def receive(self) -> list[Any]:
        documents = await super().receive()
        for document in documents:
            aux = document.get("aux") if isinstance(document, dict) else None
            if isinstance(aux, dict) and isinstance(aux.get("ID"), str):
                self.image_id = aux["ID"]
        return documents


class SyncBuildStream(SyncItemStream[Any]):
    """A BuildStream to iterate without an event loop."""

    def __init__(self, stream: BuildStream) -> None:
        super().__init__(stream)
        self._build = stream

    @property
    def image_id(self) -> str | None:
        return self._build.image_id


class BuildCalls:
    """For Client: awaited."""

    _core: Core

    def build(self, context: Context, **options: Unpack[BuildOptions]) -> AbstractAsyncContextManager[BuildStream]:
        """`async with client.build("app", tags="app:1") as build: async for document in build`, then `build.image_id`.
        `context`: a folder's path, less what its .dockerignore leaves out, or a tar archive as bytes, an open file or an
        iterable; it is sent in bounded memory. Intermediate containers are removed, after an error too. Raises RequestError
        for what cannot be read or named, StatusError, and StreamError for a step that fails: its `code` is the command's.
        """
        return _open_awaiting(self._core, context, options)


class SyncBuildCalls:
    """For SyncClient: driven to their end."""

    _core: Core

    @contextmanager
    def build(self, context: Context, **options: Unpack[BuildOptions]) -> Iterator[SyncBuildStream]:
        """See BuildCalls.build."""
        refuse_async(context)
        call = _build(context, options)
        with entered(_open(self._core, call, _registry_config(options.get("auth")))) as stream:
            yield SyncBuildStream(stream)


class _Build(NamedTuple):
    what: str
    path: str
    content: Content


@asynccontextmanager
async def _open_awaiting(core: Core, context: Context, options: BuildOptions) -> AsyncIterator[BuildStream]:
    import anyio.to_thread

    call = _build(context, options)
    # a helper's wait must not hold the event loop; one that is given up ends by its own time-out
    config = await anyio.to_thread.run_sync(_registry_config, options.get("auth"), abandon_on_cancel=True)
    async with _open(core, call, config) as stream:
        yield stream


@asynccontextmanager
async def _open(core: Core, call: _Build, config: str) -> AsyncIterator[BuildStream]:
    from ..registry import REGISTRY_CONFIG

    headers = {**TAR, **({REGISTRY_CONFIG: config} if config else {})}
    async with opened(core, "POST", call.path, content=call.content, headers=headers) as reply:
        yield BuildStream(reply, core.endpoint, call.what, NDJSONDecoder(), stream_error)


def _build(context: Context, options: BuildOptions) -> _Build:
    from ..registry import Reference

    if unknown := sorted(options.keys() - BuildOptions.__annotations__.keys()):
        raise TypeError(f"build() has no option {', '.join(unknown)}, only {', '.join(BuildOptions.__annotations__)}")
    tags = options.get("tags") or ()
    names = [tags] if isinstance(tags, str) else list(tags)
    for name in names:
        Reference.parse(name)
    dockerfile = options.get("dockerfile")
    content: Content
    if isinstance(context, str | os.PathLike):
        what, content = f"the build of {os.fspath(context)}", _folder(context, dockerfile or "Dockerfile")
    else:
        refuse_no_archive(context)
        what, content = f"the build of {', '.join(names) or 'a tar archive'}", context
    arguments = options.get("build_args")
    given: Params = {
        "dockerfile": dockerfile,
        "buildargs": _arguments(arguments) if arguments else None,
        "target": options.get("target"),
        "platform": options.get("platform"),
        "nocache": options.get("no_cache"),
        "pull": options.get("pull"),
        "forcerm": True,  # "rm" leaves the container of a step that failed
    }
    params = {name: value for name, value in given.items() if value} | dict(options.get("params") or {})
    pairs = [("t", name) for name in names]
    return _Build(what, f"/build{query_of('', [*pairs, *texts(params)])}", content)


def _arguments(given: Mapping[str, str | int | None]) -> str:
    """The daemon takes texts, and null for a variable of its own environment."""
    return json.dumps({name: value if value is None else str(value) for name, value in given.items()})


def _folder(context: str | os.PathLike[str], dockerfile: str) -> Tarred:
    """The context's archive. Raises RequestError where the folder, the Dockerfile or .dockerignore is not as it must be."""
    from .tarring import Tarred

    shown, folder = os.fspath(context), os.path.realpath(context)
    if not os.path.isdir(folder):
        remedy = "open a tar archive with mode 'rb' and give the file" if os.path.exists(folder) else "check the path"
        raise RequestError(f"{shown!r} is no folder, expected the build's context", remedy)
    inside = os.path.normpath(dockerfile)
    if os.path.isabs(inside) or inside.split("/")[0] == "..":
        raise RequestError(f"{dockerfile!r} is outside of {shown!r}", "give the Dockerfile's path within the context")
    if not os.path.isfile(f"{folder}/{inside}"):
        raise RequestError(f"{shown!r} has no {dockerfile}", "say which file it is: dockerfile='path in the context'")
    return Tarred(folder, "", ignore_of(folder).keeping(IGNORE_FILE).keeping(inside))


def ignore_of(folder: str) -> Ignore:
    """What the .dockerignore of a folder says. Raises RequestError."""
    from ..wire.dockerignore import Ignore

    path = f"{folder}/{IGNORE_FILE}"
    try:
        with open(path, "rb") as file:
            return Ignore.parse(file.read(), path)
    except FileNotFoundError:
        return Ignore()
    except OSError as error:
        raise RequestError(f"{path!r} cannot be read: {error.strerror}", "check who may read it") from error


def _registry_config(auth: Mapping[str, Credentials | Mapping[str, str]] | CredentialStore | None) -> str:
    """The header's value, "" for no credentials. May run helpers, and so wait for them."""
    from ..registry import Credentials, CredentialStore, config_header

    store = CredentialStore(os.environ) if auth is None else auth
    if not isinstance(store, CredentialStore | Mapping):
        raise RequestError(f"auth is of type {type(store).__name__}", "give a dict of registries to their credentials")
    given = store.for_build() if isinstance(store, CredentialStore) else store
    found = {server: Credentials.given(one) for server, one in given.items()}
    return config_header(found) if found else ""
