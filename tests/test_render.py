"""The probe's forms: each says every record, and a name that is markup in it stays a name."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from probe_result import EVIL, result

from rawdock.probe.inventory import Inventory, Published
from rawdock.probe.observation import Observation, Outcome
from rawdock.probe.record import Record, Result
from rawdock.probe.render import FORMATS, render
from rawdock.probe.render.grade import Grade, grade
from rawdock.probe.render.matrix import SIGNS
from rawdock.probe.render.picture import from_client, picture
from rawdock.probe.target import CLIENT, Kind, Target
from rawdock.probe.topology import Facts, decide
from rawdock.probe.verdict import Judgement, Verdict


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_ends_with_a_newline_even_of_nothing(form: str) -> None:
    empty = Result(Inventory((), {}), decide(Facts({}, {})))
    assert render(form, empty).endswith("\n")
    assert render(form, result()).endswith("\n")


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_tells_of_a_task_on_another_node_and_of_a_port_of_all_nodes(form: str) -> None:
    """Neither is a container of the inventory."""
    found = result()
    task = Target(Kind.CONTAINER, "10.0.1.4", 80, "web.2.abc", 80, network="shared", node="node2")
    mesh = Target(Kind.PUBLISHED, "127.0.0.1", 8092, "balanced", 80, Published("0.0.0.0", 8092, 80), mesh=True)
    why = Judgement(Verdict.FILTERED, "no answer")
    found.records = [Record(CLIENT, target, why, Observation(Outcome.TIMEOUT)) for target in (task, mesh)]
    text = render(form, found)
    if form in ("mermaid", "dot", "svg", "html"):  # pictures: what is no box of theirs is a network's or the host's
        assert "8092" in text or "localhost" in text
    else:
        assert "10.0.1.4:80" in text and "127.0.0.1:8092" in text


def test_the_matrix_has_a_row_a_target_and_a_column_a_vantage() -> None:
    assert render("matrix", result()).splitlines() == [
        "                           client",
        "                           | db",
        "                           | | web",
        "192.168.99.100:8080 (web)  O . .",
        "127.0.0.1:8080 (web)       X . .",
        "172.17.0.2:80 (web)        / # .",
        "172.18.0.1:8080 (web)      . c .",
        "172.18.0.1:2376            . O .",
        "(nothing)                  . . !",
        "",
        "O open, c accepted-then-closed, X refused, / no-route, # filtered, ! vantage-unavailable, . not asked",
    ]


def test_each_verdict_has_a_sign_of_its_own() -> None:
    assert set(SIGNS) == set(Verdict) and len(set(SIGNS.values())) == len(Verdict) and "." not in SIGNS.values()


def test_what_the_topology_or_docker_forbids_is_by_design() -> None:
    found = result()
    assert [grade(record, found) for record in found.records] == [
        *(Grade.OPEN, Grade.BY_DESIGN, Grade.BY_DESIGN, Grade.BROKEN, Grade.OPEN, Grade.BY_DESIGN, Grade.UNKNOWN)
    ]


def test_on_one_machine_a_refusal_on_localhost_is_no_design() -> None:
    found = result()
    found.topology = decide(Facts({}, {}, same_machine=True))
    assert grade(found.records[1], found) is Grade.BROKEN


def test_jsonl_is_the_topology_and_then_the_records() -> None:
    documents = [json.loads(line) for line in render("jsonl", result(EVIL)).splitlines()]
    assert documents[0]["topology"] == "docker-machine"
    assert [document["verdict"] for document in documents[1:3]] == ["open", "refused"]
    assert documents[1]["container"] == EVIL


def test_junit_counts_and_names_every_case() -> None:
    root = ElementTree.fromstring(render("junit", result()))
    assert [suite.get("name") for suite in root] == ["client", "db", "web"]
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        **{"tests": "7", "failures": "1", "errors": "1", "skipped": "3"}
    }
    assert (
        len(root.findall(".//failure")) == len(root.findall(".//error")) == 1 and len(root.findall(".//skipped")) == 3
    )
    failure = root.find(".//failure")
    assert failure is not None
    assert (failure.get("message"), failure.text) == ("accepted-then-closed: nobody", "start")


def test_tap_has_a_point_a_record_and_skips_what_is_by_design() -> None:
    lines = render("tap", result()).splitlines()
    assert lines[:4] == [
        "TAP version 14",
        "1..7",
        "# topology: docker-machine VM at 192.168.99.100",
        "ok 1 - client to 192.168.99.100:8080 (web)",
    ]
    points = [line for line in lines if re.match(r"(not )?ok \d", line)]
    assert [line.partition(" - ")[0] for line in points] == [
        *("ok 1", "ok 2", "ok 3", "not ok 4", "ok 5", "ok 6", "not ok 7")
    ]
    assert points[1].endswith(" # SKIP refused: nothing listens")
    assert lines[lines.index(points[3]) + 1 :][:5] == [
        "  ---",
        '  verdict: "accepted-then-closed"',
        '  message: "nobody"',
        '  remedy: "start"',
        "  ...",
    ]


def test_a_name_is_no_directive_of_tap() -> None:
    first = next(line for line in render("tap", result("x # SKIP \n not ok")).splitlines() if line.startswith("ok 1"))
    assert first == r"ok 1 - client to 192.168.99.100:8080 (x \# SKIP   not ok)"


_SAMPLE = re.compile(r'rawdock_probe_\w+(?:\{(?:\w+="(?:[^"\\\n]|\\[\\"n])*",?)*\})? [0-9.]+')


@pytest.mark.parametrize("name", ["web", EVIL, 'a"b\\c\nd'])
def test_prometheus_samples_are_well_formed_and_unique(name: str) -> None:
    text = render("prometheus", result(name))
    samples = [line for line in text.removesuffix("\n").split("\n") if not line.startswith("#")]
    assert all(_SAMPLE.fullmatch(sample) for sample in samples)
    assert len({sample.rpartition(" ")[0] for sample in samples}) == len(samples) == 1 + 7 + 7
    assert samples[0] == 'rawdock_probe_topology_info{topology="docker-machine",client="remote"} 1'
    assert [sample[-1] for sample in samples[1:8]] == ["1", "0", "0", "0", "1", "0", "0"]


def test_markdown_has_a_table_a_vantage() -> None:
    text = render("markdown", result())
    assert text.startswith("# docker-machine VM at 192.168.99.100\n\n- published ports answer on 192.168.99.100 only")
    assert "| open | 192.168.99.100:8080 (web) | 0.4 | web listens on 0.0.0.0:80 |" in text.splitlines()
    assert text.count("| verdict | target | ms | why |") == 3


def test_nothing_of_a_name_is_markdown_or_html() -> None:
    for line in render("markdown", result(EVIL, EVIL)).splitlines():
        assert "<script" not in line and "<img" not in line and "\x1b" not in line
        if line.startswith("| open | 192"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 5


@pytest.mark.parametrize("form", ["junit", "svg"])
@given(name=st.text().map(lambda name: f"x{name}"), why=st.text())
def test_any_name_and_sentence_is_well_formed_xml(form: str, name: str, why: str) -> None:
    ElementTree.fromstring(render(form, result(name, why)).encode("utf-8", "surrogatepass"))


def test_svg_is_well_formed_and_holds_no_foreign_element() -> None:
    root = ElementTree.fromstring(render("svg", result(EVIL, EVIL)))
    kinds = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert kinds == {"svg", "title", "style", "rect", "text", "path", "g"}


def test_the_picture_draws_an_edge_for_each_verdict_between_two_things() -> None:
    found = result()
    drawn = picture(found, found.records)
    assert [(edge.source, edge.end, edge.verdict.value) for edge in drawn.edges] == [
        ("client", "port:8080:web", "open"),
        ("client", "port:8080:web", "refused"),
        ("client", "container:web", "no-route"),
        ("container:db", "port:8080:web", "accepted-then-closed"),
        ("container:db", "network:backend", "open"),
        ("container:db", "container:web", "filtered"),
    ]
    assert [edge.label for edge in drawn.edges][:2] == ["192.168.99.100 open 0.4 ms", "localhost refused"]
    assert [edge.measured for edge in drawn.edges] == [True] * 5 + [False]
    assert drawn.edges[0].story == "from this machine to 192.168.99.100:8080 (web): open, web listens on 0.0.0.0:80"
    assert len(picture(found, from_client(found)).edges) == 3


def test_mermaid_gives_every_node_a_name_of_its_own_and_quotes_the_rest() -> None:
    lines = render("mermaid", result(EVIL)).splitlines()
    assert lines[0] == "flowchart LR"
    for line in lines[1:]:
        text = re.sub(r'"[^"]*"', '""', line)
        assert re.fullmatch(r"""[\w\s\[\]()|"<>.,:#=-]*""", text), line
    assert sum("linkStyle" in line for line in lines) == 3


def test_dot_escapes_quotes_and_backslashes() -> None:
    for line in render("dot", result(EVIL, EVIL)).splitlines():
        outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", line)
        assert "script" not in outside and '"' not in outside and "\x1b" not in line


@pytest.mark.skipif(shutil.which("dot") is None, reason="no Graphviz: its own reading of the picture was left out")
def test_graphviz_reads_the_picture() -> None:
    done = subprocess.run(
        ["dot", "-Tsvg"], input=render("dot", result(EVIL, EVIL)), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
