"""A URL as curl takes it: one to three slashes after `http:`, a scheme that may be missing, lists in {} and [].

Source: curl(1), "URL" and "GLOBBING", and what 7.88.1 was seen to send. Beyond ASCII it percent-encodes the path and sends a
query raw; here both are encoded, as newer ones do.
"""

from __future__ import annotations

import re
from itertools import product
from typing import NamedTuple
from urllib.parse import unquote

from .exit_codes import CurlCode, CurlError, malformed

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(/+)")
_RANGE = re.compile(r"(?:(?P<low>\d+)-(?P<high>\d+)|(?P<first>[A-Za-z])-(?P<last>[A-Za-z]))(?::(?P<step>[1-9]\d*))?")
_IPV6 = re.compile(r"\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[^\]]*)?\]")
_LITERAL = re.compile(r"(?:\\[{}\[\]]|[^{}\[\]\\]|\\)+")
MOST = 10_000  # URLs that one may stand for
DEFAULT_PORTS = {"http": 80, "https": 443}


class URL(NamedTuple):
    """`user`: "name:password", "" for none. `port` None is the scheme's own. `path` and `query` go out as they are; `query`
    has its "?", or is "". `slashes` is how many stood behind the scheme's colon, 0 where there was no scheme."""

    scheme: str
    user: str
    host: str
    port: int | None
    path: str
    query: str
    slashes: int

    @property
    def target(self) -> str:
        return self.path + self.query

    @property
    def number(self) -> int:
        """The port."""
        return self.port or DEFAULT_PORTS[self.scheme]

    @property
    def authority(self) -> str:
        """The Host header's value: no port where it is the scheme's own."""
        host = f"[{self.host.partition('%')[0]}]" if ":" in self.host else self.host
        return host if self.number == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def without_user(text: str) -> str:
    """The URL as it may be shown: without the user and the password in front of its host."""
    return re.sub(r"(^|//)[^/?#@]*@", r"\1", text, count=1)


def parse_url(text: str, *, as_is: bool = False) -> URL:
    """Raises CurlError: 3 for what is no URL, 1 for a scheme of another kind. `as_is` keeps /../ and /./ in the path."""
    named = f"the URL {without_user(text)!r}"
    if bad := next((ch for ch in text if ch <= " " or ch == "\x7f"), None):
        raise malformed(f"{named} holds {bad!r}", "percent-encode it, a space is %20")
    scheme, slashes, rest = "http", 0, text
    if match := _SCHEME.match(text):
        scheme, slashes, rest = match[1].lower(), len(match[2]), text[match.end() :]
    if scheme not in DEFAULT_PORTS:
        raise CurlError(
            CurlCode.UNSUPPORTED_PROTOCOL,
            f"{named} has the scheme {scheme!r}, expected http or https",
            "a Unix socket is named by --unix-socket, and the URL then begins with http://localhost/",
        )
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    if slashes > 3 or not authority:
        path = "/" + rest.lstrip("/")
        raise malformed(f"{named} names no host", f"write {scheme}://localhost{path}")
    path, mark, query = rest[len(authority) :].partition("#")[0].partition("?")
    user, _, place = authority.rpartition("@")
    host, port = _place(place, named)
    path = _encoded(path) or "/"
    return URL(
        scheme, unquote(user), host, port, path if as_is else _without_dots(path), _encoded(mark + query), slashes
    )


def _place(place: str, named: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+(?:%[^\]]+)?)\]|(?P<name>[^:\[\]]+))(?::(?P<port>\d*))?", place)
    if not match:
        raise malformed(f"{named} has the host and port {place!r}", "write HOST or HOST:PORT, [::1]:PORT for IPv6")
    if match["port"] and int(match["port"]) > 65535:
        raise malformed(f"{named} has the port {match['port']}", "a port is at most 65535")
    host = (match["ipv6"] or "").replace("%25", "%") or unquote(match["name"] or "")
    return host, int(match["port"]) if match["port"] else None


def _encoded(text: str) -> str:
    octets = text.encode("utf-8", "surrogateescape")
    return "".join(chr(octet) if octet < 128 else f"%{octet:02x}" for octet in octets)


def _without_dots(path: str) -> str:
    """RFC 3986 section 5.2.4."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


class Globbed(NamedTuple):
    """A URL out of a pattern, and what stands in the place of each list, for #1 in a file's name."""

    text: str
    parts: tuple[str, ...]


def expand(pattern: str) -> list[Globbed]:
    """The URLs that a pattern with {one,two} and [1-3] stands for. Raises CurlError 3 where brackets do not pair."""
    places: list[tuple[bool, list[str]]] = []
    at = 0
    while at < len(pattern):
        choices, end = _list_at(pattern, at)
        if choices is not None:
            places.append((True, choices))
        else:
            literal = _IPV6.match(pattern, at) or _LITERAL.match(pattern, at)
            if literal is None:
                raise _unpaired(pattern, at)
            end = literal.end()
            places.append((False, [re.sub(r"\\([{}\[\]])", r"\1", literal[0])]))
        at = end
    size = 1
    for _, choices in places:
        size *= len(choices)
    if size > MOST:
        raise malformed(f"the URL {without_user(pattern)!r} stands for {size} URLs, at most {MOST} are asked")
    lists = [number for number, (is_list, _) in enumerate(places) if is_list]
    return [
        Globbed("".join(chosen), tuple(chosen[number] for number in lists))
        for chosen in product(*(choices for _, choices in places))
    ]


def _list_at(pattern: str, at: int) -> tuple[list[str] | None, int]:
    """What the {} or [] that begins there offers, and where it ends; None where none begins."""
    if pattern[at] == "{":
        inside, brace, _ = pattern[at + 1 :].partition("}")
        if not brace or not inside or any(ch in inside for ch in "{[]"):
            raise _unpaired(pattern, at)
        return inside.split(","), at + len(inside) + 2
    if pattern[at] != "[" or _IPV6.match(pattern, at):
        return None, at
    inside, bracket, _ = pattern[at + 1 :].partition("]")
    if not bracket or not (match := _RANGE.fullmatch(inside)):
        raise _unpaired(pattern, at)
    return _range(match), at + len(inside) + 2


def _range(match: re.Match[str]) -> list[str]:
    step = int(match["step"] or 1)
    if match["low"] is None:
        return [chr(code) for code in range(ord(match["first"]), ord(match["last"]) + 1, step)]
    width = len(match["low"]) if match["low"].startswith("0") else 0
    numbers = range(int(match["low"]), int(match["high"]) + 1, step)
    return [str(number).zfill(width) for number in numbers[: MOST + 1]]


def _unpaired(pattern: str, at: int) -> CurlError:
    return malformed(
        f"the URL {without_user(pattern)!r} has a {pattern[at]!r} at position {at} that begins or ends no list of URLs",
        "give -g, so that curl takes {} and [] as they are, or percent-encode them: %5B %5D %7B %7D",
    )
