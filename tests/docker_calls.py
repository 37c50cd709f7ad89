"""Calls of the Engine API that can be compared: those that `rawdock explain` tells, and those that a client made.

Two are alike where the daemon does the same for both. What is taken for the same stands in the tables below.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from test_explain import explain

from rawdock.catalogue.operations import Operation, Parameter, operation_of, version_pair

# What the CLI sends without having been told, and the daemon does without being sent: by the object that holds it.
UNASKED: dict[str, dict[str, Any]] = {
    "HostConfig": {"NetworkMode": "default", "MemorySwappiness": -1},
    "": {"Detach": True, "CheckDuplicate": True},  # of an exec, which has no such field; of a network, until API 1.44
}
# The classic builder of 20.10 sends every parameter.
UNASKED_BY_BUILD = {"", "0", "[]", "{}", "null", "default"}
SIZE = "ConsoleSize"  # of the terminal that it was called from
KEYS = {"Tmpfs", "Volumes", "ExposedPorts", "Labels"}  # objects whose names say something without a value
HEADERS = ("X-Registry-Auth", "Upgrade")


class Call(NamedTuple):
    method: str
    path: str
    query: dict[str, Any]
    body: Any
    headers: list[str]


class Asked(NamedTuple):
    """A call that explain tells. `instead`: what may be asked in its place; `perhaps`: whether it may be missing."""

    call: Call
    instead: Call | None = None
    perhaps: bool = False


def call(method: str, target: str, body: bytes, headers: list[str], version: str) -> Call:
    """`version`: the API's that was spoken; parameters that came later are left out."""
    path, _, query = target.partition("?")
    operation = operation_of(method, path)
    assert operation, f"{method} {path}"
    pairs: dict[str, Any] = {}
    for name, value in parse_qsl(query):
        parameter = next((one for one in operation.parameters if one.name == name), None)
        if parameter is None or not _says_nothing(operation, parameter, value, version):
            pairs[name] = _plain(name, value)
    try:
        document = meaningful(json.loads(body)) if body else None
    except ValueError:
        document = "bytes"
    return Call(method, unquote(path), pairs, document, sorted(headers))


def _says_nothing(operation: Operation, parameter: Parameter, value: str, version: str) -> bool:
    if version and parameter.since and version_pair(version) < parameter.since:
        return True
    if operation.id == "ImageBuild" and value in UNASKED_BY_BUILD:
        return True
    default = json.loads(parameter.default or "null")
    if isinstance(default, bool):
        return default == (value in ("1", "true"))
    return str(default).removeprefix("SIG") == value.removeprefix("SIG")


def _plain(name: str, value: str) -> Any:
    """Filters have two forms, JSON has spaces, a name of Docker Hub's has a long form, and a signal one without SIG."""
    if name == "filters":
        return {key: sorted(values) for key, values in json.loads(value).items()}
    if value.startswith("{"):
        return json.loads(value)
    return value.removeprefix("docker.io/library/")


def meaningful(value: Any, name: str = "") -> Any:
    """Without what says nothing: null, false, 0, "", and objects and lists of nothing else."""
    if isinstance(value, dict):
        unasked = UNASKED.get(name, {})
        rest = {key: part for key, part in value.items() if key != SIZE and unasked.get(key, ...) != part}
        found = {key: part if name in KEYS else meaningful(part, key) for key, part in rest.items()}
        return {key: part for key, part in found.items() if part or name in KEYS}
    if isinstance(value, list):
        return [meaningful(part, name) for part in value] if any(value) else []
    return value


def told(words: list[str], version: str) -> list[Asked]:
    """What `rawdock explain` prints, read."""
    code, text, err = explain("docker", *words)
    assert (code, err) == (0, "")
    text, _, beside = text.partition("\nas curl")[0].partition("\nthe docker CLI asks besides, for its own sake\n")
    blocks = re.split(r"^\d+\. ", text, flags=re.MULTILINE)[1:]
    asides = re.findall(r"^   (?:before (\d+)|at the end): (\w+) (\S+): .+$", beside, re.MULTILINE)
    assert len(asides) == len(beside.splitlines())
    names: dict[str, str] = {}
    found: list[Asked] = []
    for place, block in enumerate([*blocks, ""], 1):
        for _, method, target in (one for one in asides if int(one[0] or len(blocks) + 1) == place):
            found.append(Asked(call(method, _named(target, names), b"", [], version)))
        if block:
            found.append(_read(block, names, version))
    return found


def _read(block: str, names: dict[str, str], version: str) -> Asked:
    method, target = block.splitlines()[0].split(" ", 1)
    target = _named(target, names)
    if saved := re.search(r"gives Id, which is (\{\w+\})", block):
        looked = re.fullmatch(r"/containers/([^/]+)/json", target)
        names[saved[1]] = looked[1] if looked else saved[1]
    headers = [
        name for name in HEADERS if f"header {name}" in block or (name == "Upgrade" and "by an upgrade" in block)
    ]
    body = re.search(r"^   body (.*)$", block, re.MULTILINE)
    made = call(method, target, body[1].encode() if body else b"", headers, version)
    other = re.search(r"if that is no folder: path=(\S+),", block)
    instead = made._replace(query={**made.query, "path": unquote(other[1])}) if other else None
    return Asked(made, instead, "if nothing had that name yet" in block)


def _named(target: str, names: dict[str, str]) -> str:
    return re.sub(r"\{\w+\}", lambda found: names.get(found[0], found[0]), target)
