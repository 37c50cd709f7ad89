"""The operations that came after API 1.25, each with the version that brought it.

Source: the Engine API specifications 1.25 to 1.56; whatever is not in this table is in 1.25.
"""

from typing import NamedTuple


class LateOperation(NamedTuple):
    """An operation of the Engine API by its operationId. `since`: (major, minor)."""

    id: str
    method: str
    path: str
    since: tuple[int, int]


OPERATIONS = (
    LateOperation("PluginUpgrade", "POST", "/plugins/{name}/upgrade", (1, 26)),
    LateOperation("SecretUpdate", "POST", "/secrets/{id}/update", (1, 26)),
    LateOperation("TaskLogs", "GET", "/tasks/{id}/logs", (1, 29)),
    LateOperation("ConfigList", "GET", "/configs", (1, 30)),
    LateOperation("ConfigCreate", "POST", "/configs/create", (1, 30)),
    LateOperation("ConfigDelete", "DELETE", "/configs/{id}", (1, 30)),
    LateOperation("ConfigInspect", "GET", "/configs/{id}", (1, 30)),
    LateOperation("ConfigUpdate", "POST", "/configs/{id}/update", (1, 30)),
    LateOperation("DistributionInspect", "GET", "/distribution/{name}/json", (1, 30)),
    LateOperation("BuildPrune", "POST", "/build/prune", (1, 31)),
    LateOperation("Session", "POST", "/session", (1, 31)),
    LateOperation("SystemPingHead", "HEAD", "/_ping", (1, 40)),
    LateOperation("VolumeUpdate", "PUT", "/volumes/{name}", (1, 42)),
    LateOperation("ImageAttestations", "GET", "/images/{name}/attestations", (1, 55)),
)


def late_operation(method: str, path: str) -> LateOperation | None:
    """The operation that `method` and `path` (no version, no query) ask for, if it came after API 1.25."""
    folder = path.split("/", 2)[1]
    if folder not in _FOLDERS:
        return None
    return next((late for late in OPERATIONS if late.method == method and has_form(late.path, path)), None)


_FOLDERS = {operation.path.split("/", 2)[1] for operation in OPERATIONS}


def has_form(pattern: str, path: str) -> bool:
    """Whether `path` has the form of `pattern`, which holds one placeholder at most. Names may hold slashes
    ("library/alpine"), IDs may not (moby routes `{name:.*}`)."""
    before, _, rest = pattern.partition("{")
    if not rest:
        return path == pattern
    kind, _, after = rest.partition("}")
    filled = path[len(before) : len(path) - len(after)]
    return bool(filled) and path == before + filled + after and (kind == "name" or "/" not in filled)
