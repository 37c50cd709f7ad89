"""The architecture's floors: a module imports from its own folder and from floors below, lazy imports included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "rawdock"
FLOORS = [  # lowest first; a name is a module or a folder of the package
    {"errors"},
    {"wire", "endpoint", "catalogue", "request", "text"},
    {"standins", "har"},
    {"curl"},
    {"discovery"},
    {"net", "registry"},
    {"connection"},
    {"pool"},
    {"client", "httpx_transport", "requests_adapter"},
    {"certificates", "ssh_steps"},
    {"tls_diagnosis"},
    {"probe", "doctor", "parity", "tap", "replay"},
    {"quick_dial"},
    {"cli", "quick"},
]
PURE = {"errors", "wire", "endpoint", "catalogue", "request", "text", "standins", "curl", "har"}
IO = {
    "anyio",
    "asyncio",
    "socket",
    "_socket",
    "_thread",
    "ssl",
    "subprocess",
    "httpx",
    "threading",
    "os",
    "time",
    "pathlib",
    "select",
    "selectors",
}
IO_PARTS_OF_PROBE = {  # all else is pure, and imports none of these
    "attempts",
    "clean",
    "container_helpers",
    "docker_route",
    "error_queue",
    "exec_scripts",
    "execs",
    "helper",
    "inside",
    "many",
    "matrix",
    "measure",
    "news",
    "passes",
    "meanwhile",
    "policy_http",
    "reading",
    "rehearsal",
    "route",
    "sock_diag",
    "sweep",
    "this_machine",
    "waiting",
    "watch",
    "ways",
}
ABOVE_PURE = {"client", "net", "connection", "pool"}
FILES = sorted(ROOT.rglob("*.py"))


def floor_of(name: str) -> int:
    return next(number for number, names in enumerate(FLOORS) if name in names)


def imports(path: Path) -> Iterator[tuple[str | None, str]]:
    """Yield (module or folder of this package, "") or (None, outside module) for each import."""
    folder = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = folder[: len(folder) - node.level + 1]
            parts = base + tuple((node.module or "").split(".")) if node.module else base
            names = [parts[0]] if parts else [alias.name for alias in node.names]
            yield from ((name, "") for name in names)
        elif isinstance(node, ast.ImportFrom):
            yield None, (node.module or "").split(".")[0]
        elif isinstance(node, ast.Import):
            yield from ((None, alias.name.split(".")[0]) for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path: Path) -> None:
    relative = path.relative_to(ROOT)
    name = relative.parts[0].removesuffix(".py")
    if name in ("__init__", "__main__"):
        return
    below = set().union(*FLOORS[: floor_of(name)]) | {name, "__version__"}
    for inside, outside in imports(path):
        assert inside is None or inside in below, f"{relative} imports {inside}, which is not on a floor below"
        assert not (name in PURE and outside in IO), f"{relative} is pure but imports {outside}"


@pytest.mark.parametrize("path", sorted(ROOT.glob("probe/**/*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_probe_is_pure_but_for_the_parts_that_are_named(path: Path) -> None:
    if path.parent.name == "probe" and path.stem in IO_PARTS_OF_PROBE:
        return
    for inside, outside in imports(path):
        # os gives the words of an errno.
        assert outside is None or outside not in IO - {"os"}, f"{path.name} is pure but imports {outside}"
        assert inside not in ABOVE_PURE, f"{path.name} is pure but imports {inside}"
    tree = ast.parse(path.read_text())
    from_os = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
    }
    assert from_os <= {"strerror"}, f"{path.name} is pure but asks os for {from_os}"
    siblings = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == len(path.relative_to(ROOT).parts) - 1
        for name in ([node.module.split(".")[0]] if node.module else [alias.name for alias in node.names])
    }
    assert not siblings & IO_PARTS_OF_PROBE, f"{path.name} is pure but imports {siblings & IO_PARTS_OF_PROBE}"


def test_every_module_has_a_floor() -> None:
    known = set().union(*FLOORS) | {"__init__", "__main__"}
    found = {path.relative_to(ROOT).parts[0].removesuffix(".py") for path in FILES}
    assert found <= known, f"give {found - known} a floor"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_over_300_lines_gives_its_reason_on_top(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= 310 or "long because" in "\n".join(lines[:12]).lower(), f"{path} has {len(lines)} lines"
