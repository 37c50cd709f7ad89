"""version, info, network and volume beside the docker CLI on the same daemon: the same visible result."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator

import engine
import pytest
from test_standins_lab import LAB, assert_same, docker, rawdock

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """The socket of a daemon of the lab, with a volume."""
    name = f"system-{uuid.uuid4().hex[:8]}"
    subprocess.run([LAB, "up", "native", "--as", name], check=True, capture_output=True)
    try:
        url = f"unix:///var/lib/rawdock-lab/native-{name}/docker.sock"
        docker(url, "volume", "create", "--label", "app=web", "data10")
        docker(url, "volume", "create", "data9")
        yield url
    finally:
        subprocess.run([LAB, "down", "native", "--as", name], check=True, capture_output=True)


def answered(host: str, *words: str, text: str = "") -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of rawdock, given `text`."""
    argv = [sys.executable, "-m", "rawdock", "-H", host, *words]
    done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["network", "ls"],
        ["network", "list", "-q"],
        ["network", "ls", "--no-trunc"],
        ["network", "ls", "-qf", "driver=bridge"],
        ["network", "ls", "--filter", "name=back", "--filter", "driver=bridge"],
        ["network", "ls", "--format", "{{.CreatedAt}} {{.IPv6}} {{.Internal}} {{.Labels}}"],
        ["network", "ls", "-q", "--format", r"table {{.Name}}\t{{.Driver}}"],
        ["network", "ls", "--format", "json"],
        ["network", "inspect", "bridge", "backend"],
        ["network", "inspect", "bridge", "--format", "{{range .IPAM.Config}}{{.Subnet}}{{end}} {{json .Options}}"],
        ["network", "inspect", "-f", "json", "bridge"],
        ["volume", "ls"],
        ["volume", "ls", "-q"],
        ["volume", "ls", "--filter", "label=app=web"],
        ["volume", "ls", "--format", '{{.Name}} {{.Mountpoint}} {{.Label "app"}} {{.Size}} {{.Links}}'],
        ["volume", "ls", "--format", "json"],
        ["volume", "inspect", "data9", "data10"],
        ["volume", "inspect", "-f", "{{.Mountpoint}}", "data9"],
        ["version", "-f", "{{.Server.Version}} {{.Server.APIVersion}} {{.Client.Os}}/{{.Client.Arch}}"],
        [
            "info",
            "-f",
            "{{.ServerVersion}} {{.OperatingSystem}} {{.Swarm.LocalNodeState}} {{.NCPU}} {{.Plugins.Network}}",
        ],
    ],
    ids=" ".join,
)
def test_what_is_printed(host: str, words: list[str]) -> None:
    assert_same(host, *words)
    assert rawdock(host, *words)[1].strip()


@pytest.mark.skipif(
    engine.PODMAN, reason="Podman gives what it says of itself in another order and under another ID each time"
)
@pytest.mark.parametrize("command", ["version", "info"])
def test_the_servers_lines(host: str, command: str) -> None:
    """Runtimes come in an order that changes from call to call; and a docker CLI does not know what came after it."""
    theirs, ours = (_steady_lines(run(host, command)[1]) for run in (docker, rawdock))
    assert len(ours) > 10 and ours == theirs


def _steady_lines(text: str) -> list[str]:
    lines = [line for line in text.partition("\nServer:")[2].split("\n") if not line.startswith(" Firewall Backend")]
    return [" ".join(sorted(line.split())) if "Runtimes" in line else line for line in lines]


@pytest.mark.skipif(engine.PODMAN, reason="the docker CLI leaves out fields of Podman's own")
def test_the_server_as_json(host: str) -> None:
    assert_same(host, "version", "-f", "{{json .Server}}")


def test_info_as_json_has_what_the_daemon_said_and_the_client(host: str) -> None:
    info = json.loads(rawdock(host, "info", "-f", "json")[1])
    assert info["ClientInfo"]["Platform"]["Name"] == "rawdock"
    assert info["Name"] == docker(host, "info", "-f", "{{.Name}}")[1].strip()


@pytest.mark.parametrize("words", [["version"], ["info"], ["version", "-f", "{{.Client.Context}}"]], ids=" ".join)
def test_without_a_daemon_the_client_is_told_still(words: list[str]) -> None:
    code, out, err = answered("unix:///nowhere.sock", *words)
    assert code == 6 and "default" in out and "there is no such socket" in err


def test_a_server_that_is_away_has_no_version(host: str) -> None:
    assert answered("unix:///nowhere.sock", "version", "-f", "{{.Server.Version}}")[:2] == (6, "\n")
    choice = "{{if .Server}}up{{else}}down{{end}}"
    assert answered("unix:///nowhere.sock", "version", "-f", choice)[:2] == (6, "down\n")
    assert rawdock(host, "version", "-f", choice) == (0, "up\n")


def test_a_network_is_made_as_the_docker_cli_makes_it(host: str) -> None:
    words = ["--subnet", "10.77.{}.0/24", "--gateway", "10.77.{}.1", "--ip-range", "10.77.{}.128/25"]
    words += [
        "--aux-address",
        "printer=10.77.{}.5",
        "--internal",
        "--attachable",
        "--label",
        "a=b=c",
        "--label",
        "bare",
    ]
    words += ["-o", "com.docker.network.driver.mtu=1400"]
    made = []
    for place, run in enumerate((docker, rawdock), start=1):
        filled = [word.format(place) for word in words]
        code, out = run(host, "network", "create", *filled, f"made{place}")
        assert (code, len(out.strip())) == (0, 64)
        assert run(
            host, "network", "connect", "--alias", "www", "--ip", f"10.77.{place}.130", f"made{place}", "web"
        ) == (0, "")
        [network] = json.loads(docker(host, "network", "inspect", f"made{place}")[1])
        [end] = json.loads(docker(host, "inspect", "web")[1])
        aliases = end["NetworkSettings"]["Networks"][f"made{place}"]["Aliases"]
        assert "www" in aliases and [one["IPv4Address"] for one in network["Containers"].values()]
        for moving in ("Id", "Created", "Name", "Containers"):
            del network[moving]
        made.append(json.dumps(network).replace(f"10.77.{place}.", "10.77.x."))
        assert run(host, "network", "disconnect", "-f", f"made{place}", "web") == (0, "")
    assert made[0] == made[1]
    assert rawdock(host, "network", "rm", "made1", "made2") == (0, "made1\nmade2\n")


def test_a_volume_is_made_as_the_docker_cli_makes_it(host: str) -> None:
    made = []
    words = ["-d", "local", "-o", "type=tmpfs", "-o", "device=tmpfs", "--label", "a=b"]
    for place, run in enumerate((docker, rawdock), start=1):
        assert run(host, "volume", "create", *words, f"made{place}") == (0, f"made{place}\n")
        [volume] = json.loads(docker(host, "volume", "inspect", f"made{place}")[1])
        made.append({name: volume[name] for name in ("Driver", "Labels", "Options", "Scope")})
    assert made[0] == made[1]
    code, out, err = answered(host, "volume", "rm", "made1", "nosuch", "made2")
    assert (code, out) == (4, "made1\nmade2\n") and "no such volume" in err
    name = rawdock(host, "volume", "create")[1].strip()
    assert rawdock(host, "volume", "rm", "-f", name, "nosuch") == (0, f"{name}\nnosuch\n")


def test_some_missing_are_said_and_the_others_shown(host: str) -> None:
    code, out, err = answered(host, "network", "inspect", "nosuch", "bridge")
    assert (code, [network["Name"] for network in json.loads(out)]) == (4, ["bridge"])
    assert "nosuch" in err
    assert answered(host, "network", "inspect", "nosuch")[:2] == (4, docker(host, "network", "inspect", "nosuch")[1])
    code, out, err = answered(host, "network", "rm", "nosuch")
    assert (code, out) == (4, "") and "nosuch" in err
    assert answered(host, "network", "rm", "-f", "nosuch") == (0, "", "")


def test_prune_asks_first(host: str) -> None:
    for command, said in (("network", "Deleted Networks:\nunused\n\n"), ("volume", "Deleted Volumes:\nunused\n\n")):
        docker(host, command, "create", "--label", "unused", "unused")
        named = ["-a"] if command == "volume" and engine.docker(23) else []
        prune = [command, "prune", *named, "--filter", "label=unused"]
        code, asked, _ = answered(host, *prune, text="n\n")
        assert code == 0 and asked.startswith("WARNING! ") and asked.endswith("[y/N] ")
        assert asked == answered(host, *prune, text="")[1]
        assert rawdock(host, command, "ls", "-q", "--filter", "label=unused")[1]
        assert said in answered(host, *prune, text="y\n")[1]
        docker(host, command, "create", "--label", "unused", "unused")
        assert rawdock(host, *prune, "-f")[1].startswith(said)
        assert_same(host, *prune, "-f")


@pytest.mark.skipif(engine.docker(23), reason="API 1.42 is spoken")
def test_volume_prune_all_on_an_older_daemon(host: str) -> None:
    """Where API 1.42 is not spoken the option is refused, by the docker CLI too."""
    code, _, err = answered(host, "volume", "prune", "-af", "--filter", "label=none")
    assert docker(host, "volume", "prune", "-af", "--filter", "label=none")[0] == 1
    assert code == 2 and err.startswith("rawdock: --all came with API 1.42, and the daemon is older")
