"""The probe against a real dockerd: scripts/lab's two topologies, whose containers are each a different answer.

Nothing leaves the lab's namespaces and the one that a test adds to them: none has a route outside.

It is long because every answer of two topologies is asserted.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import engine
import pytest

from rawdock.client import SyncClient
from rawdock.endpoint import Endpoint

LAB = Path(__file__).resolve().parents[1] / "scripts" / "lab"
CHECKOUT = LAB.parents[1]
VM = "192.168.99.100"
LABEL = json.dumps({"label": ["rawdock.probe"]})

pytestmark = pytest.mark.lab


@dataclass(frozen=True)
class Record:
    """One line of --json."""

    fields: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.fields[name]


@dataclass(frozen=True)
class Said:
    code: int
    topology: Record
    records: list[Record]
    stderr: str
    seconds: float

    def one(self, vantage: str, target: str, kind: str = "") -> Record:
        found = [r for r in self.records if (r.vantage, r.target) == (vantage, target) and kind in ("", r.kind)]
        assert len(found) == 1, f"{vantage} to {target}: {found}"
        return found[0]

    def verdicts(self, vantage: str, kind: str) -> dict[str, str]:
        """Target, or name, to verdict."""
        return {r.name or r.target: r.verdict for r in self.records if (r.vantage, r.kind) == (vantage, kind)}


@dataclass(frozen=True)
class Lab:
    topology: str
    name: str = field(default_factory=lambda: f"probe-{uuid.uuid4().hex[:8]}")

    @property
    def socket(self) -> Path:
        return Path(f"/var/lib/rawdock-lab/{self.topology}-{self.name}/docker.sock")

    @property
    def client_namespace(self) -> str:
        return f"rd-{self.topology}-{self.name}-client"

    def command(self, *options: str, host: str = "") -> list[str]:
        environment = ["env", f"PYTHONPATH={CHECKOUT}", *([f"DOCKER_HOST={host}"] if host else [])]
        probe = [sys.executable, "-m", "rawdock", "probe", "--json", *options]
        return [str(LAB), "exec", self.topology, "--as", self.name, *environment, *probe]

    def probe(self, *options: str, host: str = "") -> Said:
        began = time.monotonic()
        done = subprocess.run(
            self.command(*options, host=host), capture_output=True, text=True, timeout=60, check=False
        )
        topology, *records = [Record(json.loads(line)) for line in done.stdout.splitlines()] or [Record({})]
        return Said(done.returncode, topology, records, done.stderr, time.monotonic() - began)

    def api(self) -> SyncClient:
        return SyncClient(Endpoint.parse(f"unix://{self.socket}", "the lab"))

    def traces(self) -> list[str]:
        """What of the probe is left on the daemon."""
        with self.api() as api:
            found = api.get("/containers/json", params={"all": True, "filters": LABEL}).json()
            images = api.get("/images/json", params={"all": True}).json()
        tags = [tag for image in images for tag in image["RepoTags"] or ["<none>"]]
        return [container["Id"] for container in found] + [tag for tag in tags if tag != engine.IMAGE]


@contextmanager
def up(topology: str) -> Iterator[Lab]:
    engine.skip_unless_in(topology)
    lab = Lab(topology)
    words = [topology, "--as", lab.name]
    try:
        done = subprocess.run([LAB, "up", *words], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        yield lab
    finally:
        subprocess.run([LAB, "down", *words], capture_output=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def native() -> Iterator[Lab]:
    with up("native") as lab:
        yield lab


@pytest.fixture(scope="module")
def machine() -> Iterator[Lab]:
    with up("docker-machine") as lab:
        yield lab


@pytest.fixture(scope="module")
def mac() -> Iterator[Lab]:
    with up("docker-for-mac") as lab:
        yield lab


@pytest.fixture(scope="module")
def mac_said(mac: Lab) -> Said:
    return mac.probe()


@pytest.fixture(scope="module")
def native_said(native: Lab) -> Said:
    return native.probe()


@pytest.fixture(scope="module")
def machine_said(machine: Lab) -> Said:
    return machine.probe()


@pytest.mark.slow
class TestDockerMachine:
    def test_every_vantage_was_probed_and_nothing_stays(self, machine: Lab, machine_said: Said) -> None:
        assert (machine_said.code, machine_said.stderr) == (0, "")
        vantages = {record.vantage for record in machine_said.records}
        assert vantages == {"client", "daemon host", "web", "loopback", "bare", "paused", "local", "app", "db"}
        assert machine_said.seconds < 15
        assert machine.traces() == []

    def test_the_topology_is_a_docker_machine(self, machine_said: Said) -> None:
        told = machine_said.topology
        assert (told.topology, told.client) == ("docker-machine", "remote")
        assert told.published == f"on {VM} only, not on this machine's localhost"
        assert told.to_this_machine.startswith("by 192.168.99.1,")

    def test_published_ports_answer_on_the_vm_alone(self, machine_said: Said) -> None:
        web = machine_said.one("client", f"{VM}:8080")
        assert (web.verdict, web.explanation, web.certainty) == ("open", "web listens on 0.0.0.0:80", "measured")
        here = machine_said.one("client", "127.0.0.1:8080")
        assert (here.verdict, here.errno) == ("refused", "ECONNREFUSED")
        assert f"published on the daemon's host, {VM}" in here.explanation

    def test_each_port_has_its_own_fault(self, machine_said: Said) -> None:
        verdicts = machine_said.verdicts("client", "published")
        assert {target: verdict for target, verdict in verdicts.items() if target.startswith(VM)} == {
            f"{VM}:8080": "open",
            f"{VM}:8081": "refused",
            f"{VM}:8082": "refused",
            f"{VM}:8083": "open-silent",
            f"{VM}:8084": "refused",
        }
        said = {port: machine_said.one("client", f"{VM}:{port}").explanation for port in range(8080, 8085)}
        assert said[8081] == "loopback listens on 127.0.0.1:7000 only, its own loopback"
        assert said[8082] == "bare is up, but nobody listens on port 80 in it"
        assert "paused is paused" in said[8083]
        assert said[8084] == "published on 127.0.0.1 of the daemon's host only"

    def test_a_port_bound_to_the_vms_localhost_is_not_advised_on_the_vms_address(self, machine_said: Said) -> None:
        record = machine_said.one("client", "127.0.0.1:8084")
        assert "127.0.0.1 of the daemon's host" in record.explanation
        assert record.remedy == "publish it for all addresses: -p 8084:80"

    def test_container_addresses_have_no_route_from_the_client(self, machine_said: Said) -> None:
        verdicts = machine_said.verdicts("client", "container")
        assert len(verdicts) == 7
        assert set(verdicts.values()) == {"no-route"}
        explanation = machine_said.one("client", "172.18.0.3:5432").explanation
        assert explanation == f"this machine has no route to 172.18.0.0/16: the containers live behind {VM}"

    def test_the_vm_sees_what_the_client_does_not(self, machine_said: Said) -> None:
        host = machine_said.verdicts("daemon host", "published")
        assert host["127.0.0.1:8080"] == host["127.0.0.1:8084"] == "open"
        assert host["127.0.0.1:8081"] == host["127.0.0.1:8082"] == "accepted-then-closed"
        assert machine_said.one("daemon host", "172.18.0.3:5432").verdict == "open"

    def test_containers_reach_their_gateway_and_the_daemon_there(self, machine_said: Said) -> None:
        for name, gateway in (("web", "172.17.0.1"), ("app", "172.18.0.1")):
            verdicts = machine_said.verdicts(name, "gateway")
            assert verdicts[f"{gateway}:8080"] == "open"
            assert verdicts[f"{gateway}:2376"] == "open"
            assert verdicts[f"{gateway}:8082"] == "accepted-then-closed"

    def test_containers_reach_those_on_their_network_only(self, machine_said: Said) -> None:
        assert machine_said.one("app", "172.18.0.3:5432", "container").verdict == "open"
        assert machine_said.one("web", "172.17.0.6:80", "container").verdict == "open"
        apart = machine_said.one("app", "172.17.0.2:80", "container")
        assert (apart.verdict, apart.passes) == ("filtered", 2)
        assert apart.explanation == (
            "dropped silently, twice: app is not on network bridge, and Docker keeps networks apart"
        )
        assert apart.remedy == "docker network connect bridge app"

    def test_names_resolve_on_a_network_of_their_own_and_not_on_the_default_bridge(self, machine_said: Said) -> None:
        elsewhere = dict.fromkeys(["bare", "local", "loopback", "paused", "web"], "name-other-network")
        assert machine_said.verdicts("app", "name") == {"db": "open"} | elsewhere
        assert machine_said.verdicts("db", "name") == {"app": "open"} | elsewhere
        assert machine_said.verdicts("web", "name") == dict.fromkeys(
            ["bare", "local", "loopback", "paused"], "name-no-resolver"
        )

    def test_containers_reach_this_machine_by_its_host_only_address(self, machine_said: Said) -> None:
        found = [record for record in machine_said.records if record.kind == "client"]
        assert {record.vantage for record in found} == {"web", "loopback", "bare", "paused", "local", "app", "db"}
        assert {(record.target.rpartition(":")[0], record.verdict) for record in found} == {("192.168.99.1", "open")}

    def test_a_paused_container_is_silent_however_full_its_queue(self, machine_said: Said) -> None:
        seen = [r for r in machine_said.records if r.target == "172.17.0.5:80" and r.kind == "container"]
        near = [r for r in seen if r.vantage in ("web", "loopback", "bare", "local", "daemon host")]
        assert len(near) == 5
        assert {r.verdict for r in near} == {"open-silent"}

    def test_one_path_is_shown_hop_by_hop(self, machine: Lab) -> None:
        def path(*words: str) -> subprocess.CompletedProcess[str]:
            command = [word for word in machine.command(*words) if word != "--json"]
            return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

        done = path("client", "bare:80")
        assert done.returncode == 1
        ways = {way.splitlines()[0]: way.splitlines()[1:] for way in done.stdout.split("by ")[1:]}
        assert ways[f"{VM}:8082"] == [
            f"  ok           this machine to {VM}:8082",
            "  ok           the daemon's host to 172.17.0.4",
            "  BROKEN       port 80 in bare",
            "               bare is up, but nobody listens on port 80 in it",
            "               start the app, or use the port that it listens on",
        ]
        assert ways["127.0.0.1:8082"][0] == "  BROKEN       this machine to 127.0.0.1:8082"
        assert path("app", "db:5432").returncode == 0
        unknown = path("client", "wev:80")
        assert (unknown.returncode, unknown.stdout) == (2, "")
        assert "no running container is called 'wev'" in unknown.stderr
        assert machine.traces() == []

    def test_no_verdict_open_is_false(self, machine_said: Said) -> None:
        answering = {"web", "local", "app", "db", None}
        assert {r.container for r in machine_said.records if r.verdict == "open"} == answering


@pytest.mark.slow
class TestDockerForMac:
    def test_the_topology_is_docker_for_mac(self, mac: Lab, mac_said: Said) -> None:
        assert (mac_said.code, mac_said.stderr) == (0, "")
        told = mac_said.topology
        assert (told.topology, told.client, told.title) == ("docker-for-mac", "behind-a-socket", "Docker for Mac")
        assert told.published.startswith("on this machine's localhost")
        assert "host.docker.internal" in told.to_this_machine
        assert mac.traces() == []

    def test_published_ports_answer_on_localhost_and_what_accepts_is_no_listener(self, mac_said: Said) -> None:
        verdicts = mac_said.verdicts("client", "published")
        for address in ("127.0.0.1", "[::1]"):
            assert verdicts[f"{address}:8080"] == "open"
            assert verdicts[f"{address}:8081"] == verdicts[f"{address}:8082"] == "accepted-then-closed"
            assert verdicts[f"{address}:8083"] == "open-silent"
        assert verdicts["127.0.0.1:8084"] == "open"
        bare = mac_said.one("client", "127.0.0.1:8082")
        assert bare.explanation == "the port forwarder accepted, but nobody listens on port 80 in bare"

    def test_a_page_is_written_to_a_file_and_nothing_to_standard_output(self, mac: Lab, tmp_path: Path) -> None:
        command = [word for word in mac.command() if word != "--json"]
        page = tmp_path / "probe.html"
        words = [*command, "--format", "html", "--no-helper", "-o"]
        done = subprocess.run([*words, page], capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        text = page.read_text()
        assert "<title>Docker for Mac: who can reach whom</title>" in text and "127.0.0.1:8080 (web)" in text
        nowhere = tmp_path / "none" / "probe.html"
        done = subprocess.run([*words, nowhere], capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"'{nowhere}' from -o cannot be written: No such file or directory" in done.stderr

    def test_container_addresses_have_no_route_from_the_mac_and_one_from_the_vm(self, mac_said: Said) -> None:
        assert set(mac_said.verdicts("client", "container").values()) == {"no-route"}
        assert mac_said.one("daemon host", "172.17.0.2:80").verdict == "open"

    def test_containers_reach_the_mac_by_its_names(self, mac_said: Said) -> None:
        for name in ("app", "db"):
            verdicts = mac_said.verdicts(name, "client")
            assert verdicts == {"host.docker.internal": "open", "docker.for.mac.localhost": "open"}

    def test_no_verdict_open_is_false(self, mac_said: Said) -> None:
        answering = {"web", "local", "app", "db", None}
        assert {r.container for r in mac_said.records if r.verdict == "open"} == answering


@pytest.mark.slow
class TestNative:
    def test_the_client_is_the_daemons_host_and_reaches_every_container(self, native: Lab, native_said: Said) -> None:
        assert (native_said.code, native_said.stderr) == (0, "")
        assert "daemon host" not in {record.vantage for record in native_said.records}
        assert native_said.verdicts("client", "container") == {
            "172.17.0.2:80": "open",
            "172.17.0.3:7000": "refused",
            "172.17.0.4:80": "refused",
            "172.17.0.5:80": "open-silent",
            "172.17.0.6:80": "open",
            "172.18.0.2:80": "open",
            "172.18.0.3:5432": "open",
        }
        assert native.traces() == []

    def test_the_topology_is_this_machine(self, native_said: Said) -> None:
        told = native_said.topology
        assert (told.topology, told.client) == ("podman" if engine.PODMAN else "linux-host", "same-machine")
        assert told.addresses == "reachable from here"
        assert "172.17.0.1" in told.to_this_machine

    def test_in_a_container_the_topology_says_which(self, native: Lab) -> None:
        """As with a mounted socket: app's network and host name, and the daemon's socket."""
        with native.api() as api:
            app = api.get("/containers/app/json").json()
        inside = ["nsenter", f"--net=/proc/{app['State']['Pid']}/ns/net", "unshare", "--uts", "sh", "-c"]
        script = 'echo "$1" >/proc/sys/kernel/hostname; shift; exec "$@"'
        probe = [sys.executable, "-m", "rawdock", "probe", "--json", "--no-helper"]
        done = subprocess.run(
            [*inside, script, "sh", app["Config"]["Hostname"], *probe],
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), "DOCKER_HOST": f"unix://{native.socket}"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        topology, *records = map(json.loads, done.stdout.splitlines())
        assert (done.returncode, topology["client"]) == (0, "in-a-container"), done.stderr
        assert topology["title"].startswith("client in container app of ")
        found = {record["target"]: record for record in records}
        assert found["172.18.0.3:5432"]["verdict"] == "open"
        assert found["172.17.0.2:80"]["verdict"] == "not-sent"
        assert found["172.18.0.1:8080"]["verdict"] == "open"
        here = found["127.0.0.1:8080"]
        assert (here["verdict"], here["remedy"]) == ("refused", "use 172.18.0.1 in place of localhost")

    def test_a_forwarder_that_accepts_is_no_listener(self, native_said: Said) -> None:
        verdicts = native_said.verdicts("client", "published")
        # Podman has no forwarder, only rules for the kernel, and none of them for IPv6.
        nobody = "refused" if engine.PODMAN else "accepted-then-closed"
        for address in ("127.0.0.1",) if engine.PODMAN else ("127.0.0.1", "[::1]"):
            assert verdicts[f"{address}:8081"] == verdicts[f"{address}:8082"] == nobody
            assert verdicts[f"{address}:8083"] == "open-silent"
            assert verdicts[f"{address}:8080"] == "open"
        assert verdicts["127.0.0.1:8084"] == "open"
        loopback, bare = (native_said.one("client", f"127.0.0.1:{port}").explanation for port in (8081, 8082))
        accepted = "" if engine.PODMAN else "the port forwarder accepted, but "
        assert loopback == f"{accepted}loopback listens on 127.0.0.1:7000 only, its own loopback"
        assert bare == (
            "bare is up, but nobody listens on port 80 in it"
            if engine.PODMAN
            else "the port forwarder accepted, but nobody listens on port 80 in bare"
        )

    def test_networks_are_kept_apart_where_the_engine_does_so(self, native_said: Said) -> None:
        apart = native_said.one("app", "172.17.0.2:80", "container")
        if engine.PODMAN:  # only from each other, and not from the default one
            assert apart.verdict == "open"
        else:
            assert (apart.verdict, apart.passes) == ("filtered", 2)
            assert "app is not on network bridge, and Docker keeps networks apart" in apart.explanation

    def test_names_resolve_where_there_is_a_name_server(self, native_said: Said) -> None:
        assert native_said.verdicts("app", "name")["db"] == "open"
        assert set(native_said.verdicts("web", "name").values()) == {"name-no-resolver"}

    def test_containers_reach_this_machine_by_their_gateway(self, native_said: Said) -> None:
        (way,) = [record for record in native_said.records if (record.vantage, record.kind) == ("app", "client")]
        assert (way.target.rpartition(":")[0], way.verdict) == ("172.18.0.1", "open")

    def test_no_verdict_open_is_false(self, native_said: Said) -> None:
        answering = {"web", "local", "app", "db", None}
        assert {r.container for r in native_said.records if r.verdict == "open"} == answering


@contextmanager
def all_awake(lab: Lab) -> Iterator[None]:
    """No container paused meanwhile: the one whose queue is full costs every run five seconds."""
    with lab.api() as api:
        api.post("/containers/paused/unpause").raise_for_status()
        try:
            yield
        finally:
            api.post("/containers/paused/pause").raise_for_status()


# Not sent: a docker-machine whose client has another way for 172.17.0.0/16 than to the VM


def ip(*words: str) -> str:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 0, f"ip {words}: {done.stderr}"
    return done.stdout


class Lan:
    """A neighbour of the client that takes whatever is sent to it: a namespace of the test's own, without a way on. A
    counter in the client's namespace counts packets for Docker's addresses, but for resets. Those are the kernel's own: two
    minutes after a probe nobody translates the addresses of its connections any more, and what a container that was paused
    has to say on them comes from 172.17.0.5 itself (measured: six packets, and six resets to them)."""

    COUNTER = ("OUTPUT", "-d", "172.16.0.0/12")
    RESETS = (*COUNTER, "-p", "tcp", "--tcp-flags", "RST", "RST", "-j", "ACCEPT")

    def __init__(self, client: str) -> None:
        self.client, self.name = client, f"rd-lan-{uuid.uuid4().hex[:8]}"

    def build(self) -> None:
        ip("netns", "add", self.name)
        ip("-n", self.client, "link", "add", "lan0", "type", "veth", "peer", "name", "lan0", "netns", self.name)
        for number, name in enumerate((self.client, self.name), 1):
            ip("-n", name, "address", "add", f"198.51.100.{number}/24", "dev", "lan0")
            ip("-n", name, "link", "set", "lan0", "up")
        self.iptables("-I", *self.COUNTER)
        self.iptables("-I", *self.RESETS)

    def remove(self) -> None:
        for words in (["-n", self.client, "link", "delete", "lan0"], ["netns", "delete", self.name]):
            subprocess.run(["ip", *words], capture_output=True, timeout=10, check=False)
        self.iptables("-D", *self.COUNTER)
        self.iptables("-D", *self.RESETS)

    def iptables(self, *words: str) -> str:
        command = ["ip", "netns", "exec", self.client, "iptables", "-w", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout

    def sent(self) -> int:
        """Packets for Docker's addresses that the client has sent."""
        _, _, _, rule = self.iptables("-nvxL", "OUTPUT").splitlines()
        return int(rule.split()[0])


@pytest.fixture
def lan(machine: Lab) -> Iterator[Lan]:
    made = Lan(machine.client_namespace)
    with all_awake(machine):
        try:
            made.build()
            yield made
        finally:
            made.remove()


@pytest.mark.slow
class TestNotSent:
    def test_no_packet_for_a_container_takes_the_default_route(self, machine: Lab, lan: Lan) -> None:
        ip("-n", lan.client, "route", "add", "default", "via", "198.51.100.2")
        said = machine.probe("--no-helper")
        verdicts = said.verdicts("client", "container")
        assert len(verdicts) == 7
        assert set(verdicts.values()) == {"not-sent"}
        web = said.one("client", "172.17.0.2:80")
        assert web.explanation == (
            "a packet would leave by lan0 through 198.51.100.2, not straight onto Docker network bridge: not sent"
        )
        assert (web.passes, web.milliseconds) == (0, 0.0)
        assert lan.sent() == 0
        assert said.code == 0

    def test_with_force_they_are_sent(self, machine: Lab, lan: Lan) -> None:
        ip("-n", lan.client, "route", "add", "default", "via", "198.51.100.2")
        said = machine.probe("--no-helper", "--force")
        assert "not-sent" not in {record.verdict for record in said.records}
        assert lan.sent() >= 7

    def test_a_lan_with_the_same_addresses_gets_none_either(self, machine: Lab, lan: Lan) -> None:
        """As a second Docker on this machine would have it: its bridge, its gateway's address."""
        ip("-n", lan.client, "link", "add", "docker0", "type", "bridge")
        try:
            ip("-n", lan.client, "address", "add", "172.17.0.1/16", "dev", "docker0")
            ip("-n", lan.client, "link", "set", "docker0", "up")
            ip("-n", lan.client, "address", "add", "172.18.0.77/16", "dev", "lan0")
            said = machine.probe("--no-helper")
        finally:
            ip("-n", lan.client, "link", "delete", "docker0")
        assert set(said.verdicts("client", "container").values()) == {"not-sent"}
        assert "by docker0" in said.one("client", "172.17.0.2:80").explanation
        assert lan.sent() == 0


# Trouble


class Proxy:
    """Between client and daemon: records what is asked, and lets `answer` act first or give the reply itself. While it does,
    `body` is that of the request."""

    def __init__(self, folder: Path, daemon: Path, answer: Callable[[str], bytes | None]) -> None:
        self.calls: list[str] = []
        self.body = b""
        self._one = threading.Lock()
        self._daemon, self._answer = daemon, answer
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / "proxy.sock"))
        self._listener.listen()
        self.host = f"unix://{folder}/proxy.sock"

    def serve(self) -> None:
        with ThreadPoolExecutor(64) as exchanges:
            while True:
                try:
                    connection, _ = self._listener.accept()
                except OSError:
                    return
                exchanges.submit(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            self._exchange(connection)

    def _exchange(self, connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            data = connection.recv(65536)
            if not data:
                return
            request += data
        head, _, body = request.partition(b"\r\n\r\n")
        lengths = [int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        while len(body) < sum(lengths):
            body += connection.recv(65536)
        line, _, headers = head.partition(b"\r\n")
        with self._one:
            self.calls.append(call := line.decode().rpartition(" ")[0])
            self.body = body
            answer = self._answer(call)
        if answer is not None:
            connection.sendall(answer)
            return
        with socket.socket(socket.AF_UNIX) as daemon:
            daemon.connect(str(self._daemon))
            if b"upgrade:" in headers.lower():
                daemon.sendall(request)
                back = threading.Thread(target=_pump, args=(daemon, connection))
                back.start()
                _pump(connection, daemon)
                back.join()
                return
            daemon.sendall(line + b"\r\nConnection: close\r\n" + headers + b"\r\n\r\n" + body)
            _pump(daemon, connection)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def proxied(folder: Path, lab: Lab, answer: Callable[[str], bytes | None]) -> Iterator[Proxy]:
    proxy = Proxy(folder, lab.socket, answer)
    thread = threading.Thread(target=proxy.serve)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()


def reply(status: str, message: str) -> bytes:
    body = json.dumps({"message": message}).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


@contextmanager
def container(lab: Lab, name: str, labels: dict[str, str] | None = None, **host_config: Any) -> Iterator[str]:
    """A further container, removed at the end."""
    body = {
        "Image": "rawdock-lab:1",
        "Labels": labels or {},
        "Cmd": ["sleep", "2147483647"],
        "StopSignal": "SIGKILL",
        "HostConfig": host_config,
    }
    with lab.api() as api:
        made = api.post("/containers/create", params={"name": name}, json=body).raise_for_status().json()["Id"]
        try:
            api.post(f"/containers/{made}/start").raise_for_status()
            yield made
        finally:
            api.delete(f"/containers/{made}", params={"force": True})


@pytest.fixture(scope="class")
def awake(native: Lab) -> Iterator[None]:
    with all_awake(native):
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("awake")
class TestTrouble:
    def test_without_a_helper_none_is_made(self, native: Lab) -> None:
        since = time.time()
        said = native.probe("--no-helper")
        until = time.time()
        assert (said.code, {record.vantage for record in said.records}) == (0, {"client"})
        assert said.one("client", "127.0.0.1:8082").certainty == "inferred"
        window: dict[str, str | int | bool] = {"since": f"{since:.6f}", "until": f"{until:.6f}"}
        with native.api() as api:
            assert api.get("/events", params=window).text == ""

    def test_a_daemon_that_refuses_every_way_leaves_the_clients_answers(self, native: Lab, tmp_path: Path) -> None:
        def refuse(call: str) -> bytes | None:
            refused = call.startswith("POST ") and ("/containers/create" in call or call.endswith("/exec"))
            return reply("403 Forbidden", "not here") if refused else None

        with proxied(tmp_path, native, refuse) as proxy:
            said = native.probe(host=proxy.host)
        assert said.code == 3
        sandbox, containers, execs = said.stderr.splitlines()
        assert sandbox.startswith("rawdock: the daemon refused the one helper container")
        assert containers.startswith("rawdock: the daemon refused a helper container in each")
        assert execs.startswith(
            "rawdock: the daemon refused processes of ours in the containers (the daemon answered 403: not here"
        )
        assert execs.endswith(": only this machine asks; what lies inside is inferred from the API")
        assert said.one("client", "127.0.0.1:8080").verdict == "open"
        inside = [record for record in said.records if record.vantage != "client"]
        assert {record.verdict for record in inside} == {"vantage-unavailable"}
        assert len(inside) == 7
        assert any(call.startswith("DELETE ") and "/images/rawdock-probe:" in call for call in proxy.calls)
        assert native.traces() == []

    def test_what_cannot_be_removed_is_said(self, native: Lab, tmp_path: Path) -> None:
        def keep(call: str) -> bytes | None:
            refused = call.startswith("DELETE ") or "/containers/create" in call
            return reply("403 Forbidden", "not yours") if refused else None

        try:
            with proxied(tmp_path, native, keep) as proxy:
                said = native.probe(host=proxy.host)
            assert said.code == 3
            assert "left behind on the daemon's host: /images/rawdock-probe:" in said.stderr
            assert (
                said.stderr.count("daemon's host: /images/rawdock-probe:") == 2
            )  # one for each way that had it imported
        finally:
            with native.api() as api:
                for trace in native.traces():
                    api.delete(f"/images/{trace}", params={"force": True})

    def test_another_probes_helper_is_not_probed(self, native: Lab) -> None:
        with container(native, "helper", {"rawdock.probe": "another"}, NetworkMode="host"):
            said = native.probe()
        assert said.code == 0
        assert "helper" not in {name for record in said.records for name in (record.vantage, record.container)}

    def test_a_container_that_ends_before_its_turn_is_said_to_be_gone(self, native: Lab, tmp_path: Path) -> None:
        with container(native, "brief", NetworkMode="backend") as brief, native.api() as api:

            def end(call: str) -> bytes | None:
                if call.startswith("POST ") and "/images/create" in call:
                    api.post(f"/containers/{brief}/kill").raise_for_status()
                    api.post(f"/containers/{brief}/wait").raise_for_status()
                return None

            sandbox = Path(api.get(f"/containers/{brief}/json").json()["NetworkSettings"]["SandboxKey"])
            with proxied(tmp_path, native, end) as proxy:
                said = native.probe(host=proxy.host)
        own = [record for record in said.records if record.vantage == "brief"]
        assert {(record.verdict, record.explanation) for record in own if record.kind == "container"} == {
            ("vantage-unavailable", "its network namespace is gone: the container ended meanwhile")
        }
        assert said.code == 3
        assert said.one("app", "172.18.0.3:5432", "container").verdict == "open"
        assert not sandbox.is_dir(), "a bind of it would have made the daemon put a folder there"
        assert native.traces() == []

    def test_a_container_that_ends_between_list_and_inspection_is_left_out(self, native: Lab, tmp_path: Path) -> None:
        with native.api() as api:
            gone = api.get("/containers/db/json").json()["Id"]

        def vanish(call: str) -> bytes | None:
            return reply("404 Not Found", "no such container") if call.endswith(f"/{gone}/json") else None

        with proxied(tmp_path, native, vanish) as proxy:
            said = native.probe("--no-helper", host=proxy.host)
        assert said.code == 0
        assert "db" not in {record.container for record in said.records}

    @pytest.mark.parametrize(
        ("kind", "action"),
        # Podman has no event for an import, but one for its name.
        [("image", "tag" if engine.PODMAN else "import"), ("container", "create"), ("container", "start")],
    )
    @pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
    def test_interrupted_it_takes_everything_with_it(
        self, native: Lab, kind: str, action: str, number: signal.Signals, code: int
    ) -> None:
        with ExitStack() as stack:
            api = stack.enter_context(native.api())
            filters = json.dumps({"type": [kind], "event": [action]})
            events = stack.enter_context(api.stream("GET", "/events", params={"filters": filters}))
            process = stack.enter_context(
                subprocess.Popen(
                    native.command(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
                )
            )
            stack.callback(process.kill)
            assert re.search(rb"rawdock[.-]probe", next(iter(events)))
            os.killpg(process.pid, number)
            stdout, stderr = process.communicate(timeout=20)
        assert (process.returncode, stdout) == (code, b""), stderr
        assert native.traces() == []

    def test_guests_and_host_mode_are_probed_where_they_live(self, native: Lab) -> None:
        with native.api() as api:
            web = api.get("/containers/web/json").json()["Id"]
        with (
            container(native, "guest", NetworkMode=f"container:{web}"),
            container(native, "hostly", NetworkMode="host"),
            container(native, "x" * 64, NetworkMode="backend") as long_named,
        ):
            said = native.probe()
            with native.api() as api:
                ends = api.get(f"/containers/{long_named}/json").json()["NetworkSettings"]["Networks"]
        assert said.code == 0
        assert {"guest", "hostly"}.isdisjoint(record.vantage for record in said.records)
        assert said.verdicts("app", "name")["x" * 64] == "name-unknown"
        assert said.one("client", f"{ends['backend']['IPAddress']}:80").verdict == "refused"
