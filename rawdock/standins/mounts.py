"""`-v`, `--mount` and `--tmpfs` to what the daemon wants. Source: docker/cli opts/mount.go, cli/compose/loader/volume.go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ..errors import UsageError
from ..text.units import bytes_of

_NAMES = {"src": "source", "dst": "target", "destination": "target", "ro": "readonly"}
_YES = {"": True, "1": True, "true": True, "0": False, "false": False}
_TYPES = ("bind", "volume", "tmpfs", "npipe", "cluster", "image")


class Volumes(NamedTuple):
    """`binds`: for HostConfig.Binds. `places`: paths in the container that get a volume without a name."""

    binds: list[str]
    places: list[str]


def volumes(words: Iterable[str], absolute: Callable[[str], str]) -> Volumes:
    """What the words of `-v` name. `absolute` makes a relative path of this machine absolute. Raises UsageError."""
    found = Volumes([], [])
    for word in words:
        source, colon, rest = word.partition(":")
        if not word or (colon and (not source or not rest)) or rest.count(":") > 1:
            raise UsageError(f"-v {word!r} is no volume", "write [SOURCE:]TARGET[:OPTIONS], such as /data:/data:ro")
        if not colon:
            _require_absolute(word, f"-v {word!r}")
            found.places.append(word)
            continue
        _require_absolute(rest.partition(":")[0], f"-v {word!r}")
        is_path = source.startswith((".", "~", "/"))
        found.binds.append(f"{absolute(source) if is_path else source}:{rest}")
    return found


def mounts(words: Iterable[str], absolute: Callable[[str], str]) -> list[dict[str, Any]]:
    """HostConfig.Mounts, from the words of `--mount`. Raises UsageError for an unknown field, and a target that is missing."""
    return [_mount(word, absolute) for word in words]


def tmpfs(words: Iterable[str]) -> dict[str, str]:
    """{"/run": "size=64m"}: HostConfig.Tmpfs, from the words of `--tmpfs`."""
    found: dict[str, str] = {}
    for word in words:
        place, _, options = word.partition(":")
        _require_absolute(place, f"--tmpfs {word!r}")
        found[place] = options
    return found


def _mount(word: str, absolute: Callable[[str], str]) -> dict[str, Any]:
    fields: dict[str, str] = {}
    driver: dict[str, str] = {}
    for part in _fields(word):
        name, _, value = part.partition("=")
        name = name.strip().lower()
        name = _NAMES.get(name, name)
        if name == "volume-opt":
            option, _, setting = value.partition("=")
            driver[option] = setting
        else:
            fields[name] = value.strip()
    kind = fields.pop("type", "volume").lower()
    if kind not in _TYPES:
        raise UsageError(f"--mount {word!r}: type {kind!r}", f"types are {', '.join(_TYPES)}")
    target = fields.pop("target", "")
    _require_absolute(target, f"--mount {word!r}: target")
    mount: dict[str, Any] = {"Type": kind, "Target": target}
    if source := fields.pop("source", ""):
        mount["Source"] = absolute(source) if kind == "bind" else source
    elif kind == "bind":
        raise UsageError(f"--mount {word!r} has no source", "write source=/PATH")
    for name, value in fields.items():
        _set(mount, name, value, word)
    if driver or "_driver" in mount:
        config = {"Name": mount.pop("_driver", ""), "Options": driver}
        mount.setdefault("VolumeOptions", {})["DriverConfig"] = config
    return mount


def _fields(word: str) -> list[str]:
    """The fields of a line of CSV, which docker takes it for: one in double quotes may have commas. Raises UsageError."""
    if '"' not in word:
        return word.split(",")
    import csv

    try:
        return next(csv.reader([word], strict=True))
    except csv.Error as error:
        raise UsageError(
            f"--mount {word!r}: {error}", 'write a field with a comma as "NAME=A,B", quotes around it'
        ) from None


def _set(mount: dict[str, Any], name: str, value: str, word: str) -> None:
    if name == "readonly":
        mount["ReadOnly"] = _yes(value, word)
    elif name == "consistency":
        mount["Consistency"] = value
    elif name == "bind-propagation":
        mount.setdefault("BindOptions", {})["Propagation"] = value
    elif name == "bind-nonrecursive":
        mount.setdefault("BindOptions", {})["NonRecursive"] = _yes(value, word)
    elif name == "bind-create-src":
        mount.setdefault("BindOptions", {})["CreateMountpoint"] = _yes(value, word)
    elif name == "volume-nocopy":
        mount.setdefault("VolumeOptions", {})["NoCopy"] = _yes(value, word)
    elif name == "volume-subpath":
        mount.setdefault("VolumeOptions", {})["Subpath"] = value
    elif name == "volume-label":
        label, _, setting = value.partition("=")
        mount.setdefault("VolumeOptions", {}).setdefault("Labels", {})[label] = setting
    elif name == "volume-driver":
        mount["_driver"] = value
    elif name == "tmpfs-size" and (size := bytes_of(value)) is not None:
        mount.setdefault("TmpfsOptions", {})["SizeBytes"] = size
    elif name == "tmpfs-mode" and value and set(value) <= set("01234567"):
        mount.setdefault("TmpfsOptions", {})["Mode"] = int(value, 8)
    else:
        known = "type, source, target, readonly, bind-propagation, volume-nocopy, volume-opt, tmpfs-size, tmpfs-mode and so on"
        raise UsageError(f"--mount {word!r}: {name}={value}", f"fields are {known}")


def _yes(value: str, word: str) -> bool:
    if value.lower() not in _YES:
        raise UsageError(f"--mount {word!r}: {value!r} is neither true nor false", "write true or false")
    return _YES[value.lower()]


def _require_absolute(place: str, what: str) -> None:
    if not place.startswith("/") and not (len(place) > 2 and place[1] == ":"):  # C:\ of a Windows container
        raise UsageError(f"{what}: {place!r} is no absolute path in the container", "begin it with /")
