"""What is run inside a container that the daemon lets us exec in: Python where there is one, else a script for sh."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from . import dns
from .inside import address_of

_IMPORT = re.compile(r"^from \.(\w+) import ", re.MULTILINE)  # what is for the type checker alone is indented
_LOADER = """import sys, types
package = types.ModuleType("probe")
package.__path__ = []
sys.modules["probe"] = package
for name, source in SOURCES:
    module = types.ModuleType("probe." + name)
    module.__package__ = "probe"
    sys.modules[module.__name__] = module
    exec(compile(source, name + ".py", "exec"), module.__dict__)
sys.modules["probe.inside"].main()
"""


def python_command(words: Sequence[str]) -> list[str]:
    """For Python 3.7 and later. The words are the agent's, and so are the lines that it prints."""
    return ["python3", "-c", f"SOURCES = {_sources()!r}\n{_LOADER}", *words]


@cache
def _sources() -> list[tuple[str, str]]:
    """inside.py after the modules that it imports, so that each is there when it is asked for."""
    found: dict[str, str] = {}
    _add("inside", found)
    return list(found.items())


def _add(name: str, found: dict[str, str]) -> None:
    source = _text(f"{name}.py")
    for imported in _IMPORT.findall(source):
        if imported not in found:
            _add(imported, found)
    found[name] = source


def _text(name: str) -> str:
    return (files("rawdock.probe") / name).read_text("utf-8")


def shell_command(words: Sequence[str]) -> list[str]:
    """For sh with timeout, with bash or nc, and nslookup for names; it ends with 127 where they are missing."""
    seconds = 0
    asks: list[str] = []
    for index, word in enumerate(words, 1):
        name, _, value = word.partition("=")
        if name == "timeout":
            seconds = max(seconds, -(-int(value) // 1000))
        elif name not in ("listen", "after"):
            asks.append(f"{index} {_plain(name, value)}")
    return ["sh", "-c", _text("inside.sh"), "sh", str(seconds or 2), *asks]


def _plain(name: str, value: str) -> str:
    """A word as a shell can use it."""
    if name == "file":
        return f"file {value}"
    if name == "diag":
        return "diag"
    address, *rest = value.split(",")
    if name == "udp" and (asked := dns.name_in(bytes.fromhex(rest[1]))):
        return f"dns {address_of(address)} {asked}"
    return f"{name} {address_of(address)} {' '.join(rest)}"
