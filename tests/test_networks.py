"""The words of `network create` to the body, without a daemon; the order of names, and Go's dates."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from wire_daemon import HOLD, REQUEST, WireDaemon, ping, reply

from rawdock.cli import main
from rawdock.cli.console import Console
from rawdock.errors import UsageError
from rawdock.standins.networks import disconnect_network, ipam_config, network_path
from rawdock.text.about import info_lines, server_lines, server_version
from rawdock.text.dates import ansic, go_time
from rawdock.text.order import natural_key


def test_each_address_goes_to_the_subnet_that_holds_it() -> None:
    assert ipam_config(
        ["10.1.0.0/16", "fd00::/64"], ["10.1.2.0/24"], ["fd00::1", "10.1.0.1"], ["tv=10.1.0.7", "pc=10.1.0.8"]
    ) == [
        {
            "Subnet": "10.1.0.0/16",
            "IPRange": "10.1.2.0/24",
            "Gateway": "10.1.0.1",
            "AuxiliaryAddresses": {"tv": "10.1.0.7", "pc": "10.1.0.8"},
        },
        {"Subnet": "fd00::/64", "Gateway": "fd00::1"},
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((["10.1.0.0/16", "10.1.9.0/24"], [], [], []), "--subnet 10.1.9.0/24 overlaps 10.1.0.0/16"),
        ((["10.1/16"], [], [], []), "--subnet '10.1/16' is none; write IP/BITS"),
        ((["10.1.0.0/16"], [], ["10.2.0.1"], []), "--gateway '10.2.0.1' is in no --subnet"),
        ((["10.1.0.0/16"], [], ["10.1.0.1", "10.1.0.2"], []), "10.1.0.0/16 has 10.1.0.1 already"),
        (([], ["10.1.0.0/24"], [], []), "--ip-range '10.1.0.0/24' is in no --subnet"),
        ((["10.1.0.0/16"], [], ["first"], []), "--gateway 'first' is none; write IP"),
        ((["fd00::/64"], [], ["10.1.0.1"], []), "--gateway '10.1.0.1' is in no --subnet"),
    ],
)
def test_what_fits_no_subnet_is_said(words: Any, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        ipam_config(*words)
    assert sentence in str(caught.value)


def test_a_name_stays_one_part_of_the_path() -> None:
    assert network_path("a/../b c", "/connect") == "/networks/a%2F..%2Fb%20c/connect"
    [step] = disconnect_network("a", "web", force=True)
    assert json.loads(step.request.body or b"") == {"Container": "web", "Force": True}


def test_names_are_ordered_as_people_count() -> None:
    names = ["b", "a10", "a9", "a-1", "a", "a09", "Z"]
    assert sorted(names, key=natural_key) == ["Z", "a", "a-1", "a9", "a09", "a10", "b"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-27T03:20:45.832321226Z", "2026-11-27 03:20:45.832321226 +0000 UTC"),
        ("2026-11-27T03:20:45.500Z", "2026-11-27 03:20:45.5 +0000 UTC"),
        ("2026-11-27T03:20:45+02:00", "2026-11-27 03:20:45 +0200 +0200"),
        ("soon", "soon"),
    ],
)
def test_dates_as_go_has_them(text: str, shown: str) -> None:
    assert go_time(text) == shown


def test_a_build_date_is_for_people() -> None:
    assert ansic("2026-05-07T21:09:36.000000000+00:00") == "Thu May  7 21:09:36 2026"
    assert ansic("yesterday") == "yesterday"


def test_a_daemon_without_components_has_an_engine() -> None:
    server = server_version({"Version": "1.12", "ApiVersion": "1.24", "Os": "linux", "Arch": "arm"})
    assert "  API version:      1.24 (minimum version )" in list(server_lines(server))


def test_a_version_of_several_lines_stays_below_its_label() -> None:
    server = {"Platform": {}, "Components": [{"Name": "Runtime", "Version": "crun 1.21\nspec: 1.0.0\n"}]}
    lines = ["  Version:          crun 1.21", "                    spec: 1.0.0"]
    assert list(server_lines(server)) == ["Server:", " Runtime:", *lines]


def test_info_of_a_daemon_that_says_little_has_lines() -> None:
    assert " Total Memory: 0B" in list(info_lines({}))
    swarm = {"LocalNodeState": "active", "NodeID": "n", "ControlAvailable": True, "RemoteManagers": [{"Addr": "a:1"}]}
    lines = list(info_lines({"Swarm": swarm, "Labels": ["x=y"]}))
    assert "   a:1" in lines and "  Is Manager: true" in lines and "  x=y" in lines


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["network"], "the following arguments are required: COMMAND; see `rawdock network --help`"),
        (["network", "rm"], "the following arguments are required: NETWORK; see `rawdock network rm --help`"),
        (["network", "create", "--label", "=x", "n"], "--label '=x' has no name; write NAME=VALUE"),
        (["network", "ls", "-f", "bridge"], "--filter 'bridge'; write NAME=VALUE"),
        (["volume", "create", "--name", "a", "b"], "'b' and --name 'a' each name the volume"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_words_are_one_line(words: list[str], sentence: str) -> None:
    err = io.StringIO()
    console = Console(io.BytesIO(), err, io.BytesIO(), {"DOCKER_HOST": "unix:///nowhere.sock"})
    code = main(words, console)
    assert code == 2 and sentence in err.getvalue() and err.getvalue().count("\n") == 1


def test_a_reader_that_goes_away_from_a_listing_is_no_error(tmp_path: Path) -> None:
    networks = json.dumps([{"Id": "1" * 64, "Name": f"n{number}"} for number in range(9)]).encode()
    reading, writing = os.pipe()
    os.close(reading)
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, reply(networks), HOLD]) as daemon:
        argv = [sys.executable, "-W", "error", "-m", "rawdock", "-H", daemon.url, "network", "ls"]
        done = subprocess.run(argv, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=30)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_name_never_steers_the_terminal(tmp_path: Path) -> None:
    networks = json.dumps([{"Id": "1" * 64, "Name": "\x1b[2J\nn"}]).encode()
    out = io.BytesIO()
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, reply(networks), HOLD]) as daemon:
        assert main(["-H", daemon.url, "network", "ls"], Console(out, io.StringIO(), io.BytesIO(), {})) == 0
    assert b"\x1b" not in out.getvalue() and out.getvalue().count(b"\n") == 2


@pytest.mark.parametrize(
    "words",
    [
        ["network", "inspect", "-f", "{{.Nope}}", "x"],
        ["volume", "inspect", "-f", "{{.Nope}}", "x"],
        ["info", "-f", "{{.Nope}}"],
        ["version", "-f", "{{.Server.Nope}}"],
        ["events", "--until", "0s", "--format", "{{.Nope}}"],
    ],
)
def test_a_field_that_there_never_is_is_an_error(tmp_path: Path, words: list[str]) -> None:
    err = io.StringIO()
    found = reply(b'{"Name":"x","Version":"1"}')
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, found, HOLD]) as daemon:
        code = main(["-H", daemon.url, *words], Console(io.BytesIO(), err, io.BytesIO(), {}))
    assert code == 2 and "the template asks for .Nope, and there is none; there is " in err.getvalue()


def test_a_row_as_json_has_its_fields_in_order(tmp_path: Path) -> None:
    out = io.BytesIO()
    networks = reply(json.dumps([{"Id": "1" * 64, "Name": "n"}]).encode())
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, networks, HOLD]) as daemon:
        words = ["-H", daemon.url, "network", "ls", "--format", "{{json .}}"]
        assert main(words, Console(out, io.StringIO(), io.BytesIO(), {})) == 0
    row = json.loads(out.getvalue())
    assert list(row) == sorted(row) and row["Name"] == "n"


@pytest.mark.parametrize("command", ["network", "volume"])
def test_help_of_subcommands_ends_with_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("ls", "create", "rm", "inspect", "prune"):
        assert main([command, name, "--help"]) == 0
        tail = capsys.readouterr().out.partition("\nexamples:\n")[2]
        assert tail.startswith(f"  rawdock {command} {name}")


@pytest.mark.parametrize(
    "words", [["ps"], ["version"], ["info"], ["network", "ls"], ["volume", "inspect", "v"]], ids=" ".join
)
def test_an_answer_that_is_no_json_is_one_sentence(tmp_path: Path, words: list[str]) -> None:
    err = io.StringIO()
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, reply(b"<html>"), HOLD]) as daemon:
        code = main(["-H", daemon.url, *words], Console(io.BytesIO(), err, io.BytesIO(), {}))
    assert code == 8 and "gave no JSON, but '<html>'; give the address of a Docker daemon" in err.getvalue()
    assert err.getvalue().count("\n") == 1


@pytest.mark.parametrize(
    ("api", "options", "which"),
    [("1.41", [], "all"), ("1.42", [], "anonymous"), ("1.42", ["--all"], "all")],
)
def test_the_question_before_a_prune_says_which_volumes_go(
    tmp_path: Path, api: str, options: list[str], which: str
) -> None:
    """A daemon below API 1.42 takes those with names, too."""
    out = io.BytesIO()
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(api), HOLD]) as daemon:
        console = Console(out, io.StringIO(), io.BytesIO(b"n\n"), {})
        assert main(["-H", daemon.url, "volume", "prune", *options], console) == 0
    assert out.getvalue().startswith(f"WARNING! This will remove {which} local volumes not used by".encode())
