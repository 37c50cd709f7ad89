"""What -w prints after a transfer. Source: curl(1), --write-out; times have six decimals, as curl's."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLACE = re.compile(r"%(?:\{(?P<name>[^}]*)\}|(?P<percent>%))|\\(?P<escape>[nrt])")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
UNTOLD = {
    "remote_ip",
    "remote_port",
    "local_ip",
    "local_port",
    "header_json",
    "json",
    "certs",
    "num_certs",
    "referer",
}  # by us
_HEADER = re.compile(r"header\{(.*)")


def write_out(text: str, values: Mapping[str, str], headers: Mapping[str, str]) -> tuple[str, str, list[str]]:
    """(for standard output, for standard error, names that are unknown). `headers`: of the reply, names in lower case."""
    shown = {"stdout": "", "stderr": ""}
    unknown: list[str] = []
    where, at = "stdout", 0
    text = re.sub(r"%header\{([^}]*)\}", r"%{header{\1}", text)
    for match in _PLACE.finditer(text):
        shown[where] += text[at : match.start()]
        at = match.end()
        name = match["name"]
        if match["percent"]:
            shown[where] += "%"
        elif match["escape"]:
            shown[where] += _ESCAPES[match["escape"]]
        elif name in shown:
            where = name
        elif name == "onerror":
            if values["exitcode"] == "0":
                return shown["stdout"], shown["stderr"], unknown
        elif header := _HEADER.fullmatch(name):
            shown[where] += headers.get(header[1].lower(), "")
        elif name in values:
            shown[where] += values[name]
        else:
            unknown.append(name)
    shown[where] += text[at:]
    return shown["stdout"], shown["stderr"], unknown
