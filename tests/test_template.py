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
        ('{{printf "%T" .Name}}', "function printf cannot be called with %T, web"),
        ('{{printf "%s %s" .Name}}', "printf"),
        ('{{printf "%s" .Name .Count}}', "printf"),
        ('{{printf "%q" .Count}}', "printf"),
        ("{{break}}", "{{break}} stands in no {{range}}"),
        ("{{join}}", "function join cannot be called with nothing"),
        ("{{upper}}", "function upper cannot"),
        ("{{lt .Name 1}}", "function lt cannot be called with web, 1"),
    ],
)
def test_what_cannot_be_rendered_is_said(template: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        Template(template).render(DATA)
    assert words in str(caught.value)


STATE = {
    **{"Status": "running", "Running": True, "Paused": False, "Restarting": False, "OOMKilled": False, "Dead": False},
    **{"Pid": 7, "ExitCode": 0, "Error": "", "StartedAt": "2026-11-27T05:54:14Z", "FinishedAt": "0001-01-01T00:00:00Z"},
}
INSPECTED = {
    "Name": "/web",
    "Id": "0e4a",
    "State": STATE,
    "Config": {"Cmd": ["httpd", "-f", "-h", "/www"], "ExposedPorts": {"80/tcp": {}}, "Labels": {"a/b": "c"}},
    "HostConfig": {
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]},
    },
    "Mounts": [
        {"Type": "bind", "Source": "/tmp", "Destination": "/d", "Mode": "", "RW": False, "Propagation": "rprivate"}
    ],
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{.State}}", "{running true false false false false 7 0  2026-11-27T05:54:14Z 0001-01-01T00:00:00Z <nil>}"),
        ("{{.HostConfig.RestartPolicy}}", "{no 0}"),
        ("{{.HostConfig.PortBindings}}", "map[80/tcp:[{ 8080}]]"),
        ("{{.Config.ExposedPorts}} {{.Config.Labels}}", "map[80/tcp:{}] map[a/b:c]"),
        ("{{.Mounts}}", "[{bind  /tmp /d   false rprivate}]"),
        ('{{printf "%s %q %d %v" .Name .Name .State.Pid .State.Running}}', '/web "/web" 7 true'),
        (
            '{{printf "%-10s|%10s|%05d|%x" .Name .Name .State.ExitCode .Name}}',
            "/web      |      /web|00000|2f776562",
        ),
        ('{{printf "%6.2f|%+d|%t|%X|100%%" 1.5 3 true 255}}', "  1.50|+3|true|FF|100%"),
        ("{{with $x := .State}}{{$x.Status}}{{end}}", "running"),
        ("{{if $p := .State.Pid}}{{$p}}{{end}}", "7"),
        (
            '{{range .Config.Cmd}}{{if eq . "-f"}}{{continue}}{{end}}{{if eq . "-h"}}{{break}}{{end}}{{.}},{{end}}',
            "httpd,",
        ),
        (
            """{{html "<a b=\\"c\\">"}} {{js "it's=<&"}} {{urlquery "a b/c~"}}""",
            r"&lt;a b=&#34;c&#34;&gt; it\'s\u003D\u003C\u0026 a+b%2Fc~",
        ),
    ],
)
def test_the_docker_cli_printed_the_same(template: str, expected: str) -> None:
    """Seen with 28.2.2, whose structures have the order of their fields in Go."""
    assert Template(template).render(INSPECTED, strict=True) == expected


def test_a_structure_with_a_pointer_that_is_set_is_shown_as_a_map() -> None:
    """The docker CLI prints an address in memory there."""
    state = {**STATE, "Health": {"Status": "healthy"}}
    assert "Health:map[Status:healthy]" in Template("{{.State}}").render({"State": state})


def test_what_has_no_separator_is_split_into_letters() -> None:
    assert Template('{{range $i, $e := split .Name ""}}{{$i}}{{$e}}{{end}}').render({"Name": "web"}) == "0w1e2b"


def test_a_label_that_is_not_there_has_no_value_and_is_not_true() -> None:
    """The docker CLI prints the same."""
    template = Template("{{.Labels.none}}{{if .Labels.none}}yes{{end}}")
    assert template.render({"Labels": {}}, strict=True) == "<no value>"


@pytest.mark.parametrize(("template", "whole"), [("{{json .}}", True), ("{{ json . }}", True), ("{{json .ID}}", False)])
def test_a_template_that_shows_all_is_known(template: str, whole: bool) -> None:
    assert Template(template).shows_all is whole


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
        ('[{{index .Labels "there"}}{{index .Labels "nope"}}{{.Labels.nope}}]', "[yes<no value>]"),
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
