"""What the probe reads of a daemon before it asks anything, where the daemon gives other documents than Docker does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from test_probe_topology import NODES, SWARM
from wire_daemon import REQUEST, Connection, Script, WireDaemon, ping, reply

from rawdock.client import SyncClient
from rawdock.endpoint import Endpoint
from rawdock.errors import ForbiddenError, ProtocolError, TruncatedError
from rawdock.probe.matrix import Probe
from rawdock.probe.reading import read_swarm
from rawdock.probe.ways import Way

SOUND = {
    "/_ping": ping(),
    "/version": {"Version": "20.10.24", "Arch": "amd64", "KernelVersion": "6.1.0", "Components": [{"Name": "Engine"}]},
    "/info": {"OperatingSystem": "Debian", "Name": "box"},
    "/containers/json": [{"Id": "abc", "State": "running"}],
    "/containers/abc/json": {"Id": "abc", "Name": "/web", "NetworkSettings": {"SandboxKey": "/x/abc"}},
    "/networks": [],
}


def daemon_with(**answers: Any) -> Script:
    """One that answers by path, its version left out; bytes as they are, all else as JSON."""
    known = {**SOUND, **{path.replace("_", "/"): answer for path, answer in answers.items()}}

    def serve(connection: Connection) -> None:
        while True:
            try:
                path = connection.request().split(b" ")[1].decode().partition("?")[0]
                path = re.sub(r"^/v1\.\d+", "", path)
            except EOFError:
                return
            answer = known[path]
            connection.send(answer if isinstance(answer, bytes) else reply(json.dumps(answer).encode()))

    return [serve]


def probe(folder: Path, script: Script) -> Any:
    with WireDaemon(folder, "unix", script) as daemon, SyncClient(Endpoint.parse(daemon.url, "the test")) as client:
        return Probe(client, ways=[Way.NONE]).run()


def test_sound_documents_are_understood(tmp_path: Path) -> None:
    result = probe(tmp_path, daemon_with())
    assert [container.name for container in result.inventory.containers] == ["web"]


@pytest.mark.parametrize(
    ("answers", "what"),
    [
        ({"_info": []}, "GET /info"),
        ({"_info": None}, "GET /info"),
        ({"_info": reply(b"<html>")}, "GET /info"),
        ({"_info": {"Labels": 7}}, "GET /version and /info"),
        ({"_info": {"Swarm": [1]}}, "GET /info"),
        ({"_version": "20.10"}, "GET /version"),
        ({"_networks": None}, "/networks"),
        ({"_networks": [{}]}, "/networks"),
        ({"_containers_json": {"a": 1}}, "/containers/json"),
        ({"_containers_abc_json": {}}, "/containers/ID/json"),
    ],
)
def test_what_is_no_document_of_dockers_is_one_sentence(tmp_path: Path, answers: dict[str, Any], what: str) -> None:
    with pytest.raises(ProtocolError, match="not what Docker or Podman gives") as raised:
        probe(tmp_path, daemon_with(**answers))
    assert what in raised.value.cause and "\n" not in raised.value.cause


@pytest.mark.parametrize("path", ["_version", "_info", "_containers_json", "_containers_abc_json", "_networks"])
def test_what_may_not_be_read_is_said_with_its_path(tmp_path: Path, path: str) -> None:
    forbidden = reply(b'{"message":"authorization denied by plugin opa: no"}', "403 Forbidden")
    with pytest.raises(ForbiddenError, match=f"denied by plugin opa: no .GET {path.replace('_', '/')}"):
        probe(tmp_path, daemon_with(**{path: forbidden}))


def test_a_document_that_is_cut_off_is_no_document(tmp_path: Path) -> None:
    with pytest.raises(TruncatedError, match="/version"):
        probe(tmp_path, [REQUEST, ping(), REQUEST, b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"])


@pytest.mark.parametrize(
    ("answers", "others"),
    [
        ({"_nodes": NODES}, (("node2", "192.0.2.2"), ("node3", "192.0.2.3"))),
        ({"_nodes": reply(b'{"message":"no"}', "403 Forbidden")}, ()),
        ({"_nodes": reply(b'{"message":"The swarm does not have a leader."}', "503 Service Unavailable")}, ()),
        ({"_nodes": {"message": "no list"}}, ()),
        ({"_nodes": reply(b"nonsense")}, ()),
    ],
)
def test_what_a_swarms_manager_does_not_tell_is_left_out(
    tmp_path: Path, answers: dict[str, Any], others: tuple[tuple[str, str], ...]
) -> None:
    info = {"Name": "box", "Swarm": {**SWARM, "Nodes": 3}}
    script = daemon_with(_tasks=[], _services=[], **answers)
    with WireDaemon(tmp_path, "unix", script) as daemon, SyncClient(Endpoint.parse(daemon.url, "the test")) as client:
        swarm = read_swarm(client, info)
    assert swarm is not None
    assert (swarm.others, swarm.size, swarm.manager) == (others, 3, True)
