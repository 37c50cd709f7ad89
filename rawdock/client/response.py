"""What a daemon answered: whole (`Response`), or at its head with the body still to come (`Reply`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..connection import Connection
from ..endpoint import Endpoint
from ..errors import (
    ConnectionLostError,
    ProtocolError,
    RedirectError,
    RequestError,
    StatusError,
    TimedOutError,
    TruncatedError,
    status_error_type,
)
from ..net import Driver
from ..net.faults import ErrorT
from ..net.timeouts import within
from ..wire.http1 import Head

VERSION_REFUSED = (  # not compiled here: few answers need it
    r"client version \S+ is too (new|old)\. M(?:ax|in)imum supported API version is (\d+)\.(\d+)"
)
MAX_ERROR = 1024 * 1024  # bytes read of an error's body; moby's own client stops at the same


class Headers(Mapping[str, str]):
    """Header names in lower case to their values; of a repeated name the values are joined by ", ". A name may be asked for
    in any case."""

    def __init__(self, head: Head) -> None:
        self._values: dict[str, str] = {}
        for name, value in head.headers:
            key = name.lower()
            self._values[key] = f"{self._values[key]}, {value}" if key in self._values else value

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)


class Response:
    """A reply with its whole body. Names are httpx's own. `asked`: method and path, for messages."""

    def __init__(self, head: Head, content: bytes, asked: str = "") -> None:
        self._head = head
        self.content = content
        self.asked = asked

    @property
    def status_code(self) -> int:
        return self._head.status

    @property
    def reason_phrase(self) -> str:
        return self._head.reason

    @property
    def http_version(self) -> str:
        return f"HTTP/{self._head.http_version}"

    @property
    def headers(self) -> Headers:
        return Headers(self._head)

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it is none."""
        from json import loads

        return loads(self.content)

    def raise_for_status(self) -> Response:
        """Return self, or raise the StatusError of its status with the daemon's own message. 304 (started already, stopped
        already) is no error; other redirections are, since none is followed."""
        if error := status_error(self._head, self.content, self.asked):
            raise error
        return self

    def __repr__(self) -> str:
        return f"<Response {self.status_code} {self.reason_phrase}{_to(self.asked)}: {len(self.content)} bytes>"


def status_error(head: Head, content: bytes, asked: str = "") -> StatusError | None:
    """The error that a reply is, if its status makes it one. `asked`: "POST /containers/x/start", no query: it may hold
    build arguments and addresses with passwords."""
    status = head.status
    if status < 300 or status == 304:
        return None
    message = error_message(content)
    kind = status_error_type(status)
    if kind is RedirectError:
        return _redirect(head, asked)
    remedy = _version_remedy(message) if status == 400 else ""
    if content.lstrip()[:1] == b"<":
        remedy = "that is a page of HTML, as no daemon sends: ask whoever runs the proxy before it"
    return kind(status, f"the daemon answered {status}: {message}{_to(asked)}", remedy, message=message)


def _version_remedy(message: str) -> str:
    """What to do about an answer that refuses the version, when the caller has fixed it; else ""."""
    refused = re.search(VERSION_REFUSED, message)
    if not refused:
        return ""
    what = "earlier" if refused[1] == "new" else "later"
    return f"speak {refused[2]}.{refused[3]} or {what}, or fix no version: by api_version and DOCKER_API_VERSION"


def _redirect(head: Head, asked: str) -> RedirectError:
    target = head.get("Location") or "nowhere"
    path = asked.partition(" ")[2]
    if "//" in path:
        why, remedy = "the path has a double slash, so a name in it is empty", "give the name"
    else:
        why, remedy = "redirections are not followed, a POST would become a GET", "ask for that path, if you trust it"
    words = f"the daemon answered {head.status} and points to {target.partition('?')[0]}: {why}{_to(asked)}"
    return RedirectError(head.status, words, remedy, message=error_message(b""))


def _to(asked: str) -> str:
    return f" ({asked})" if asked else ""


def error_message(content: bytes) -> str:
    """What an error body says: its JSON `message`, the `error` of Podman's push, else its text, whatever a proxy put there."""
    from json import loads  # 1 ms, for errors only

    text = content[:65536].decode("utf-8", "replace").strip()
    try:
        document = loads(text)
    except ValueError:
        document = None
    said = document.get("message", document.get("error")) if isinstance(document, dict) else None
    if isinstance(said, str):
        text = said.strip()
    return " ".join(text.split())[:500] or "no message"


def broken_off(endpoint: Endpoint, what: str, error: ErrorT) -> ErrorT:
    """The same error, with the endpoint and what was lost: "the logs of web"."""
    verb = " broke off" if isinstance(error, TruncatedError | ConnectionLostError) else ""
    return type(error)(f"{endpoint}: {what}{verb}: {error.cause}", error.remedy)


class Reply:
    """A reply whose body is still to be read: `async for part in reply`, or `receive` until it returns b"". `idle`: seconds
    without a byte. `what`: what is lost when it breaks off, in words for an error."""

    def __init__(
        self,
        connection: Connection,
        head: Head,
        endpoint: Endpoint,
        asked: str = "",
        driver: Driver | None = None,
        idle: float | None = None,
    ) -> None:
        self._connection = connection
        self._endpoint = endpoint
        self._driver = driver
        self._idle = idle
        self._ahead = b""
        self._left = self._was_read = False
        self.asked = asked
        self.what = asked or "the reply"
        _, self.status_code, self.reason_phrase, self.raw_headers, _ = head
        self.head = head

    async def receive(self) -> bytes:
        """The next bytes of the body, b"" at its end. Raises TruncatedError or NetworkError where it breaks off, RequestError
        once its `with` was left."""
        if self._left:
            return self._after_leaving()
        if self._ahead:
            ahead, self._ahead = self._ahead, b""
            return ahead
        try:
            if self._idle is None or self._driver is None:
                return await self._connection.receive()
            with within(self._driver, self._idle, "idle", f"{self.asked}: no byte more of the answer came"):
                return await self._connection.receive()
        except TimedOutError as error:
            raise TimedOutError(f"{self._endpoint}: {error.cause}", limit="idle") from error
        except (ConnectionLostError, ProtocolError) as error:
            raise broken_off(self._endpoint, self.what, error) from error

    def __aiter__(self) -> Reply:
        return self

    async def __anext__(self) -> bytes:
        if part := await self.receive():
            return part
        raise StopAsyncIteration

    @property
    def http_version(self) -> str:
        return f"HTTP/{self.head.http_version}"

    @property
    def headers(self) -> Headers:
        return Headers(self.head)

    def __repr__(self) -> str:
        return f"<Reply {self.status_code} {self.reason_phrase}{_to(self.asked)}>"

    async def read(self) -> bytes:
        """The rest of the body."""
        parts = []
        while not self.ended and (data := await self.receive()):
            parts.append(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    @property
    def ended(self) -> bool:
        """Whether the body is known to be over. One that the end of the connection ends is not."""
        return not self._ahead and self._connection.ended

    def leave(self) -> None:
        """From now on the connection is closed, or another exchange's, whose bytes are not for whoever has this."""
        if not self._left:
            self._left, self._was_read = True, self.ended

    def refuse_if_left(self) -> None:
        if self._left:
            raise RequestError(f"{self._endpoint}: {self.what}: its `with` was left", "use it inside of its `with`")

    def _after_leaving(self) -> bytes:
        if not self._was_read:
            self.refuse_if_left()
        return b""

    def unread(self, data: bytes) -> None:
        """Put bytes back in front of what comes."""
        self._ahead = data + self._ahead

    async def raise_for_status(self) -> None:
        """Raise the StatusError of the reply's status, if it is one, with what its body says."""
        if self.status_code < 300 or self.status_code == 304:
            return
        content = b""
        while len(content) < MAX_ERROR and (part := await self.receive()):
            content += part
        if error := status_error(self.head, content, self.asked):
            raise error
