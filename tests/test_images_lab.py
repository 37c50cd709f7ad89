"""The stand-ins for images beside the docker CLI on the same daemon, registry included."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator

import pytest
from test_standins_lab import assert_same, docker, host, pytestmark, rawdock

__all__ = ["host", "pytestmark"]  # used by pytest

IMAGE = "rawdock-lab:1"


@pytest.fixture
def named(host: str) -> Iterator[str]:
    """A name for an image, which is removed at the end with all that it names."""
    name = f"named-{uuid.uuid4().hex[:8]}"
    yield name
    for each in docker(host, "images", "--format", "{{.Repository}}:{{.Tag}}", name)[1].split():
        docker(host, "rmi", "-f", each)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["-a"],
        ["-q"],
        ["-aq", "--no-trunc"],
        ["--digests"],
        ["--no-trunc"],
        ["rawdock-lab"],
        ["rawdock-lab:*"],
        ["nosuch"],
        ["--filter", "reference=raw*"],
        ["--filter", "dangling=true"],
        ["--filter", "label=nosuch"],
        ["--format", "table"],
        ["--format", "{{.Repository}}:{{.Tag}} {{.Size}} {{.VirtualSize}} {{.CreatedAt}}"],
        ["--format", r"table {{.ID}}\t{{.Repository}}\t{{.CreatedSince}}"],
        ["--digests", "--format", r"table {{.ID}}\t{{.Tag}}"],
        ["-q", "--format", "{{.Tag}}"],
    ],
    ids=" ".join,
)
def test_images(host: str, words: list[str]) -> None:
    assert_same(host, "images", *words)


def test_images_as_json(host: str) -> None:
    found = [program(host, "images", "--format", "json")[1].splitlines() for program in (docker, rawdock)]
    theirs, ours = ([json.loads(line) for line in lines] for lines in found)
    for row in theirs + ours:
        row.pop("CreatedSince")  # which goes on
    assert ours == theirs


def test_a_tag_and_its_end(host: str, named: str) -> None:
    assert rawdock(host, "tag", IMAGE, f"{named}:2") == (0, "")
    assert docker(host, "images", "--format", "{{.Tag}}", named) == (0, "2\n")
    assert rawdock(host, "rmi", f"{named}:2") == (0, f"Untagged: {named}:2\n")
    assert rawdock(host, "rmi", f"{named}:2")[0] == 4
    assert rawdock(host, "rmi", "-f", f"{named}:2") == (0, "")
    assert rawdock(host, "tag", IMAGE, "Capital")[0] == 2


def test_what_is_removed_is_said_and_the_rest_is_tried(host: str, named: str) -> None:
    told = []
    for program in (docker, rawdock):
        subprocess.run(
            ["docker", "-H", host, "import", "-", f"{named}:x"],
            input=bytes(10240) + program.__name__.encode(),
            check=True,
            capture_output=True,
        )
        code, text = program(host, "rmi", "nosuch", f"{named}:x")
        assert code != 0
        told.append([line.partition("sha256:")[0] for line in text.splitlines()])
    assert told[0] == told[1] and len(told[0]) > 1
