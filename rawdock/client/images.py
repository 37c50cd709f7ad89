"""Pull and push with the credentials that the docker CLI would use. Mixed into the clients.

Source: moby client/image_pull.go and image_push.go. A digest goes into the parameter `tag`. A push without X-Registry-Auth is
refused by older daemons ("bad parameters and missing X-Registry-Auth"), so it always has one. After 401 the credentials are
looked up once more, since a helper may have renewed its token; if they are the same, that is the end.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    contextmanager,
)
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from ..errors import RequestError, UnauthorizedError

if TYPE_CHECKING:  # whoever makes no such call does without the registry: 16 ms
    from ..registry import Credentials, CredentialStore, Reference

Auth: TypeAlias = "Credentials | CredentialStore | Mapping[str, str] | None"


class _Streams(Protocol):
    @property
    def json_stream(self) -> Callable[..., AbstractAsyncContextManager[Any]]: ...


class _SyncStreams(Protocol):
    @property
    def json_stream(self) -> Callable[..., AbstractContextManager[Any]]: ...


class ImageCalls:
    """For Client: awaited."""

    @asynccontextmanager
    async def pull(
        self: _Streams, reference: str, *, platform: str | None = None, all_tags: bool = False, auth: Auth = None
    ) -> AsyncIterator[AsyncIterator[Any]]:
        """`async with client.pull("alpine:3.20") as documents: async for document in documents`: the daemon's progress as it
        comes. Leaving before its end gives the pull up. `platform`: "linux/arm64". `all_tags`: every tag of a name that has
        none. `auth`: credentials, a mapping in the daemon's words (`{}` for none), or where to look for them; None looks where
        the docker CLI does. Raises RequestError for what is no reference, CredentialsError, and the daemon's own errors,
        those within the stream too."""
        async with AsyncExitStack() as stack:
            yield await _open(self, stack, _pull(reference, platform, all_tags), auth)

    @asynccontextmanager
    async def push(
        self: _Streams, reference: str, *, all_tags: bool = False, auth: Auth = None
    ) -> AsyncIterator[AsyncIterator[Any]]:
        """The same for a push of one tag, "latest" without one. See `pull`."""
        async with AsyncExitStack() as stack:
            yield await _open(self, stack, _push(reference, all_tags), auth)


class SyncImageCalls:
    """For SyncClient: driven to their end."""

    @contextmanager
    def pull(
        self: _SyncStreams, reference: str, *, platform: str | None = None, all_tags: bool = False, auth: Auth = None
    ) -> Iterator[Iterator[Any]]:
        """See ImageCalls.pull."""
        with ExitStack() as stack:
            yield _open_sync(self, stack, _pull(reference, platform, all_tags), auth)

    @contextmanager
    def push(
        self: _SyncStreams, reference: str, *, all_tags: bool = False, auth: Auth = None
    ) -> Iterator[Iterator[Any]]:
        """See ImageCalls.push."""
        with ExitStack() as stack:
            yield _open_sync(self, stack, _push(reference, all_tags), auth)


class _Call(NamedTuple):
    image: Reference
    path: str
    params: dict[str, str]
    always_auth: bool

    def options(self, credentials: Credentials | None) -> dict[str, Any]:
        from ..registry import REGISTRY_AUTH, auth_header

        known = credentials is not None and not credentials.empty
        headers = {REGISTRY_AUTH: auth_header(credentials)} if known or self.always_auth else {}
        return {"params": self.params, "headers": headers}


def _pull(reference: str, platform: str | None, all_tags: bool) -> _Call:
    image = _image(reference, all_tags)
    tag = {} if all_tags else {"tag": image.version}
    params = {"fromImage": image.name} | tag | ({"platform": platform} if platform else {})
    return _Call(image, "/images/create", params, always_auth=False)


def _image(reference: str, all_tags: bool) -> Reference:
    from ..registry import Reference

    image = Reference.parse(reference)
    if all_tags and (image.tag or image.digest):
        raise RequestError(
            f"image reference {reference!r} names one, and all tags are asked for", "leave out one of both"
        )
    return image


def _push(reference: str, all_tags: bool) -> _Call:
    image = _image(reference, all_tags)
    if image.digest:
        raise RequestError(f"image reference {reference!r} has a digest, and a push makes one", "give a tag only")
    params = {} if all_tags else {"tag": image.version}
    return _Call(image, f"/images/{image.name}/push", params, always_auth=True)


def _look_up(auth: Auth, image: Reference) -> Credentials | None:
    """May run a helper, and so wait for it."""
    from ..registry import Credentials, CredentialStore

    if auth is None:
        auth = CredentialStore(os.environ)
    if isinstance(auth, CredentialStore):
        return auth.for_image(image)
    return Credentials.given(auth)


async def _open(client: _Streams, stack: AsyncExitStack, call: _Call, auth: Auth) -> Any:
    import anyio.to_thread

    async def look_up() -> Credentials | None:
        # a helper's wait must not hold the event loop; one that is given up ends by its own time-out
        return await anyio.to_thread.run_sync(_look_up, auth, call.image, abandon_on_cancel=True)

    credentials = await look_up()
    try:
        return await stack.enter_async_context(client.json_stream("POST", call.path, **call.options(credentials)))
    except UnauthorizedError:
        fresh = await look_up()
        if fresh == credentials:
            raise
    return await stack.enter_async_context(client.json_stream("POST", call.path, **call.options(fresh)))


def _open_sync(client: _SyncStreams, stack: ExitStack, call: _Call, auth: Auth) -> Any:
    credentials = _look_up(auth, call.image)
    try:
        return stack.enter_context(client.json_stream("POST", call.path, **call.options(credentials)))
    except UnauthorizedError:
        fresh = _look_up(auth, call.image)
        if fresh == credentials:
            raise
    return stack.enter_context(client.json_stream("POST", call.path, **call.options(fresh)))
