"""The probe where things go wrong around it, against a real dockerd: a helper that dies, containers that stop, vanish or are
read-only, a socket that may not be used, many networks and overlapping ones."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import engine
import pytest
from test_probe_lab import CHECKOUT, Lab, all_awake, container, proxied, up

from rawdock.probe.agent_lines import Report
from rawdock.probe.asks import Ask
from rawdock.probe.helper import Helper
from rawdock.probe.observation import Outcome
from rawdock.probe.passes import Passes
from rawdock.probe.sweep import sweep
from rawdock.probe.target import Place, Vantage

pytestmark = [pytest.mark.lab, pytest.mark.slow]


@pytest.fixture(scope="module")
def native() -> Iterator[Lab]:
    with up("native") as lab, all_awake(lab):
        yield lab


def agent_of(lab: Lab) -> int | None:
    """The process of the helper that is at work in the lab, once it has begun to probe."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            is_agent = folder.joinpath("cmdline").read_bytes() == b"/agent\0-\0"
            if is_agent and f"{lab.topology}-{lab.name}/" in folder.joinpath("cgroup").read_text():
                return int(folder.name) if len(list(folder.joinpath("fd").iterdir())) > 20 else None
        except OSError:  # it has ended meanwhile
            continue
    return None


class TestHelperDies:
    def test_killed_in_the_middle_the_clients_answers_stay_and_the_others_say_why(self, native: Lab) -> None:
        pipe = subprocess.PIPE
        with subprocess.Popen(native.command(), stdout=pipe, stderr=pipe, text=True) as process:
            pid, deadline = None, time.monotonic() + 30
            while pid is None and time.monotonic() < deadline:
                pid = agent_of(native)
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            stdout, stderr = process.communicate(timeout=30)
        why = "the helper container ended in the middle of its work"
        assert (process.returncode, stderr) == (3, f"rawdock: the helper container could not do its work: {why}\n")
        records = [json.loads(line) for line in stdout.splitlines()][1:]
        own = {r["target"]: r["verdict"] for r in records if r["vantage"] == "client" and r["protocol"] == "tcp"}
        assert (own["127.0.0.1:8080"], own["172.17.0.2:80"]) == ("open", "open")
        lost = [r for r in records if r["vantage"] != "client" and r["passes"] == 0 and r["kind"] == "container"]
        assert {r["vantage"] for r in lost} == {"web", "loopback", "bare", "paused", "local", "app", "db"}
        said = {(r["verdict"], r["explanation"], r["remedy"]) for r in lost}
        assert said == {("vantage-unavailable", f"not probed to the end: {why}", "probe again")}
        assert native.traces() == []

    def test_killed_between_the_passes_what_was_decided_stays_and_one_silence_proves_nothing(self, native: Lab) -> None:
        class Mortal(Helper):
            """Killed by the daemon once it has said what it found first."""

            def collect(self) -> Report:
                report = super().collect()
                for trace in native.traces():
                    api.post(f"/containers/{trace}/kill")
                return report

        with native.api() as api:
            app = api.get("/containers/app/json").json()["NetworkSettings"]["SandboxKey"]
            with Mortal(api, "amd64" if os.uname().machine == "x86_64" else "arm64", [app]) as helper:
                vantage = Vantage(Place.CONTAINER, "app")
                near, nobody = (vantage, Ask("172.18.0.3", 5432)), (vantage, Ask("172.18.0.99", 80))
                passes = Passes(helper, {"app": helper.namespace(app)}, sweep)
                answers = passes.ask([near, nobody], {})
        assert passes.trouble is not None
        assert (answers.seen[near].outcome, answers.passes[near]) == (Outcome.QUIET, 1)
        assert (answers.seen[nobody].outcome, answers.passes[nobody]) == (Outcome.NO_VANTAGE, 1)
        assert "ended in the middle" in answers.seen[nobody].why
        assert native.traces() == []


class TestContainersOfAllKinds:
    def test_a_read_only_one_is_probed_like_any_other(self, native: Lab) -> None:
        with container(native, "stone", NetworkMode="backend", ReadonlyRootfs=True):
            said = native.probe()
        assert (said.code, said.stderr) == (0, "")
        assert said.one("stone", "172.18.0.3:5432", "container").verdict == "open"

    def test_one_that_stops_before_its_turn_leaves_the_others_answers(self, native: Lab, tmp_path: Path) -> None:
        """Its own vantage has gone; to the others its address is nobody's. Of one that is killed alone Podman takes the
        network away after it has answered `wait`."""
        with container(native, "brief", NetworkMode="backend") as brief, native.api() as api:

            def stop(call: str) -> bytes | None:
                if call.startswith("POST ") and call.endswith("/start"):
                    api.delete(f"/containers/{brief}", params={"force": True}).raise_for_status()
                return None

            with proxied(tmp_path, native, stop) as proxy:
                said = native.probe(host=proxy.host)
        assert said.code == 3
        own = {record.verdict for record in said.records if record.vantage == "brief" and record.kind == "container"}
        assert own == {"vantage-unavailable"}
        assert said.one("app", "172.18.0.3:5432", "container").verdict == "open"
        seen = [r for r in said.records if r.vantage == "app" and r.container == "brief" and r.kind == "container"]
        assert {record.verdict for record in seen} == {"host-down"}
        assert native.traces() == []


def test_a_socket_that_may_not_be_used_is_one_sentence(native: Lab, tmp_path: Path) -> None:
    """Root without its right to pass over modes is anybody."""
    path = tmp_path / "docker.sock"
    path.symlink_to(native.socket)
    owner, mode = native.socket.stat().st_uid, native.socket.stat().st_mode
    os.chown(native.socket, 65534, -1)
    native.socket.chmod(0o600)
    try:
        rights = "-dac_override,-dac_read_search"
        drop = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}", "--"]
        done = subprocess.run(
            [*drop, sys.executable, "-m", "rawdock", "probe"],
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), "DOCKER_HOST": f"unix://{path}"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.chown(native.socket, owner, -1)
        native.socket.chmod(mode & 0o777)
    assert (done.returncode, done.stdout) == (6, "")
    assert done.stderr.count("\n") == 1
    assert "may not use the socket" in done.stderr


def answered(document: Any) -> bytes:
    body = json.dumps(document).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def network(name: str, number: int, subnet: str, driver: str = "bridge") -> dict[str, Any]:
    gateway = subnet.replace("0/", "1/").partition("/")[0]
    ranges = [{"Subnet": subnet, "Gateway": gateway}]
    return {"Name": name, "Id": f"{number:064x}", "Driver": driver, "Options": {}, "IPAM": {"Config": ranges}}


@pytest.mark.skipif(engine.PODMAN, reason="the daemon's answer is put together as Docker gives it")
class TestNetworks:
    def test_five_hundred_take_no_longer_to_read(self, native: Lab, tmp_path: Path) -> None:
        with native.api() as api:
            real = api.get("/networks").json()
        more = [network(f"n{i}", i, f"10.{i // 250}.{i % 250}.0/24") for i in range(500)]

        def many(call: str) -> bytes | None:
            return answered(real + more) if call.endswith("/networks") else None

        with proxied(tmp_path, native, many) as proxy:
            said = native.probe("--no-helper", host=proxy.host)
        assert (said.code, said.stderr) == (0, "")
        assert said.one("client", "172.17.0.2:80").verdict == "open"

    def test_of_two_containers_with_one_address_only_dockers_own_is_asked(self, native: Lab, tmp_path: Path) -> None:
        """A macvlan whose LAN has the bridge's subnet: what answers there is web, and no word on the other."""
        with native.api() as api:
            real = api.get("/networks").json()
            listed = api.get("/containers/json", params={"all": True}).json()
            web = api.get("/containers/web/json").json()
        end = web["NetworkSettings"]["Networks"]["bridge"]
        twin = {**web, "Id": "f" * 64, "Name": "/twin", "HostConfig": {"NetworkMode": "lan"}}
        twin["NetworkSettings"] = {"SandboxKey": "", "Ports": {}, "Networks": {"lan": end}}

        def twofold(call: str) -> bytes | None:
            if call.endswith("/networks"):
                return answered([*real, network("lan", 1, "172.17.0.0/16", "macvlan")])
            if "/containers/json" in call:
                return answered([*listed, {"Id": twin["Id"], "State": "running"}])
            return answered(twin) if f"/{twin['Id']}/json" in call else None

        with proxied(tmp_path, native, twofold) as proxy:
            said = native.probe("--no-helper", host=proxy.host)
        found = {r.container: r.verdict for r in said.records if r.target == "172.17.0.2:80"}
        assert found == {"web": "open", "twin": "not-sent"}
