"""scripts/lab: what it builds, that nothing can leave it, and that nothing of it stays.

It is long because each way of building and breaking off is its own case.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import engine
import pytest

LAB = Path(__file__).resolve().parents[1] / "scripts" / "lab"
ROOT = Path("/var/lib/rawdock-lab")

lab_only = [
    pytest.mark.lab,
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0,
        reason="scripts/lab needs root to make network namespaces",
    ),
]


def run(*argv: str | Path, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, timeout=timeout, check=False)


@dataclass(frozen=True)
class Lab:
    """A lab of a test's own; every command gets its --as NAME."""

    topology: str
    name: str

    @property
    def id(self) -> str:
        return f"{self.topology}-{self.name}"

    @property
    def folder(self) -> Path:
        return ROOT / self.id

    def __call__(self, command: str, *words: str) -> subprocess.CompletedProcess[str]:
        return run(LAB, command, self.topology, "--as", self.name, *words)

    def exec(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self("exec", *words)

    def fetch(self, url: str) -> str:
        """The page, or curl's word for why there is none."""
        done = self.exec("curl", "--silent", "--show-error", "--max-time", "3", url)
        return done.stdout or done.stderr.strip()


def new_lab(topology: str) -> Lab:
    engine.skip_unless_in(topology)
    return Lab(topology, f"test-{uuid.uuid4().hex[:8]}")


@pytest.fixture(scope="module")
def native() -> Iterator[Lab]:
    yield from _up(new_lab("native"))


@pytest.fixture(scope="module")
def machine() -> Iterator[Lab]:
    yield from _up(new_lab("docker-machine"))


@pytest.fixture(scope="module")
def mac() -> Iterator[Lab]:
    yield from _up(new_lab("docker-for-mac"))


@pytest.fixture(scope="module")
def rootless() -> Iterator[Lab]:
    yield from _up(new_lab("rootless"))


@pytest.fixture(scope="module")
def inside() -> Iterator[Lab]:
    yield from _up(new_lab("client-in-container"))


@pytest.fixture(scope="module")
def swarm() -> Iterator[Lab]:
    yield from _up(new_lab("swarm"))


@pytest.fixture
def fresh(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A lab that is not up, of the topology in the parameter, else native; taken away in any case."""
    lab = new_lab(getattr(request, "param", "native"))
    try:
        yield lab
    finally:
        lab("down")


def _up(lab: Lab) -> Iterator[Lab]:
    try:
        done = lab("up")
        assert done.returncode == 0, done.stderr
        yield lab
    finally:
        lab("down")


def traces(lab: Lab) -> list[str]:
    """Everything on this machine that bears the lab's name."""
    found = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if lab.name in line]
    found += [line for line in run("ip", "netns", "list").stdout.splitlines() if lab.name in line]
    hierarchies = Path("/sys/fs/cgroup")
    for folder in (hierarchies, *hierarchies.iterdir()):  # glob() cannot bear a folder of another lab that vanishes
        if (mine := folder / "rawdock-lab" / lab.id).exists():
            found.append(str(mine))
    found += [str(lab.folder)] if lab.folder.exists() else []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            folder.joinpath("ns/net").stat()
            text = folder.joinpath("cmdline").read_text() + folder.joinpath("cgroup").read_text()
        except OSError:  # ended, or a zombie whose parent, pid 1, has not looked yet
            continue
        if lab.id in text:
            found.append(f"process {folder.name}: {text}")
    return found


class TestAnyone:
    """What needs neither root nor a daemon."""

    def test_help_ends_with_examples(self) -> None:
        said = run(LAB, "--help").stdout
        assert "docker-machine" in said
        assert said.rstrip().splitlines()[-1].strip() == "sudo scripts/lab down --all"

    def test_an_unknown_topology_names_the_known_ones(self) -> None:
        done = run(LAB, "up", "nativ")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            "lab: unknown topology 'nativ'; known: native, docker-machine, docker-for-mac, rootless, client-in-container, "
            "swarm\n"
        )

    @pytest.mark.parametrize(
        ("words", "origin"),
        [(["--engine", "29"], "--engine"), ([], "RAWDOCK_ENGINE")],
    )
    def test_an_unknown_engine_names_the_known_ones(self, words: list[str], origin: str) -> None:
        done = run("env", "RAWDOCK_ENGINE=29", LAB, "up", "native", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            f"lab: unknown engine '29' from {origin}; known: 20.10, 26.1, 28.5, podman-5.4, podman-5.8\n"
        )

    @pytest.mark.parametrize("words", [["--engine", "29"], ["--engine=29", "-k", "x"]])
    def test_the_suite_refuses_an_unknown_engine_before_it_installs_anything(self, words: list[str]) -> None:
        done = run(LAB.with_name("test"), *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("lab: unknown engine '29' from --engine; known: 20.10, ")

    def test_a_name_that_no_namespace_can_have_is_refused(self) -> None:
        done = run(LAB, "up", "native", "--as", "../etc")
        assert done.returncode == 2
        assert "expected 1 to 20 of a-z" in done.stderr

    def test_without_root_one_sentence_says_what_to_do(self) -> None:
        other = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        done = run(*other, LAB, "up", "native")
        if "Permission denied" in done.stderr:
            pytest.skip("the checkout lies in a folder that another user cannot enter")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "lab: the lab needs root to make network namespaces: run it with sudo\n"


class TestEngine:
    pytestmark = lab_only

    def test_it_is_the_one_that_was_asked_for(self, native: Lab) -> None:
        said = native.exec("curl", "-s", "--unix-socket", f"{native.folder}/docker.sock", "http://d/version")
        (version,) = (each["Version"] for each in json.loads(said.stdout)["Components"] if "Engine" in each["Name"])
        assert f"{version}.".startswith(engine.NAME.removeprefix("podman-") + ".")

    def test_a_lab_with_another_is_replaced(self, fresh: Lab) -> None:
        fresh("up")
        record = fresh.folder / "instance.json"
        record.write_text(json.dumps({**json.loads(record.read_text()), "engine": "another"}))
        done = fresh("up")
        assert f"not whole (it was made with engine another, not {engine.NAME}): replacing it" in done.stderr
        assert json.loads(record.read_text())["engine"] == engine.NAME

    @pytest.mark.parametrize("topology", ["docker-machine", "rootless", "client-in-container", "swarm"])
    def test_only_native_brings_podman(self, topology: str) -> None:
        done = run(LAB, "up", topology, "--as", "test-none", "--engine", "podman-5.4")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"lab: {topology} brings Docker, not podman-5.4: use the topology native\n"


class TestNative:
    pytestmark = lab_only

    def test_the_environment_names_the_socket(self, native: Lab) -> None:
        text = f'export DOCKER_HOST="unix://{native.folder}/docker.sock"\n'
        assert native("env").stdout == text
        assert native.exec("sh", "-c", "echo $DOCKER_HOST").stdout == f"unix://{native.folder}/docker.sock\n"

    def test_every_port_shows_its_fault(self, native: Lab) -> None:
        assert native.fetch("http://127.0.0.1:8080/") == "rawdock lab\n"
        # docker-proxy accepts and closes: curl, which speaks first, sees a reset nine times in ten, else the bare end.
        # Podman has no such forwarder.
        cut = re.compile("connect" if engine.PODMAN else "reset|Empty reply")
        assert cut.search(native.fetch("http://127.0.0.1:8081/")), "listens on the container's loopback only"
        assert cut.search(native.fetch("http://127.0.0.1:8082/")), "listens nowhere"
        assert "timed out" in native.fetch("http://127.0.0.1:8083/"), "paused"
        assert native.fetch("http://127.0.0.1:8084/") == "rawdock lab\n"
        assert "connect" in native.fetch("http://172.17.0.1:8084/"), "published on 127.0.0.1 only"

    def test_names_resolve_on_the_network_of_app_and_db(self, native: Lab) -> None:
        sees = native.exec("curl", "-s", "--unix-socket", f"{native.folder}/docker.sock", "http://d/networks/backend")
        names = {entry["Name"] for entry in json.loads(sees.stdout)["Containers"].values()}
        assert names == {"app", "db"}

    def test_exec_passes_exit_codes_streams_and_options(self, native: Lab) -> None:
        assert native.exec("sh", "-c", "exit 7").returncode == 7
        assert native.exec("--", "sh", "-c", "exit 8").returncode == 8
        assert native.exec("echo", "--as", "--", "-v").stdout == "--as -- -v\n"
        argv = [str(LAB), "exec", "--as", native.name, native.topology, "cat"]
        assert subprocess.run(argv, input=b"\0in", capture_output=True, check=True).stdout == b"\0in"

    def test_exec_drops_what_would_lead_the_client_elsewhere(self, native: Lab) -> None:
        argv = [str(LAB), "exec", native.topology, "--as", native.name, "env"]
        misleading = {"DOCKER_CONTEXT": "c-192.0.2.1", "HTTPS_PROXY": "http://192.0.2.1:3128"}
        done = subprocess.run(argv, env={**os.environ, **misleading}, capture_output=True, text=True, check=True)
        assert "192.0.2.1" not in done.stdout

    def test_up_again_says_so(self, native: Lab) -> None:
        done = native("up")
        assert done.returncode == 0
        assert f"{native.id} is already up" in done.stderr

    def test_ls_shows_it(self, native: Lab) -> None:
        assert ["native", native.name, "up"] in [line.split() for line in run(LAB, "ls").stdout.splitlines()]

    def test_the_root_namespace_has_no_interface_of_docker(self, native: Lab) -> None:
        assert not [line for line in run("ip", "-brief", "link").stdout.splitlines() if "docker" in line]


class TestDockerMachine:
    pytestmark = lab_only

    def test_the_environment_is_docker_machines_own_text(self, machine: Lab) -> None:
        assert machine("env").stdout == (
            f'export MACHINE_STORAGE_PATH="{machine.folder}/store"\n'
            'export DOCKER_TLS_VERIFY="1"\n'
            'export DOCKER_HOST="tcp://192.168.99.100:2376"\n'
            f'export DOCKER_CERT_PATH="{machine.folder}/store/machines/lab"\n'
            'export DOCKER_MACHINE_NAME="lab"\n'
            "# Run this command to configure your shell: \n"
            "# eval $(docker-machine env --shell bash lab)\n"
        )

    def test_a_published_port_answers_at_the_vm_and_is_refused_at_localhost(self, machine: Lab) -> None:
        assert machine.fetch("http://192.168.99.100:8080/") == "rawdock lab\n"
        assert "connect" in machine.fetch("http://127.0.0.1:8080/")
        assert "connect" in machine.fetch("http://192.168.99.100:8084/"), "published on the VM's 127.0.0.1"
        assert "connect" in machine.fetch("http://172.17.0.2/"), "no route to containers"

    def test_the_client_certificate_opens_the_daemon(self, machine: Lab) -> None:
        done = machine.exec(sys.executable, "-c", TLS_CLIENT)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["Labels"] == ["provider=generic"]

    def test_without_a_client_certificate_the_daemon_refuses(self, machine: Lab) -> None:
        done = machine.exec("curl", "-sS", "--insecure", "--max-time", "3", "https://192.168.99.100:2376/_ping")
        assert done.returncode == 56
        # Go, which dockerd is made with, says since 1.21 what was wrong.
        assert ("certificate required" if engine.docker(26) else "bad certificate") in done.stderr

    def test_strict_verification_refuses_these_certificates(self, machine: Lab) -> None:
        done = machine.exec(sys.executable, "-c", TLS_CLIENT, "strict")
        assert "Missing Authority Key Identifier" in done.stderr

    def test_certificates_are_like_those_of_the_official_build(self, machine: Lab) -> None:
        texts = {name: certificate(machine, name) for name in ("ca", "cert", "server")}
        assert not [name for name, text in texts.items() if "Key Identifier" in text]
        assert "Subject: O = root\n" in texts["ca"].replace("O=", "O = ")
        ca_usage = "Digital Signature, Key Encipherment, Key Agreement, Certificate Sign"
        for wanted in (ca_usage, "Key Usage: critical", "Basic Constraints: critical", "CA:TRUE"):
            assert wanted in texts["ca"]
        for wanted in ("DNS:localhost, IP Address:192.168.99.100", "Server Authentication", "CA:FALSE"):
            assert wanted in texts["server"]
        assert "Client Authentication" in texts["cert"]
        assert "Alternative Name" not in texts["cert"]

    def test_the_store_is_docker_machines(self, machine: Lab) -> None:
        store = machine.folder / "store"
        folder = store / "machines" / "lab"
        config = json.loads((folder / "config.json").read_text())
        assert (config["ConfigVersion"], config["DriverName"], config["Name"]) == (3, "generic", "lab")
        assert (config["Driver"]["IPAddress"], config["Driver"]["EnginePort"]) == ("192.168.99.100", 2376)
        paths = [value for key, value in config["HostOptions"]["AuthOptions"].items() if key.endswith("Path")]
        assert all(Path(path).exists() for path in paths if path), paths
        assert {path.name for path in folder.iterdir()} == {
            *("ca.pem", "cert.pem", "key.pem", "server.pem", "server-key.pem"),
            *("id_rsa", "id_rsa.pub", "config.json"),
        }
        for path in (*folder.glob("*key.pem"), store / "certs" / "ca-key.pem", folder / "id_rsa"):
            assert path.stat().st_mode & 0o777 == 0o600
            assert path.read_text().startswith("-----BEGIN RSA PRIVATE KEY-----\n")
        assert {path.stat().st_mode & 0o777 for path in store.glob("**/") if path.is_dir()} == {0o700}

    def test_two_instances_live_side_by_side(self, machine: Lab) -> None:
        other = new_lab("docker-machine")
        try:
            assert other("up").returncode == 0
            assert other.fetch("http://192.168.99.100:8080/") == "rawdock lab\n"
            assert machine("env").stdout != other("env").stdout
        finally:
            other("down")
        assert machine.fetch("http://192.168.99.100:8080/") == "rawdock lab\n"
        assert traces(other) == []


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
@pytest.mark.parametrize(
    ("topology", "role"),
    [
        *(("native", "client"), ("machine", "client"), ("machine", "vm")),
        *(("mac", "client"), ("mac", "vm"), ("mac", "vpnkit")),
        *(("rootless", "client"), ("rootless", "lan"), ("inside", "client")),
        *(("swarm", "node1"), ("swarm", "node2"), ("swarm", "node3"), ("swarm", "ethernet")),
    ],
)
class TestNoWayOut:
    pytestmark = lab_only

    def test_no_namespace_has_a_route_outside(
        self, request: pytest.FixtureRequest, topology: str, role: str, address: str
    ) -> None:
        lab: Lab = request.getfixturevalue(topology)
        done = run("ip", "-n", f"rd-{lab.id}-{role}", "route", "get", address)
        assert done.returncode != 0
        assert "unreachable" in done.stderr


class TestDockerForMac:
    pytestmark = lab_only

    def test_the_daemon_says_what_docker_for_mac_says(self, mac: Lab) -> None:
        done = mac.exec("curl", "--silent", "--unix-socket", str(mac.folder / "docker.sock"), "http://d/info")
        told = json.loads(done.stdout)
        assert (told["OperatingSystem"], told["Name"]) == ("Docker for Mac", "linuxkit-025000000001")

    @pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
    def test_published_ports_answer_on_localhost_and_accept_first(self, mac: Lab, host: str) -> None:
        assert mac.fetch(f"http://{host}:8080/") == "rawdock lab\n"
        assert mac.fetch(f"http://{host}:8082/") == "curl: (52) Empty reply from server"

    @pytest.mark.parametrize("address", ["172.17.0.2", "192.168.65.3"])
    def test_there_is_no_way_to_containers_and_vm(self, mac: Lab, address: str) -> None:
        assert mac.exec("ip", "route", "get", address).returncode != 0

    @pytest.mark.parametrize("container", ["web", "app"])
    @pytest.mark.parametrize("name", ["host.docker.internal", "docker.for.mac.localhost"])
    def test_a_container_reaches_the_clients_localhost_by_name(self, mac: Lab, container: str, name: str) -> None:
        server = (
            "import http.server as h, os, sys\n"
            "s = h.HTTPServer(('127.0.0.1', 0), type('H', (h.BaseHTTPRequestHandler,), {'do_GET': lambda r:"
            " (r.send_response(200), r.end_headers(), r.wfile.write(b'the client'))}))\n"
            "print(s.server_port, flush=True)\n"
            "s.handle_request()\n"
        )
        argv = [str(LAB), "exec", mac.topology, "--as", mac.name, sys.executable, "-c", server]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as serving:
            try:
                assert serving.stdout
                port = int(serving.stdout.readline())
                url = f"http://{name}:{port}/"
                assert mac.exec("docker", "exec", container, "wget", "-qO-", url).stdout == "the client"
            finally:
                serving.kill()

    def test_what_nobody_listens_on_there_is_reset(self, mac: Lab) -> None:
        done = mac.exec("docker", "exec", "web", "wget", "-qO-", "http://host.docker.internal:9/")
        assert (done.returncode, done.stdout) == (1, "")
        assert "reset by peer" in done.stderr

    def test_a_name_that_is_no_alias_is_not_known(self, mac: Lab) -> None:
        assert mac.exec("docker", "exec", "web", "nslookup", "example.test").returncode != 0


class TestRootless:
    pytestmark = lab_only

    def test_the_daemon_is_an_unprivileged_users(self, rootless: Lab) -> None:
        done = rootless.exec("curl", "--silent", "--unix-socket", f"{rootless.folder}/docker.sock", "http://d/info")
        assert "name=rootless" in json.loads(done.stdout)["SecurityOptions"]
        owners = {path.stat().st_uid for path in (rootless.folder / "docker.sock", rootless.folder / "data")}
        assert len(owners) == 1 and owners != {0}

    def test_published_ports_answer_on_localhost_and_the_lan_address_by_a_forwarder(self, rootless: Lab) -> None:
        for host in ("127.0.0.1", "[::1]", "192.168.78.2"):
            assert rootless.fetch(f"http://{host}:8080/") == "rawdock lab\n"
            assert rootless.fetch(f"http://{host}:8082/") == "curl: (52) Empty reply from server"
        assert "connect" in rootless.fetch("http://192.168.78.2:8084/"), "published on 127.0.0.1 only"

    def test_the_bridges_are_in_another_namespace(self, rootless: Lab) -> None:
        assert rootless.exec("ip", "route", "get", "172.17.0.2").returncode != 0
        assert "docker0" not in rootless.exec("ip", "-brief", "link").stdout

    def test_a_container_reaches_the_machine_by_its_lan_address_only(self, rootless: Lab) -> None:
        def connects(address: str) -> bool:
            argv = ["docker", "exec", "app", "nc", "-w", "2", address, "8080"]
            return rootless.exec(*argv).returncode == 0

        assert connects("192.168.78.2")
        assert not connects("10.0.2.2") and not connects("172.18.0.1")


class TestClientInContainer:
    pytestmark = lab_only

    def test_exec_runs_in_the_container_with_no_more_than_its_rights(self, inside: Lab) -> None:
        sees = inside.exec("curl", "-s", "--unix-socket", "/var/run/docker.sock", "http://d/containers/toolbox/json")
        document = json.loads(sees.stdout)
        assert inside.exec("hostname").stdout.strip() == document["Config"]["Hostname"]
        script = "cat /proc/self/status; cat /proc/self/mountinfo; ip -brief address"
        seen = inside.exec("sh", "-c", script).stdout
        assert "CapBnd:\t00000000a80425fb\n" in seen  # Docker's default
        assert f"/containers/{document['Id']}/hostname /etc/hostname" in seen
        assert document["NetworkSettings"]["Networks"]["bridge"]["IPAddress"] in seen

    def test_the_machines_programs_and_the_checkout_are_there_read_only(self, inside: Lab) -> None:
        code = "import sys; print(sys.version_info[:2])"
        assert inside.exec(sys.executable, "-c", code).stdout == f"{sys.version_info[:2]}\n"
        done = inside.exec("sh", "-c", f"ls {LAB} && touch {LAB}")
        assert (done.returncode, done.stdout) == (1, f"{LAB}\n")
        assert "Read-only file system" in done.stderr
        assert inside.exec("pwd").stdout == f"{os.getcwd()}\n"

    def test_exec_passes_exit_codes_and_a_signal(self, inside: Lab) -> None:
        assert inside.exec("sh", "-c", "exit 7").returncode == 7
        argv = [str(LAB), "exec", inside.topology, "--as", inside.name, "sh", "-c"]
        with subprocess.Popen([*argv, "echo here; exec sleep 600"], stdout=subprocess.PIPE, text=True) as left:
            assert left.stdout
            assert left.stdout.readline() == "here\n"
            left.terminate()
            assert left.stdout.read() == "", "the sleep has ended, and with it the pipe"

    def test_published_ports_answer_at_the_gateway_and_not_at_localhost(self, inside: Lab) -> None:
        assert inside.fetch("http://172.17.0.1:8080/") == "rawdock lab\n"
        assert "connect" in inside.fetch("http://127.0.0.1:8080/")
        assert inside.fetch("http://172.17.0.2/") == "rawdock lab\n", "web shares the default bridge"
        assert "timed out" in inside.fetch("http://172.18.0.2/"), "app is on another network"

    def test_the_environment_leads_there_from_outside_too(self, inside: Lab) -> None:
        said = inside("env").stdout
        assert said == f'export DOCKER_HOST="unix://{inside.folder}/docker.sock"\n'
        assert inside.exec("sh", "-c", 'test -S "${DOCKER_HOST#unix://}"').returncode == 0


class TestSwarm:
    pytestmark = lab_only

    def test_three_nodes_with_names_of_their_own_are_ready(self, swarm: Lab) -> None:
        done = swarm.exec("docker", "node", "ls", "--format", "{{.Hostname}} {{.Status}} {{.ManagerStatus}}")
        assert sorted(done.stdout.splitlines()) == ["node1 Ready Leader", "node2 Ready ", "node3 Ready "]
        for name, folder in (("node2", swarm.folder / "node2"), ("node3", swarm.folder / "node3")):
            done = run("docker", "-H", f"unix://{folder}/docker.sock", "info", "--format", "{{.Name}}")
            assert done.stdout == f"{name}\n"

    def test_an_overlay_network_joins_tasks_on_all_nodes(self, swarm: Lab) -> None:
        here = swarm.exec("docker", "ps", "-q", "--filter", "label=com.docker.swarm.service.name=onhost").stdout.strip()
        asked = swarm.exec("docker", "exec", here, "nslookup", "tasks.everywhere")
        addresses = set(re.findall(r"10\.0\.1\.\d+", asked.stdout))
        assert len(addresses) == 3
        for address in addresses:
            # Not wget: busybox's static one crashes on an address here (segmentation fault).
            ask = f"printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 {address} 80"
            assert swarm.exec("docker", "exec", here, "sh", "-c", ask).stdout.endswith("\nrawdock lab\n")

    def test_a_host_mode_port_answers_on_its_tasks_node_alone(self, swarm: Lab) -> None:
        for port, node in ((8090, 1), (8091, 2)):
            for other in (1, 2, 3):
                said = swarm.fetch(f"http://192.168.79.{other}:{port}/")
                assert said == "rawdock lab\n" if other == node else "connect" in said


class TestNothingStays:
    pytestmark = lab_only

    @pytest.mark.parametrize(
        "fresh",
        ["native", "docker-machine", "docker-for-mac", "rootless", "client-in-container", "swarm"],
        indirect=True,
    )
    def test_down_leaves_nothing(self, fresh: Lab) -> None:
        assert fresh("up").returncode == 0
        assert traces(fresh) != []
        assert fresh("down").returncode == 0
        assert traces(fresh) == []

    def test_down_of_what_is_not_up_says_so(self, fresh: Lab) -> None:
        done = fresh("down")
        assert done.returncode == 0
        assert done.stderr == f"lab: {fresh.id} is not up\n"

    def test_down_ends_what_exec_left_running(self, fresh: Lab) -> None:
        fresh("up")
        argv = [str(LAB), "exec", fresh.topology, "--as", fresh.name, "sh", "-c", "echo here; exec sleep 600"]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as left:
            assert left.stdout
            assert left.stdout.readline() == "here\n"
            assert fresh("down").returncode == 0
            assert left.wait(timeout=5) == -signal.SIGKILL

    @pytest.mark.parametrize(
        ("fresh", "step"),
        [
            *(("docker-machine", step) for step in ("namespaces", "certificates", "dockerd", "containers")),
            *(("native", step) for step in ("namespaces", "podman", "containers") if engine.PODMAN),
        ],
        indirect=["fresh"],
    )
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_an_interrupted_up_cleans_up(self, fresh: Lab, step: str, number: signal.Signals) -> None:
        code, said = interrupt(fresh, step, number)
        assert code == 128 + number, said
        assert f"interrupted by {number.name}" in said
        assert "Traceback" not in said
        assert traces(fresh) == []

    @pytest.mark.parametrize("step", [engine.PROGRAM, "containers"])
    def test_down_cleans_up_after_a_killed_up(self, fresh: Lab, step: str) -> None:
        interrupt(fresh, step, signal.SIGKILL)
        assert traces(fresh) != []
        assert fresh("down").returncode == 0
        assert traces(fresh) == []

    def test_down_cleans_up_after_a_dead_daemon(self, fresh: Lab) -> None:
        fresh("up")
        kill_daemon(fresh)
        assert fresh("down").returncode == 0
        assert traces(fresh) == []

    @pytest.mark.slow
    def test_up_replaces_a_dead_daemon(self, fresh: Lab) -> None:
        fresh("up")
        kill_daemon(fresh)
        done = fresh("up")
        assert done.returncode == 0
        assert "not whole (its daemon does not answer): replacing it" in done.stderr
        assert fresh.fetch("http://127.0.0.1:8080/") == "rawdock lab\n"

    def test_a_daemon_that_does_not_start_is_quoted_and_cleaned_up(self, fresh: Lab, tmp_path: Path) -> None:
        broken = tmp_path / "unshare"  # which every engine is started by
        broken.write_text("#!/bin/sh\necho 'no graph driver today'; exit 3\n")
        broken.chmod(0o755)
        over = f'mount -n --bind {broken} "$(command -v unshare)" && exec {LAB} up native --as {fresh.name}'
        done = run("unshare", "--mount", "sh", "-c", over)
        assert done.returncode == 1
        ended = f"{engine.PROGRAM} ended with 3 before it answered; its log ends:\n    no graph driver today\n"
        assert ended in done.stderr
        assert traces(fresh) == []


TLS_CLIENT = """
import http.client, os, ssl, sys
folder = os.environ["DOCKER_CERT_PATH"]
context = ssl.create_default_context(cafile=f"{folder}/ca.pem")
context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
context.verify_flags &= ~ssl.VERIFY_X509_STRICT
if "strict" in sys.argv:
    context.verify_flags |= ssl.VERIFY_X509_STRICT
host, port = os.environ["DOCKER_HOST"].removeprefix("tcp://").split(":")
connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=5)
connection.request("GET", "/info")
print(connection.getresponse().read().decode())
"""


def certificate(lab: Lab, name: str) -> str:
    path = lab.folder / "store" / "machines" / "lab" / f"{name}.pem"
    return run("openssl", "x509", "-noout", "-text", "-in", path).stdout


def interrupt(lab: Lab, step: str, number: signal.Signals) -> tuple[int, str]:
    """Signal an `up` at the moment it announces a step; (exit code, what it said on stderr)."""
    argv = [str(LAB), "up", lab.topology, "--as", lab.name]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, start_new_session=True) as up:
        assert up.stderr
        said = ""
        for line in up.stderr:
            said += line
            if line.startswith(f"lab: {step} "):
                # The whole process group, as a terminal's Ctrl-C reaches it; of a kill only `lab` itself.
                os.kill(up.pid, number) if number == signal.SIGKILL else os.killpg(up.pid, number)
                break
        if number != signal.SIGKILL:
            said += up.stderr.read()
        return up.wait(timeout=60), said


def kill_daemon(lab: Lab) -> None:
    os.kill(int((lab.folder / "engine.pid").read_text()), signal.SIGKILL)
