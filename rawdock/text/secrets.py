"""Secrets blanked in what is shown or written down: headers, URLs, and bodies as text, which may be cut anywhere.

A body is changed by its text and not parsed: it may be a stream of documents, or end in the middle of one, and what holds no
secret has to come out as it went in. Source: moby's swagger (AuthConfig, SwarmSpec, Secret, BuildInfo) and its CLI.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

BLANK = "…"
SHORT = 256  # characters
_HEADERS = {
    "x-registry-auth",
    "x-registry-config",
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
}
_KEYS = r"password|auth|identitytoken|registrytoken|unlockkey|jointoken|signingcakey|secret"
# of a variable's, a header's or an option's name
_TELLING = r"passw|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential"
_STEMS = (  # each of these names has one
    *("passw", "secret", "token", "credential"),
    *(f"{kind}{dash}key" for kind in ("api", "access", "private") for dash in ("", "_", "-")),
)
_NOT_SECRET = {"secretid", "secretname"}  # what the daemon calls a secret by
_STRING = r'"((?:[^"\\]|\\.)*)("|\Z|\\\Z)'  # a JSON string, or one that was cut
_PAIR = re.compile(rf'"([\w.-]+)"(\s*:\s*){_STRING}', re.DOTALL)
_SETTING = re.compile(r'"(-*[A-Za-z_][\w.-]*)=((?:[^"\\]|\\.)*)("|\Z|\\\Z)', re.DOTALL)
_SWARM = re.compile(r"SWM(?:TKN|KEY)-[\w-]+")
_WORD = re.compile(  # an option's value, as the next of a list
    rf'"(-{{1,2}}[\w-]{{0,64}}?(?:{_TELLING})[\w-]{{0,64}}"\s*,\s*"){_STRING[1:]}', re.IGNORECASE | re.DOTALL
)
_NAMED = re.compile(  # NAME=VALUE anywhere else: in a shell's line, a mount's options, a query; true and 0 are no secrets
    rf"""(?<![\w.-])([\w.-]{{0,64}}?(?:{_TELLING})[\w.-]{{0,64}}=)(?!(?:true|false|[01])(?:[&\s"]|$))[^\s&,;"'\\]+""",
    re.IGNORECASE,
)
_QUERY = re.compile(r"([?&](?:buildargs|X-Registry-\w+)=)[^& ]*", re.IGNORECASE)
_USER = re.compile(r"(://|%3A%2F%2F)[^/@\s&\"]*?(@|%40)", re.IGNORECASE)


def without_secrets(text: str) -> str:
    """A request line or a value without build arguments, and without user and password before an @."""
    return _short(text) if len(text) < SHORT else _blanked(text)


def _blanked(text: str) -> str:
    return _USER.sub(rf"\1{BLANK}\2", _NAMED.sub(rf"\1{BLANK}", _QUERY.sub(rf"\1{BLANK}", text)))


_short = lru_cache(256)(_blanked)  # the same headers and paths come again and again


@lru_cache(256)
def is_secret_header(name: str) -> bool:
    """Whether its value is one: Docker's and HTTP's own, and those of a proxy before the daemon, such as X-Api-Key."""
    return name.lower() in _HEADERS or re.search(_TELLING, name, re.IGNORECASE) is not None


def headers_without_secrets(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, BLANK if is_secret_header(name) else without_secrets(value)) for name, value in headers]


def body_without_secrets(body: bytes, target: str = "") -> bytes:
    """A body with the values of passwords, tokens and keys blanked, of an environment too; one that is no text comes back as
    it is. `target` is its request's: the Data of a secret is the secret itself."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        if error.start < len(body) - 3:  # else a character was cut at the end
            return body
        text = body.decode(errors="ignore")
    small = text.lower()
    data = re.search(r"/secrets(/|$)", target.partition("?")[0]) is not None

    def pair(match: re.Match[str]) -> str:
        name = match[1].lower()
        if not _is_secret(name) and not (data and name == "data"):
            return match[0]
        return f'"{match[1]}"{match[2]}"{BLANK if match[3] else ""}{_end(match[4])}'

    def setting(match: re.Match[str]) -> str:
        telling = re.search(_TELLING, match[1], re.IGNORECASE)
        return f'"{match[1]}={BLANK}{_end(match[3])}' if telling else match[0]

    def word(match: re.Match[str]) -> str:
        return f'"{match[1]}{BLANK}{_end(match[3])}'

    found = _SWARM.sub(BLANK, _SETTING.sub(setting, _PAIR.sub(pair, text)))
    if any(stem in small for stem in _STEMS):  # else 10 times as long for most bodies
        found = _NAMED.sub(rf"\1{BLANK}", _WORD.sub(word, found))
    found = _USER.sub(rf"\1{BLANK}\2", found)
    return body if found == text else found.encode()


def _is_secret(name: str) -> bool:
    return re.fullmatch(_KEYS, name) is not None or (name not in _NOT_SECRET and re.search(_TELLING, name) is not None)


def _end(quote: str) -> str:
    return '"' if quote == '"' else ""
