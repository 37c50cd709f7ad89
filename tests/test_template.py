"""Templates: what Go's own text/template made of the same words and data (fixtures/go_templates.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rawdock.errors import UsageError
from rawdock.text.template import Template

CAPTURED: dict[str, Any] = json.loads((Path(__file__).parent / "fixtures" / "go_templates.json").read_text())
DATA = CAPTURED["data"]


@pytest.mark.parametrize(("template", "expected"), CAPTURED["cases"])
def test_go_gives_the_same(template: str, expected: str) -> None:
    assert Template(template).render(DATA) == expected


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{.Name", "an action is not closed: '{{.Name'"),
        ("{{", "not closed"),
        ("{{if .On}}yes", "{{if .On}} has no {{end}}"),
        ("{{range .List}}", "{{range .List}} has no {{end}}"),
        ("{{end}}", "{{end}} ends nothing"),
        ("{{else}}", "{{else}} ends nothing"),
        ("{{if .On}}{{else range .List}}{{end}}", "neither {{else}} nor {{else if"),
        ("{{nothing .Name}}", "function 'nothing' is not known; there are and, eq,"),
        ("{{.Name !}}", "'!' in {{.Name !}}"),
        ("{{(.Name}}", "( has no )"),
        ("{{.Name)}}", "')' in {{.Name)}}"),
        ("{{}}", "an action is empty"),
        ("{{.Name .Count}}", "'web' takes no arguments"),
        ("{{1 2}}", "a value takes no arguments"),
        ("{{$x}}", "variable $x is not set"),
        ("{{.Name.First}}", "asks for .First of 'web'"),
        ("{{index .List 9}}", "asks for item 9 of 3"),
        ("{{range .Name}}{{end}}", "ranges over 'web'"),
        ("{{len .Count}}", "the length of '3'"),
        ('{{printf "%d" .Name}}', "printf"),
        ("{{join}}", "function join cannot be called with nothing"),
        ("{{upper}}", "function upper cannot"),
        ("{{lt .Name 1}}", "function lt cannot be called with web, 1"),
    ],
)
def test_what_cannot_be_rendered_is_said(template: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        Template(template).render(DATA)
    assert words in str(caught.value)


def test_the_fields_that_a_template_names_are_known_before_it_is_rendered() -> None:
    assert Template('a.b {{.Size}} {{range .Mounts}}{{.Name "a.b"}}{{end}}').fields == {"Size", "Mounts", "Name"}


def test_a_null_prints_as_the_empty_list_that_it_mostly_is_and_json_says_null() -> None:
    assert Template("{{.Null}} {{json .Null}} {{.Missing}}").render(DATA) == "[] null <no value>"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{.State.Health}}", "<nil>"),
        ("{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}", "none"),
        ("{{json .State.Health}}", "null"),
        ("{{.Config.MacAddress}}|{{.Config.Shell}}|{{.Tmpfs}}|{{.ReadOnly}}", "|[]|map[]|false"),
        ("{{.PidsLimit}} {{.Volumes}} {{.Binds}} {{len .Volumes}}", "<nil> map[] [] 0"),
        ("{{range .Binds}}x{{else}}none{{end}}", "none"),
        ('[{{index .Labels "there"}}{{index .Labels "nope"}}{{.Labels.nope}}]', "[yes]"),
    ],
)
def test_what_the_daemon_leaves_out_has_the_docker_clis_zero_value(template: str, expected: str) -> None:
    data = {"State": {}, "Config": {}, "PidsLimit": None, "Volumes": None, "Binds": None, "Labels": {"there": "yes"}}
    assert Template(template).render(data, strict=True) == expected


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{.Nope}}", "asks for .Nope, and there is none; there is State"),
        ("{{.State.Health.Status}}", "asks for .Status of '<nil>'"),
        ("{{if .Nope}}{{end}}", "asks for .Nope"),
    ],
)
def test_a_field_that_never_is_there_is_an_error_when_strict(template: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        Template(template).render({"State": {}}, strict=True)
    assert words in str(caught.value)


def test_json_has_gos_escapes() -> None:
    assert Template("{{json .}}").render("<\u2028\u2029é\x1b") == '"<\\u2028\\u2029é\\u001b"'
