"""The catalogue beside the names that the specifications have, and what is made of it: types, near misses, changes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rawdock.catalogue import since, words
from rawdock.catalogue.changes import changes
from rawdock.catalogue.lookup import by_id, named
from rawdock.catalogue.models import Field, body_shape, models, shape
from rawdock.catalogue.near import near
from rawdock.catalogue.operations import FIRST, Operation, Version, lives, operation_of, operations
from rawdock.catalogue.values import conforming, unknown_fields
from rawdock.errors import UsageError

NAMES = json.loads((Path(__file__).parent / "fixtures" / "engine_api_names.json").read_text())
EACH = pytest.mark.parametrize("operation", operations(), ids=lambda each: each.id)
COMPLEX = re.compile(r"array<|map<|>|\+object")


def versioned(name: str, since: Version | None, until: Version | None) -> str:
    """As the fixture has it: "platform@1.41<1.50"."""
    since_text = f"@{since[0]}.{since[1]}" if since else ""
    return name + since_text + (f"<{until[0]}.{until[1]}" if until else "")


def test_no_operation_parameter_or_version_is_lost() -> None:
    found = {
        versioned(f"{each.id} {each.method} {each.path}", each.since if each.since > FIRST else None, None): " ".join(
            versioned(one.name, one.since, one.until)
            for one in each.parameters
            if one.name not in words.UNDOCUMENTED.get(each.id, ())
        )
        for each in operations()
    }
    assert found == NAMES["operations"] and len(found) == 108


def test_no_model_field_or_version_is_lost() -> None:
    found = {
        versioned(*_named(model.head)): " ".join(versioned(*_named(field)) for field in model.fields.values())
        for model in models().values()
    }
    assert found == NAMES["models"] and len(found) == 170


def _named(field: Field) -> tuple[str, Version | None, Version | None]:
    return field.name, field.since, field.until


@pytest.mark.parametrize(
    ("minor", "count"),
    [
        (25, 94),
        (26, 96),
        (28, 96),
        (29, 97),
        (30, 103),
        (31, 105),
        (39, 105),
        (40, 106),
        (42, 107),
        (54, 107),
        (55, 108),
    ],
)
def test_each_version_has_as_many_operations_as_its_specification(minor: int, count: int) -> None:
    assert sum(each.since <= (1, minor) for each in operations()) == count


def test_the_operations_that_came_late_are_the_same_in_both_tables() -> None:
    late = {(each.id, each.method, each.path, each.since) for each in operations() if each.since > FIRST}
    assert late == {tuple(each) for each in since.OPERATIONS}


@EACH
def test_every_operation_has_its_words(operation: Operation) -> None:
    assert operation.summary and len(operation.summary) <= 51  # a line of 120 columns holds it with the longest path
    assert operation.summary[0].isupper() and not operation.summary.endswith(".")
    assert {*operation.streams} <= {*words.STREAMS}
    assert not operation.commands or operation.commands.startswith("docker ")


def test_what_streams_is_marked_so() -> None:
    def of(kind: str) -> set[str]:
        return {each.id for each in operations() if kind in each.streams}

    assert of("frames") == {"ContainerLogs", "ServiceLogs", "TaskLogs"}
    assert of("hijack") == {"ContainerAttach", "ExecStart", "Session"}
    assert of("tar-out") == {"ContainerArchive", "ContainerExport", "ImageGet", "ImageGetAll"}
    assert of("tar-in") == {"PutContainerArchive", "ImageBuild", "ImageLoad", "ImageCreate", "PluginCreate"}
    assert of("late-body") == {"ContainerWait"} and of("websocket") == {"ContainerAttachWebsocket"}
    assert of("head-only") == {each.id for each in operations() if each.method == "HEAD"}
    assert len(of("json-stream")) == 9


@EACH
def test_a_name_has_one_place(operation: Operation) -> None:
    names = [each.name for each in operation.parameters]
    body = body_shape(operation)
    assert len({*names, *((body.fields if body else None) or ())}) == len(names) + len((body and body.fields) or ())


@EACH
def test_an_operation_is_found_by_its_own_method_and_path(operation: Operation) -> None:
    assert operation_of(operation.method, operation.path) is operation
    assert by_id(operation.id.lower()) is operation


@pytest.mark.parametrize(
    ("words_", "found", "version"),
    [
        (["GET", "/containers/web/json"], ["ContainerInspect"], None),
        (["get", "/v1.41/images/library/alpine/json?size=1"], ["ImageInspect"], (1, 41)),
        (["/images/get"], ["ImageGetAll"], None),
        (["containers/web/archive"], ["ContainerArchive", "ContainerArchiveInfo", "PutContainerArchive"], None),
    ],
)
def test_an_operation_is_found_by_a_path_from_a_log(
    words_: list[str], found: list[str], version: Version | None
) -> None:
    operations_, spoken = named(words_)
    assert ([each.id for each in operations_], spoken) == (found, version)


@pytest.mark.parametrize(
    ("words_", "sentence"),
    [
        (["ContainerLog"], "there is no operation 'ContainerLog'; did you mean ContainerLogs?"),
        (["logs"], "did you mean ContainerLogs, ServiceLogs or TaskLogs?"),
        (["Xyzzy"], "there is no operation 'Xyzzy'; `rawdock ops` lists all"),
        (["PUT", "/containers/web/start"], "there is no operation PUT /containers/web/start; that path takes POST"),
        (["GET", "/container/json"], "did you mean /containers/json"),
        (["FETCH", "/info"], "'FETCH /info' names no operation; write an operationId, or METHOD /path"),
        (["/v1.99/info"], "API version 1.99 from '/v1.99/info' is not in the catalogue; write one from 1.25 to 1.56"),
    ],
)
def test_unknown_words_get_near_misses(words_: list[str], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        named(words_)
    assert sentence in str(caught.value)


def test_every_type_leads_somewhere() -> None:
    """No reference of a model, a body or an answer is to a model that is not there."""
    kinds = {field.type for model in models().values() for field in (model.head, *model.fields.values())}
    kinds |= {each.body for each in operations()} | {kind for each in operations() for _, kind in each.answers}
    simple = {"object", "any", "array|string", "object({})", ""}
    for kind in kinds:
        for part in COMPLEX.split(kind):
            base = part.partition("(")[0].partition(":")[0]
            assert part in simple or part in models() or base in ("string", "integer", "number", "boolean"), kind


def test_a_model_is_unfolded_with_what_it_builds_on() -> None:
    fields = shape("HostConfig").fields
    assert fields and {"Memory", "Binds", "Annotations"} <= {*fields}  # Resources' own too
    assert shape("PortMap").kind == "map" and shape("NetworkSummary").fields == shape("Network").fields
    assert shape("MountType").choices[0] == "bind"


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("al", ["all", "limit"], ["all"]),
        ("shared_size", ["shared-size", "size"], ["shared-size"]),
        ("image", ["Image", "Images"], ["Image"]),
        ("details", ["tail", "since"], []),
        ("ContainerLog", ["ContainerLogs", "ContainerTop"], ["ContainerLogs"]),
    ],
)
def test_near_misses(word: str, known: list[str], found: list[str]) -> None:
    assert near(word, known) == found


def test_text_becomes_what_the_type_says() -> None:
    body = shape("HostConfig")
    given = {
        "Memory": "1024",
        "AutoRemove": "true",
        "Binds": ["/a:/b"],
        "PortBindings": {"80/tcp": [{"HostPort": "8080"}]},
    }
    assert conforming(given, body, "") == {**given, "Memory": 1024, "AutoRemove": True}
    assert conforming({"LogConfig": {"any": 1}, "Init": None}, body, "") == {"LogConfig": {"any": 1}, "Init": None}


def test_unknown_fields_are_found_deep_inside() -> None:
    given = {"PortBindings": {"80/tcp": [{"HostPrt": "1"}]}, "memory": 1, "LogConfig": {"any": 1}}
    strict, lenient = ([*unknown_fields(given, shape("HostConfig"), exact=exact)] for exact in (True, False))
    assert [(each.place, each.name) for each in strict] == [("PortBindings.", "HostPrt"), ("", "memory")]
    assert [each.name for each in lenient] == ["HostPrt"]  # Go's decoder takes memory for Memory


def test_changes_between_two_versions() -> None:
    found = {(each.came, each.kind, each.where, each.name, each.version) for each in changes((1, 41), (1, 52))}
    assert (True, "operation", "", "VolumeUpdate", (1, 42)) in found
    assert (True, "parameter", "ContainerStop", "signal", (1, 42)) in found
    assert (False, "parameter", "BuildPrune", "keep-storage", (1, 52)) in found
    assert (False, "field", "NetworkSettings", "IPAddress", (1, 52)) in found
    assert not {each for each in found if each[4] <= (1, 41) or each[4] > (1, 52)}


def test_nothing_changes_from_a_version_to_itself() -> None:
    assert changes((1, 41), (1, 41)) == []


def test_lives_is_inclusive_at_both_ends() -> None:
    assert lives((1, 30), (1, 40), (1, 30)) and lives((1, 30), (1, 40), (1, 40))
    assert not lives((1, 30), (1, 40), (1, 29)) and not lives((1, 30), (1, 40), (1, 41))
