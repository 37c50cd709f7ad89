"""A request as the curl command line that does the same, for any POSIX shell.

Source: curl(1); what it sends was recorded with 7.88.1. `-T` sends a file as it is and names no Content-Type, where
`--data-binary` would name a form's.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from urllib.parse import urlencode

from ..endpoint import Endpoint, Scheme
from ..errors import UsageError
from ..request import Request, needs_version

LONGEST_WORD = 100_000  # bytes; Linux takes 128 KiB for one word of a command line
_STREAMS = re.compile(r"/(events|logs|stats|attach|wait|build|load|push|images/create)$")
_GLOBBED = re.compile(r"[\[\]{}]")


def curl_line(
    endpoint: Endpoint,
    request: Request,
    api_version: str | None = None,
    options: Sequence[str] = ("-sS",),
    *,
    in_one: bool = False,
) -> str:
    """The line that sends `request` to `endpoint` by curl. `api_version` ("1.41") goes in front of a path that has none.
    `options` are words of curl's to put first. `in_one`: a body of several lines is not shown as such, so the line is one.
    Raises UsageError for an endpoint that curl cannot reach."""
    words = ["curl", *options]
    if _STREAMS.search(request.path.partition("?")[0]):
        words.append("-N")  # a stream is shown as it comes
    words += _where(endpoint)
    url = _url(endpoint, request, api_version)
    fed, body = _body(request, url, "" if in_one else "\n\t")
    words += _method(request, body)
    if _GLOBBED.search(url + (request.body_file or "")):
        words.append("-g")
    for name, value in request.headers:
        words += ["-H", f"{name}: {value}" if value.strip() else f"{name};"]
    for name in request.without:
        words += ["-H", f"{name}:"]
    words += body
    return fed + shlex.join([*words, url])


def _where(endpoint: Endpoint) -> list[str]:
    if endpoint.scheme is Scheme.UNIX:
        return ["--unix-socket", endpoint.address]
    if endpoint.scheme is not Scheme.TCP:
        raise UsageError(
            f"{endpoint}: curl speaks to a socket or over TCP, not by {endpoint.scheme.value}",
            "forward the daemon's socket (docs/ssh.md), and name that",
        )
    words = ["--noproxy", "*"]  # rawdock heeds no proxy
    if files := endpoint.tls:
        words += [] if files.verify else ["-k"]  # as the endpoint asks for
        cert = files.cert and re.sub(r"([\\:])", r"\\\1", files.cert)  # a bare colon would begin a password
        for option, path in (("--cacert", files.ca), ("--cert", cert), ("--key", files.key)):
            if path is not None:
                words += [option, path]
    return words


def _url(endpoint: Endpoint, request: Request, api_version: str | None) -> str:
    version = f"/v{api_version}" if api_version is not None and needs_version(request.path) else ""
    scheme = "http" if endpoint.tls is None else "https"
    query = "?" + urlencode(request.query, errors="surrogateescape") if request.query else ""
    authority = endpoint.authority
    if "%" in endpoint.address:  # an IPv6 zone, which a Host header leaves out and a URL escapes (RFC 6874)
        authority = f"[{endpoint.address.replace('%', '%25')}]:{endpoint.port}"
    return f"{scheme}://{authority}{endpoint.prefix}{version}{request.path}{query}"


def _method(request: Request, body: list[str]) -> list[str]:
    if request.method == "HEAD" and not body:
        return ["-I"]
    implied = "GET" if not body else "PUT" if body[0] == "-T" else "POST"
    return [] if request.method == implied else ["-X", request.method]


def _body(request: Request, url: str, white: str) -> tuple[str, list[str]]:
    """What feeds curl's standard input, "" or a command and a pipe, and curl's words for the body. `white`: what may stand in
    a word beside what is printable."""
    typed = any(name.lower() == "content-type" for name, _ in request.headers)
    untyped = [] if typed else ["-H", "Content-Type:"]  # else curl would name a form's
    if request.body_file is not None:
        name = request.body_file
        if url.partition("?")[0].endswith("/"):
            return "", ["--data-binary", f"@{name}", *untyped]  # -T would put the file's name behind the slash
        return "", ["-T", f"./{name}" if name == "." else name]
    if request.body is None:
        return "", []
    text = _plain(request.body, white)
    if text is None:
        return printf(request.body), ["--data-binary", "@-", *untyped]
    return "", ["--data-raw" if text.startswith("@") else "--data-binary", text, *untyped]


def _plain(body: bytes, white: str) -> str | None:
    """The body as text that can stand in a word, None where it cannot, or would steer a terminal."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    fits = len(body) <= LONGEST_WORD and all(ch.isprintable() or ch in white for ch in text)
    return text if fits else None


def printf(body: bytes) -> str:
    """The command that feeds `body` to the next: octal escapes are the ones that every shell's printf(1) knows."""
    text = "".join(chr(byte) if 32 <= byte < 127 and byte not in b"%\\" else f"\\{byte:03o}" for byte in body)
    return f"printf -- {shlex.quote(text)} | " if text.startswith("-") else f"printf {shlex.quote(text)} | "
