"""`rawdock ops`, `rawdock op` and `rawdock ops diff`: what they print, in 80 and in 120 columns, and the examples in it."""

from __future__ import annotations

import ast
import io
import json
import shlex
import subprocess
import sys

import pytest

from rawdock.catalogue import examples
from rawdock.catalogue.lookup import by_id
from rawdock.catalogue.operations import Operation, operations
from rawdock.cli import main
from rawdock.cli.console import Console

EACH = pytest.mark.parametrize("operation", operations(), ids=lambda each: each.id)


def run(*words: str, width: int = 120) -> tuple[int, str, str]:
    """(exit code, stdout, stderr)"""
    out, err = io.BytesIO(), io.StringIO()
    code = main(words, Console(out, err, io.BytesIO(), {}, width=width))
    return code, out.getvalue().decode(), err.getvalue()


# ops


def test_ops_lists_every_operation_on_a_line() -> None:
    code, out, err = run("ops")
    assert (code, err) == (0, "") and [line.split()[0] for line in out.splitlines()] == [
        each.id for each in operations()
    ]
    assert "ContainerLogs             GET     /containers/{id}/logs" in out


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("words", [["ops"], ["ops", "logs"], ["ops", "diff", "1.25", "1.56"]])
def test_no_line_is_wider_than_the_terminal(words: list[str], width: int) -> None:
    assert max(map(len, run(*words, width=width)[1].splitlines())) <= width


def test_in_80_columns_the_summary_has_a_line_of_its_own() -> None:
    lines = run("ops", "ContainerPause", width=80)[1].splitlines()
    assert lines == ["ContainerPause  POST    /containers/{id}/pause  Freeze a container's processes"]
    lines = run("ops", "follow", width=80)[1].splitlines()
    assert lines[:2] == [
        "ContainerLogs  GET     /containers/{id}/logs",
        "    Read what a container printed, and follow it",
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["docker", "cp"], ["ContainerArchive", "ContainerArchiveInfo", "PutContainerArchive"]),
        (["--tag", "volume", "--method", "get"], ["VolumeList", "VolumeInspect"]),
        (["--since", "1.40"], ["SystemPingHead", "ImageAttestations", "VolumeUpdate"]),
        (["rotateManagerToken"], ["SwarmUpdate"]),
    ],
)
def test_words_and_options_narrow_the_list(words: list[str], found: list[str]) -> None:
    assert [line.split()[0] for line in run("ops", *words)[1].splitlines()] == found
    document = json.loads(run("ops", *words, "--json")[1])
    assert [each["id"] for each in document["operations"]] == found


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ops", "contaner"], "no operation has 'contaner'; did you mean container"),
        (["ops", "xyzzy"], "no operation has 'xyzzy'; `rawdock ops` lists all"),
        (["ops", "pause", "volume"], "no operation has all of these; leave one out"),
        (["ops", "--tag", "imag"], "'imag' from --tag is none; did you mean Image?"),
        (["ops", "--method", "FETCH"], "'FETCH' from --method is none; write one of GET, POST, PUT, DELETE, HEAD"),
        (["ops", "--since", "2"], "API version '2' from --since; write a number such as 1.41"),
        (["ops", "diff", "1.41"], "`rawdock ops diff` takes two API versions and nothing else"),
        (["ops", "diff", "1.52", "1.41"], "1.52 is newer than 1.41; write: rawdock ops diff 1.41 1.52"),
        (["ops", "diff", "1.24", "1.41"], "API version 1.24 from '1.24' is not in the catalogue; write one from 1.25"),
        (["op", "ContainerLog"], "there is no operation 'ContainerLog'; did you mean ContainerLogs?"),
        (["op", "ContainerLogs", "--depth", "-1"], "-1 from --depth is below 0"),
        (["-H", "unix:///x", "op", "ContainerLogs"], "--host names a daemon, and `rawdock op` asks none; leave it out"),
        (["op", "ContainerLogs", "-H", "x"], "-H names a daemon, and `rawdock op` asks none; leave it out"),
        (["ops", "--machine", "x", "logs"], "--machine names a daemon, and `rawdock ops` asks none; leave it out"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_not_there_is_one_sentence(words: list[str], sentence: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith("rawdock: ") and err.count("\n") == 1 and sentence in err


def test_diff_says_what_came_and_went_and_when() -> None:
    code, out, err = run("ops", "diff", "1.41", "1.52")
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "+ 1.42 VolumeUpdate PUT /volumes/{name}" in lines
    assert "+ 1.42 ContainerStop signal string" in lines
    assert "- 1.52 NetworkSettings.IPAddress string" in lines
    assert "1.52 events have lost their old fields status, id and from" in lines
    assert not [line for line in lines if line.startswith(("1.53", "1.54"))]
    changes = json.loads(run("ops", "diff", "1.41", "1.52", "--json")[1])["changes"]
    assert {"came": False, "kind": "field", "where": "NetworkSettings", "name": "IPAddress"}.items() <= next(
        each.items() for each in changes if each["name"] == "IPAddress"
    )


def test_diff_between_versions_without_changes_says_so() -> None:
    code, out, _ = run("ops", "diff", "1.55", "1.56")
    assert code == 0 and "nothing" in out


# op


@EACH
@pytest.mark.parametrize("width", [80, 120])
def test_op_shows_each_operation_within_the_width(operation: Operation, width: int) -> None:
    code, out, err = run("op", operation.id, width=width)
    assert (code, err) == (0, "")
    head, shown = out.split("\nexamples\n")
    assert max(map(len, head.splitlines())) <= width
    assert operation.summary in head and f"{operation.method} {operation.path}" in head
    for parameter in operation.parameters:
        assert f"\n  {parameter.name} " in head
    assert f"  rawdock call {operation.id}" in shown and "  curl --unix-socket" in shown


def test_op_unfolds_models() -> None:
    out = run("op", "ContainerCreate")[1]
    for line in ("  Image ", "  HostConfig ", "    PortBindings ", "      HostPort ", "    Annotations "):
        assert f"\n{line}" in out
    assert "since 1.43" in next(line for line in out.splitlines() if "Annotations" in line)
    shallow = run("op", "ContainerCreate", "--depth", "1")[1]
    assert "\n  HostConfig        HostConfig …\n" in shallow and "PortBindings" not in shallow


def test_a_path_with_a_version_shows_what_that_version_has() -> None:
    assert "Annotations" not in run("op", "POST", "/v1.41/containers/create")[1]
    assert "not in API 1.41" in run("op", "PUT", "/v1.41/volumes/data")[1]
    assert (
        "curl --unix-socket /var/run/docker.sock -N 'http://localhost/v1.41/"
        in run("op", "/v1.41/containers/web/logs")[1]
    )


def test_a_path_alone_shows_all_that_it_takes() -> None:
    out = run("op", "/containers/web/archive")[1]
    assert [line for line in out.splitlines() if line.endswith("  PUT /containers/{id}/archive")]
    assert out.count("\nexamples\n") == 3


def test_op_as_json_has_models_and_examples() -> None:
    document = json.loads(run("op", "ContainerCreate", "--json")[1])["operations"][0]
    names = {(field["level"], field["name"]) for field in document["body"]["fields"]}
    assert {(0, "Image"), (1, "Memory"), (2, "HostPort")} <= names
    assert document["answers"]["201"]["fields"][0]["name"] == "Id"
    assert document["examples"]["call"].startswith("rawdock call ContainerCreate ")


@EACH
def test_the_other_examples_are_well_formed(operation: Operation) -> None:
    ast.parse(examples.as_python(operation))
    curl = shlex.split(examples.as_curl(operation, "/v1.56"))
    assert curl[:3] == ["curl", "--unix-socket", "/var/run/docker.sock"]
    path = examples.sample(operation, "/v1.56").path
    assert curl[-1].partition("?")[0] == f"http://localhost{path}" and "{" not in path


def test_an_example_for_a_version_has_no_parameter_of_a_later_one() -> None:
    assert "type" in examples.as_verb(by_id("SystemDataUsage"))
    assert "type" not in examples.as_verb(by_id("SystemDataUsage"), "/v1.41")


def test_reading_the_catalogue_loads_no_client() -> None:
    program = "import sys; from rawdock.cli import main; main(['op', 'ContainerCreate']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    loaded = done.stderr.split()
    assert not {"rawdock.client", "rawdock.net", "asyncio", "ssl", "httpx", "socket"} & {*loaded}
    assert "rawdock.catalogue.models_table" in loaded
