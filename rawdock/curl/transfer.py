"""The requests that a curl command comes to, and their heads as curl would send them.

Source: recorded from 7.88.1. Two differences are wanted: User-Agent is ours unless -A names one, and no `Expect:
100-continue` is sent (daemons read on without).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import parse_qsl, quote_plus

from ..request import Request
from .exit_codes import CurlCode, CurlError
from .parse import Command, Data, Read
from .url import URL, Globbed, expand, parse_url

FORM = "application/x-www-form-urlencoded"
_FRAMING = {"content-length", "transfer-encoding"}  # these follow from the body, whatever -H says of them
COMPRESSED = "deflate, gzip"  # what zlib undoes; curl adds br and zstd where it has them


@dataclass(frozen=True)
class Transfer:
    """One URL's turn. `given` is the URL after its lists were expanded. `chunked`: the body goes without a length.
    `output`: a file's name, None for standard output. `settled`: names, in lower case, of headers that -H gave or took away."""

    url: URL
    given: str
    request: Request
    chunked: bool
    output: str | None
    settled: frozenset[str]


class _Header(NamedTuple):
    """One of -H. `value` None takes away a header that curl would send by itself."""

    name: str
    value: str | None


def transfers(command: Command, read: Read) -> list[Transfer]:
    """The requests in the order they are made; `read` is asked for the files of -d @FILE and -H @FILE.
    Raises CurlError."""
    headers = _headers(command.headers, read)
    body, body_file = _body(command.data, read, in_query="get" in command.flags)
    found: list[Transfer] = []
    for number, pattern in enumerate(command.urls):
        upload = command.uploads[number] if number < len(command.uploads) else None
        output = command.outputs[number] if number < len(command.outputs) else None
        globbed = [Globbed(pattern, ())] if "globoff" in command.flags else expand(pattern)
        for text, parts in globbed:
            found.append(_transfer(command, text, (body, body_file, upload), headers, output, parts))
    return found


def _transfer(
    command: Command,
    text: str,
    bodies: tuple[bytes | None, str | None, str | None],
    headers: list[_Header],
    output: str | None,
    parts: tuple[str, ...],
) -> Transfer:
    """`bodies`: bytes, or the file that -d names, or the one of -T."""
    body, body_file, upload = bodies
    url = parse_url(text, as_is="path-as-is" in command.flags)
    if upload is not None:
        body_file = "-" if upload == "." else upload
        if url.path.endswith("/") and body_file != "-":
            url = url._replace(path=url.path + quote_plus(upload.rpartition("/")[2]))
    if "get" in command.flags and body is not None:
        url, body = _with_query(url, body.decode("utf-8", "surrogateescape")), None
    for query in command.queries:
        url = _with_query(url, _encoded_query(query))
    has_body = body is not None or body_file is not None
    request = Request(
        _method(command, upload is not None, has_body),
        url.path,
        _pairs(url),
        tuple(_meant(command, url, headers, typed=has_body and upload is None)),
        body,
        body_file,
    )
    coded = any(header.name.lower() == "transfer-encoding" for header in headers if header.value)
    chunked = has_body and (coded or (upload is not None and body_file == "-"))
    settled = frozenset(header.name.lower() for header in headers)
    return Transfer(url, text, request, chunked, _output(output, url, parts), settled)


def _pairs(url: URL) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(url.query[1:], keep_blank_values=True, errors="surrogateescape"))


def _with_query(url: URL, more: str) -> URL:
    if not more:
        return url
    return parse_url(str(url) + ("&" if len(url.query) > 1 else "" if url.query else "?") + more, as_is=True)._replace(
        user=url.user, slashes=url.slashes
    )


def _method(command: Command, upload: bool, has_body: bool) -> str:
    if "request" in command.values:
        return command.values["request"]
    return "HEAD" if "head" in command.flags else "PUT" if upload else "POST" if has_body else "GET"


def _meant(command: Command, url: URL, headers: list[_Header], *, typed: bool) -> list[tuple[str, str]]:
    """The headers that say something: what the command gave, and what curl adds to it for a body or a user."""
    own: list[tuple[str, str]] = []
    if user := command.values.get("user") or url.user:
        token = b64encode(user.encode("utf-8", "surrogateescape")).decode()
        own.append(("Authorization", f"Basic {token}"))
    if "user-agent" in command.values:
        own.append(("User-Agent", command.values["user-agent"]))
    if "referer" in command.values:
        own.append(("Referer", command.values["referer"].partition(";auto")[0]))
    if any(piece.option == "json" for piece in command.data):
        own += [("Content-Type", "application/json"), ("Accept", "application/json")]
    elif typed:
        own.append(("Content-Type", FORM))
    given = {header.name.lower() for header in headers}
    kept = [(name, value) for name, value in own if name.lower() not in given and value]
    return kept + [(name, value) for name, value in headers if value is not None and name.lower() not in _FRAMING]


def head_lines(command: Command, transfer: Transfer, length: int | None, agent: str) -> list[tuple[str, str]]:
    """All headers of the request. `length` of the body in bytes, None where there is none or it is chunked."""
    own = [("Host", transfer.url.authority), ("User-Agent", agent), ("Accept", "*/*")]
    if command.values.get("user-agent") == "":
        del own[1]
    if "compressed" in command.flags:
        own.append(("Accept-Encoding", COMPRESSED))
    if length is not None:
        own.append(("Content-Length", str(length)))
    if transfer.chunked:
        own.append(("Transfer-Encoding", "chunked"))
    skipped = (transfer.settled | {name.lower() for name, _ in transfer.request.headers}) - _FRAMING
    return [(name, value) for name, value in own if name.lower() not in skipped] + list(transfer.request.headers)


def _headers(given: Sequence[str], read: Read) -> list[_Header]:
    """`Name: value` adds, `Name:` takes away, `Name;` sends it empty; all else is passed over, as curl does."""
    lines: list[str] = []
    for text in given:
        lines += read(text[1:]).decode("latin-1").splitlines() if text.startswith("@") else [text]
    found: list[_Header] = []
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            found.append(_Header(name.strip(), value.strip() or None))
        elif match := re.fullmatch(r"([^;]+);\s*", line):
            found.append(_Header(match[1], ""))
    return found


def _body(pieces: Sequence[Data], read: Read, *, in_query: bool) -> tuple[bytes | None, str | None]:
    """The body as bytes, or the one file that it is; bytes when they go `in_query`."""
    if not pieces:
        return None, None
    option, text = pieces[0]
    if len(pieces) == 1 and option in ("data-binary", "json") and text.startswith("@") and not in_query:
        return None, text[1:]
    body = b""
    for number, piece in enumerate(pieces):
        joint = b"&" if number and piece.option != "json" else b""
        body += joint + _piece(piece, read)
    return body, None


def _piece(piece: Data, read: Read) -> bytes:
    option, text = piece
    if option == "data-urlencode":
        return _urlencoded(text, read).encode()
    if option == "data-raw" or not text.startswith("@"):
        return text.encode("utf-8", "surrogateescape")
    content = read(text[1:])
    if option in ("data", "data-ascii"):
        content = content.translate(None, b"\r\n\0")  # curl takes line ends out of what -d reads from a file
    return content


def _urlencoded(text: str, read: Read) -> str:
    """`content`, `=content`, `name=content`, `@file` or `name@file`."""
    match = re.match("[=@]|[^=@]*[=@]", text)
    name, mark = (match[0][:-1], match[0][-1]) if match else ("", "")
    rest = text[match.end() :] if match else text
    content = read(rest) if mark == "@" else rest.encode("utf-8", "surrogateescape")
    return (f"{name}=" if name else "") + quote_plus(content, safe="")


def _encoded_query(text: str) -> str:
    """--url-query: with + in front it goes as it is."""
    return text[1:] if text.startswith("+") else _urlencoded(text, _no_file)


def _no_file(name: str) -> bytes:
    raise CurlError(CurlCode.USAGE, f"--url-query @{name} is not taken here", "write the text itself")


def _output(given: str | None, url: URL, parts: tuple[str, ...]) -> str | None:
    """The file's name: of -o with #1 filled in, or the last part of the path for -O."""
    if given is None or given == "-":
        return None
    if given:
        return re.sub(
            "#([1-9])", lambda match: parts[int(match[1]) - 1] if int(match[1]) <= len(parts) else match[0], given
        )
    name = url.path.rpartition("/")[2]
    if not name:
        raise CurlError(CurlCode.WRITE, f"-O finds no file's name in {url}", "write -o FILE")
    return name


def redirected(command: Command, transfer: Transfer, location: str, status: int) -> Transfer:
    """The transfer that a reply's `location`, made absolute, leads to. 301, 302 and 303 make a GET of a POST unless -X fixes
    the method; credentials go to no other host. Raises CurlError for a URL of another kind."""
    url = parse_url(location, as_is=True)
    request = transfer.request
    body, body_file, method, headers = request.body, request.body_file, request.method, request.headers
    turned = status == 303 or (status in (301, 302) and method == "POST")
    if turned:
        body = body_file = None
        headers = tuple(pair for pair in headers if pair != ("Content-Type", FORM))
        if "request" not in command.values and method != "HEAD":
            method = "GET"
    if (url.scheme, url.host, url.number) != (transfer.url.scheme, transfer.url.host, transfer.url.number):
        headers = tuple(pair for pair in headers if pair[0].lower() not in ("authorization", "cookie", "host"))
    moved = Request(method, url.path, _pairs(url), headers, body, body_file)
    return replace(transfer, url=url, request=moved, chunked=transfer.chunked and not turned)
