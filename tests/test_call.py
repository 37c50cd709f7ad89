"""`rawdock call`: what is sent, and what is refused before anything is."""

from __future__ import annotations

import argparse
import io
import json
import shlex
from pathlib import Path

import pytest
from wire_daemon import HOLD, REQUEST, WireDaemon, ping, reply

from rawdock.catalogue import examples
from rawdock.catalogue.lookup import by_id
from rawdock.catalogue.operations import Operation, operations
from rawdock.cli import main
from rawdock.cli.call import Call
from rawdock.cli.console import Console
from rawdock.cli.items import parse_item
from rawdock.cli.parser import parser_of
from rawdock.cli.request_body import completed
from rawdock.cli.verbs import request_of
from rawdock.request import Request

EACH = pytest.mark.parametrize("operation", operations(), ids=lambda each: each.id)


def run(*words: str, stdin: bytes = b"") -> tuple[int, bytes, str]:
    """(exit code, stdout, stderr)"""
    out, err = io.BytesIO(), io.StringIO()
    code = main(words, Console(out, err, io.BytesIO(stdin), {}))
    return code, out.getvalue(), err.getvalue()


def request(identifier: str, *words: str, body_file: str | None = None) -> Request:
    call = Call(by_id(identifier))
    for word in words:
        call.take(parse_item(word))
    return call.request(body_file)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["SystemInfo"], Request("GET", "/info")),
        (
            ["ContainerLogs", "id=web", "follow=true"],
            Request(
                "GET", "/containers/web/logs", (("follow", "true"), ("stdout", "true"), ("stderr", "true"))
            ),
        ),
        (
            ["ContainerLogs", "id=web", "stderr=1", "since=1.5"],
            Request("GET", "/containers/web/logs", (("stderr", "true"), ("since", "1.5"))),
        ),
        (["ContainerInspect", "id=a/b c"], Request("GET", "/containers/a%2Fb%20c/json")),
        (["ImageInspect", "name=library/alpine:3"], Request("GET", "/images/library/alpine:3/json")),
        (["ImageGetAll", "names=a", "names[]=b"], Request("GET", "/images/get", (("names", "a"), ("names", "b")))),
        (["ContainerKill", "id=web", "signal=9"], Request("POST", "/containers/web/kill", (("signal", "9"),))),
        (
            ["ContainerList", 'filters:={"label": ["a"]}'],
            Request("GET", "/containers/json", (("filters", '{"label": ["a"]}'),)),
        ),
        (
            ["ImagePush", "name=a"],
            Request("POST", "/images/a/push", headers=(("X-Registry-Auth", "e30="),)),
        ),
        (
            ["ImagePush", "name=a", "X-Registry-Auth:abc"],
            Request("POST", "/images/a/push", headers=(("X-Registry-Auth", "abc"),)),
        ),
        (["GetPluginPrivileges", "remote=a"], Request("GET", "/plugins/privileges", (("remote", "a"),))),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_names_go_to_their_places(words: list[str], expected: Request) -> None:
    assert request(*words) == expected


def test_fields_of_the_body_get_their_types() -> None:
    sent = request(
        "ContainerCreate",
        "name=web",
        "Image=nginx",
        "Tty=true",
        "Env[]=A=1",
        "Labels[a.b]=true",
        "HostConfig[Memory]=1024",
        "HostConfig[PortBindings][80/tcp][][HostPort]=8080",
        'HostConfig[Mounts]:=[{"Target": "/data", "Type": "tmpfs"}]',
        "HostConfig[LogConfig][Type]=local",
    )
    assert sent.query == (("name", "web"),)
    assert json.loads(sent.body or b"") == {
        "Image": "nginx",
        "Tty": True,
        "Env": ["A=1"],
        "Labels": {"a.b": "true"},
        "HostConfig": {
            "Memory": 1024,
            "PortBindings": {"80/tcp": [{"HostPort": "8080"}]},
            "Mounts": [{"Target": "/data", "Type": "tmpfs"}],
            "LogConfig": {"Type": "local"},
        },
    }


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("ContainerLog id=web", "there is no operation 'ContainerLog'; did you mean ContainerLogs?"),
        ("ContainerLogs id=web folow=true", "ContainerLogs has no parameter 'folow'; did you mean follow?"),
        ("ContainerLogs id=web follow=maybe", "'maybe' for follow of ContainerLogs is no boolean; write true or false"),
        ("ContainerLogs id=web since=now", "'now' for since of ContainerLogs is no number of seconds; write such as 17"),
        ("ContainerLogs id=web since=nan", "'nan' for since of ContainerLogs is no number"),
        ("ContainerLogs", "ContainerLogs needs id; write id=…"),
        ("ContainerLogs id=", "ContainerLogs needs id; write id=…"),
        ("ContainerLogs id=a id=b", "id of ContainerLogs is given twice; give it once"),
        ("ContainerRename id=web", "ContainerRename needs name; write name=…"),
        ("ContainerResize id=web h=a w=1", "'a' for h of ContainerResize is no integer"),
        ("ContainerWait id=web condition=removd", "'removd' is not known for condition of ContainerWait; write removed"),
        ("SystemDataUsage type=images", "'images' is not known for type of SystemDataUsage; write image"),
        ("SystemEvents filters=type", "'type' for filters of SystemEvents is no JSON object; write --filter NAME=VALUE"),
        ("ContainerStart id=web Image=a", "ContainerStart has no parameter 'Image'; `rawdock op ContainerStart` lists"),
        ("ContainerCreate Imge=a", "ContainerCreate has no body field or parameter 'Imge'; did you mean Image?"),
        ("ContainerCreate image=a", "'image'; did you mean Image?"),
        ("ContainerCreate HostConfig[Memry]=1", "no body field 'HostConfig.Memry'; did you mean HostConfig.Memory"),
        ("ContainerCreate Cmd=date", "'date' for Cmd is no list; write Cmd[]=… for each of its values"),
        ("ContainerCreate HostConfig=a", "'a' for HostConfig is no object; write HostConfig[Name]=…, or HostConfig:="),
        ("ContainerCreate Image:=1", "1 for Image is no text; write Image=… instead of Image:=…"),
        ("ContainerCreate Tty:=1", "1 for Tty is no boolean; write true or false"),
        ("ContainerCreate HostConfig[Memory]=1g", "'1g' for HostConfig.Memory is no integer; write a number"),
        ("ContainerCreate HostConfig[Memory]:=true", "True for HostConfig.Memory is no integer"),
        ("ContainerCreate HostConfig[RestartPolicy][Name]=alway", "not known for HostConfig.RestartPolicy.Name; write always"),
        ("ContainerCreate name[a]=b", "name of ContainerCreate is a parameter and has no parts; write name=…"),
        ("ContainerCreate X-Meta:1", "ContainerCreate has no body field or parameter 'X-Meta'"),
        ("ImageLoad", "ImageLoad takes an archive; write --input FILE, - for standard input"),
        ("ImageCreate fromSrc=-", "ImageCreate takes an archive"),
        ("ImageLoad --input /nowhere", "'/nowhere' from --input cannot be read: No such file or directory"),
        ("ContainerStart id=web --input /dev/null", "--input: ContainerStart has no body; leave it out"),
        ("ContainerCreate Image=a --input /dev/null", "--input and fields of a body are both given; give one of them"),
        ("PluginSet name=a x=y", "`rawdock op PluginSet` lists those that it has; its body comes from --input FILE"),
        ("ContainerList --filter a", "'a' from --filter has no value"),
        ("ContainerList --select a..b", "'a..b' from --select is no path"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_sentence_and_nothing_is_sent(tmp_path: Path, words: str, sentence: str) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, reply(b"{}"), HOLD]) as daemon:
        code, out, err = run("call", *words.split(), "-H", daemon.url)
        assert len(daemon.connections) == (1 if "/nowhere" in words else 0)
    assert (code, out) == (2, b"")
    assert err.startswith("rawdock: ") and err.count("\n") == 1 and sentence in err


@pytest.mark.parametrize(
    ("version", "words", "sentence"),
    [
        ("1.40", "ContainerCreate platform=linux/amd64", "parameter platform of ContainerCreate came with API 1.41, "),
        (
            "1.41",
            "ContainerCreate HostConfig[Annotations][a]=b",
            "body field HostConfig.Annotations of ContainerCreate ",
        ),
        (
            "1.52",
            "BuildPrune keep-storage=1",
            "parameter keep-storage of BuildPrune was last in API 1.51, and API 1.52 is",
        ),
        ("1.41", "VolumeUpdate name=a version=1", "VolumeUpdate (PUT /volumes/{name}) came with API 1.42"),
    ],
)
def test_what_the_daemon_is_too_old_or_too_new_for_is_not_sent(
    tmp_path: Path, version: str, words: str, sentence: str
) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(version), HOLD]) as daemon:
        code, out, err = run("call", *words.split(), "-H", daemon.url)
    assert (code, out) == (2, b"")
    assert sentence in err and "(the daemon's newest)" in err and daemon.lines == [["GET /_ping HTTP/1.1"]]


def test_a_version_that_is_fixed_is_checked_without_asking(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b"{}"), HOLD]) as daemon:
        words = ["call", "ContainerCreate", "platform=a", "--api-version", "1.40", "-H", daemon.url]
        code, _, err = run(*words)
        assert (code, daemon.connections) == (2, [])
        assert (
            "and API 1.40 is spoken (fixed by --api-version); leave it out; `rawdock post` sends it all the same" in err
        )
        assert run("call", "ContainerCreate", "name=a", "--api-version", "1.40", "-H", daemon.url)[0] == 0
    assert daemon.lines == [["POST /v1.40/containers/create?name=a HTTP/1.1"]]


def test_the_answer_is_printed_as_the_raw_verbs_print_it(tmp_path: Path) -> None:
    frames = b"\x01\0\0\0\0\0\0\x04out\n\x02\0\0\0\0\0\0\x04err\n"
    answer = reply(frames, headers=["Content-Type: application/vnd.docker.multiplexed-stream"])
    with WireDaemon(tmp_path, "unix", [REQUEST, ping("1.43"), REQUEST, answer, HOLD]) as daemon:
        assert run("call", "ContainerLogs", "id=web", "-H", daemon.url) == (0, b"out\n", "err\n")
    assert daemon.lines[0][1] == "GET /v1.43/containers/web/logs?stdout=true&stderr=true HTTP/1.1"


def test_select_and_the_exit_code_are_those_of_the_raw_verbs(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, reply(b'[{"Names":["/web"]}]'), HOLD]) as daemon:
        words = ["ContainerList", "all=true", "--select", "[].Names[0]", "-H", daemon.url]
        assert run("call", *words) == (0, b"/web\n", "")
    (tmp_path / "b").mkdir()
    with WireDaemon(tmp_path / "b", "unix", [REQUEST, ping(), REQUEST, reply(b"{}", "404 Not Found"), HOLD]) as daemon:
        assert run("call", "ContainerInspect", "id=web", "-H", daemon.url) == (4, b"{}", "")


def test_a_body_may_be_a_file(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, reply(b"{}"), HOLD]) as daemon:
        assert run("call", "ImageLoad", "--input", "-", "-H", daemon.url, stdin=b"tar")[0] == 0
    assert b"Content-Type: application/x-tar" in daemon.requests[0][1]


@EACH
def test_both_rawdock_examples_come_to_one_request(operation: Operation, tmp_path: Path) -> None:
    """And what they send is right by the catalogue's own judgement."""
    by_verb_words = shlex.split(examples.as_verb(operation))[1:]
    given = shlex.split(examples.as_call(operation))[3:]
    file = "/dev/null" if "--input" in given else None
    if file:
        by_verb_words[by_verb_words.index("--input") + 1] = file
    call = Call(operation)
    for word in given:
        if word.startswith("-"):
            break
        call.take(parse_item(word))
    console = Console(io.BytesIO(), err := io.StringIO(), io.BytesIO(), {})
    options: argparse.Namespace = parser_of(80).parse_args(by_verb_words)
    by_verb, by_call = request_of(options, console), completed(call.request(file), console)
    if operation.id == "ImagePush":  # a call adds the header that daemons before 23.0 ask for
        by_call = by_call._replace(headers=())
    assert by_call == by_verb and err.getvalue() == ""
    call.check_version(max(operation.since, (1, 52)), "the test")
