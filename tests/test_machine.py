"""`rawdock machine`, against what docker-machine 0.16.2 printed of the same machines. The captured addresses are never
connected to: what asks a daemon asks one on loopback.

It is long because each command and the live program stand beside their captured outputs here.
"""

from __future__ import annotations

import io
import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from certificates import authority
from wire_daemon import DAEMON, HOLD, REQUEST, VERSION, Script, WireDaemon, ping, reply

from rawdock import discover
from rawdock.cli import main
from rawdock.cli.console import Console
from rawdock.discovery.machine_live import live_endpoint
from rawdock.discovery.machine_secrets import without_secrets
from rawdock.discovery.machine_store import MachineStore
from rawdock.endpoint import TLSFiles
from rawdock.errors import EndpointError, TimedOutError

FIXTURES = Path(__file__).parent / "fixtures"


def captured(name: str) -> dict[str, dict[str, Any]]:
    return {case["id"]: case for case in json.loads((FIXTURES / name).read_text(encoding="utf-8"))["cases"]}


LS = captured("docker_machine_ls.json")
MISC = captured("docker_machine_misc.json")
UNREACHABLE = captured("docker_machine_unreachable.json")
READABLE = ["dev", "nodrv", "noengine", "nohost", "nounix", "stopped", "swarma", "swarmdown", "swarmm", "vbox", "xhyve"]


def config(driver: str = "generic", swarm: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    options = {"Master": False, "Host": "tcp://0.0.0.0:3376", "Discovery": "", **(swarm or {})}
    return {"ConfigVersion": 3, "DriverName": driver, "Driver": fields, "HostOptions": {"SwarmOptions": options}}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The machines of the captured outputs."""
    dev: dict[str, Any] = {"IPAddress": "10.88.77.100", "EnginePort": 2376}
    token, down = {"Discovery": "token://x"}, {"Discovery": "token://y", "Host": "tcp://0.0.0.0:3399"}
    machines: dict[str, Any] = {
        "dev": config(**dev),
        "nodrv": config("none", URL="tcp://10.88.77.100:2376", IPAddress="10.88.77.100:2376"),
        "noengine": config(**{**dev, "EnginePort": 2399}),
        "nohost": config("none", URL="tcp://localhost:2376"),
        "nounix": config("none", URL="unix:///var/run/docker.sock"),
        "stopped": config(**dev),
        "swarma": config(swarm=token, **dev),
        "swarmdown": config(swarm={**down, "Master": True}, **dev),
        "swarmm": config(swarm={**token, "Master": True}, **dev),
        "vbox": config("virtualbox", IPAddress="192.168.99.100"),
        "xhyve": config("xhyve"),
        "future": {"ConfigVersion": 4},
        "garbage": None,
    }
    folder = tmp_path / "store"
    for name, content in machines.items():
        add(folder, name, content)
    (folder / "machines" / "nocfg").mkdir()
    (folder / "machines" / ".hidden").mkdir()
    return folder


def add(folder: Path, name: str, content: dict[str, Any] | None) -> Path:
    machine = folder / "machines" / name
    machine.mkdir(parents=True)
    (machine / "config.json").write_text("{no json" if content is None else json.dumps(content))
    return machine


def run(
    store: Path, *arguments: str, environ: Mapping[str, str] | None = None, code: int = 0, command: str = "machine"
) -> tuple[str, str]:
    """(stdout, stderr)"""
    out, err = io.BytesIO(), io.StringIO()
    environ = {"MACHINE_STORAGE_PATH": str(store), "SHELL": "/bin/bash", **(environ or {})}
    assert main([command, *arguments], Console(out, err, io.BytesIO(), environ)) == code, err.getvalue()
    return out.getvalue().decode(), err.getvalue()


def table(text: str) -> dict[str, dict[str, str]]:
    """The rows by name; where a column begins, the head says."""
    head, *lines = text.splitlines()
    names = head.split()
    places = [head.index(name) for name in names]
    rows = [
        {name: line[begin:end].strip() for name, begin, end in zip(names, places, [*places[1:], None], strict=True)}
        for line in lines
    ]
    return {row["NAME"]: row for row in rows}


# ls


@pytest.mark.parametrize(
    ("case", "docker_host"),
    [("ls", ""), ("ls-active", "tcp://10.88.77.100:2376"), ("ls-active-swarm", "tcp://10.88.77.100:3376")],
)
def test_ls_says_what_docker_machine_says_where_a_store_can_know_it(store: Path, case: str, docker_host: str) -> None:
    ours = table(run(store, "ls", "--offline", environ={"DOCKER_HOST": docker_host})[0])
    theirs = table(LS[case]["stdout"])
    if case == "ls-active":
        theirs["stopped"]["ACTIVE"] = (
            "*"  # its saved address is DOCKER_HOST too; docker-machine gives a stopped one none
        )
    assert list(ours) == list(theirs)
    for name, row in theirs.items():
        same = ["NAME", "ACTIVE", "SWARM", *(["URL"] if row["URL"] else [])]
        assert {column: ours[name][column] for column in same} == {column: row[column] for column in same}
        assert ours[name]["STATE"] == ("Error" if row["DRIVER"] == "not found" else "Unknown")
        assert ours[name]["DRIVER"] == (row["DRIVER"] if name != "xhyve" else "xhyve")
    assert ours["future"]["ERRORS"].endswith("config.json has ConfigVersion 4, expected 0 to 3")
    assert "config.json is no JSON" in ours["garbage"]["ERRORS"]
    assert "machine 'nocfg' has no config.json" in ours["nocfg"]["ERRORS"]
    assert "machine 'xhyve' in" in ours["xhyve"]["ERRORS"] and "has no address saved" in ours["xhyve"]["ERRORS"]


def test_ls_quiet_gives_the_names_that_docker_machine_gives(store: Path) -> None:
    assert run(store, "ls", "-q")[0] == LS["ls-quiet"]["stdout"]


def test_ls_without_a_store_is_the_head_alone(tmp_path: Path) -> None:
    out, _ = run(tmp_path / "none", "ls")
    assert out.split() == MISC["empty-store-ls"]["stdout"].split()


def test_ls_as_json_tells_the_doubt_about_an_address(store: Path) -> None:
    rows = {row["name"]: row for row in json.loads(run(store, "ls", "--offline", "--json")[0])}
    assert rows["vbox"]["notes"] == [
        "192.168.99.100 is what the virtualbox driver last saved and may be stale: see `docker-machine ip vbox`"
    ]
    assert rows["dev"] == {
        "name": "dev",
        "active": "-",
        "driver": "generic",
        "state": "Unknown",
        "url": "tcp://10.88.77.100:2376",
        "swarm": "",
        "docker": "Unknown",
        "errors": "",
        "notes": [],
    }


def test_ls_asks_each_daemon_for_its_version(tmp_path: Path) -> None:
    store = tmp_path / "store"
    scripts: dict[str, Script] = {
        "good": DAEMON,
        "silent": [HOLD],
        "web": [REQUEST, ping(), REQUEST, reply(b"[]"), HOLD],
    }
    daemons = {}
    for name, script in scripts.items():
        (tmp_path / name).mkdir()
        daemons[name] = WireDaemon(tmp_path / name, "unix", script)
        add(store, name, config("none", URL=daemons[name].url))
    (tmp_path / "tls").mkdir()
    daemons["tls"] = WireDaemon(tmp_path / "tls", "tls1.3", DAEMON, server="server expired")
    authority().folder(add(store, "tls", config("none", URL=daemons["tls"].url)))
    add(store, "gone", config("none", URL=f"unix://{tmp_path}/gone.sock"))
    with daemons["good"], daemons["silent"], daemons["web"], daemons["tls"]:
        rows = table(run(store, "ls", "--timeout", "0.5")[0])
    assert (rows["good"]["STATE"], rows["good"]["DOCKER"], rows["good"]["ERRORS"]) == ("Running", "v24.0.7", "")
    assert all(row["STATE"] == "Unknown" for name, row in rows.items() if name != "good")
    assert rows["gone"]["ERRORS"] == "there is no such socket"
    assert rows["silent"]["ERRORS"] == "GET /version took over 0.5 s"
    assert rows["web"]["ERRORS"] == "/version names no version"
    assert "has expired" in rows["tls"]["ERRORS"]


def test_a_name_and_an_error_cannot_steer_the_terminal(tmp_path: Path) -> None:
    add(tmp_path, "dev", config("\x1b[2Jdriver", IPAddress="127.0.0.1"))
    out, _ = run(tmp_path, "ls", "--offline")
    assert "\x1b" not in out and "\\x1b[2Jdriver" in out


# ip, url, inspect


@pytest.mark.parametrize("name", [name for name in READABLE if name not in ("xhyve", "nounix", "vbox")])
def test_ip_and_url_are_docker_machines(store: Path, name: str) -> None:
    address = MISC[f"{name}:ip"]["stdout"].strip()
    assert run(store, "ip", name) == (
        address.partition(":")[0] + "\n",
        "",
    )  # no port, which docker-machine gives for none
    if name != "stopped":
        assert run(store, "url", name)[0] == MISC[f"{name}:url"]["stdout"]


def test_a_socket_has_a_url_and_no_address(store: Path) -> None:
    assert run(store, "url", "nounix")[0] == MISC["nounix:url"]["stdout"]
    _, err = run(store, "ip", "nounix", code=2)
    assert "machine 'nounix' is unix:///var/run/docker.sock, which has no IP address; use `rawdock machine url`" in err


def test_several_names_give_all_lines_or_none(store: Path) -> None:
    assert run(store, "ip", "dev", "nohost")[0] == "10.88.77.100\nlocalhost\n"
    out, err = run(store, "ip", "dev", "missing", code=2)
    assert out == "" and "machine 'missing' is not in" in err and "it has dev, " in err


def test_an_address_that_is_only_a_hint_is_said_to_be_one(store: Path) -> None:
    out, err = run(store, "ip", "vbox")
    assert out == "192.168.99.100\n"
    assert err.startswith("rawdock: note: 192.168.99.100 is what the virtualbox driver last saved and may be stale")


@pytest.mark.parametrize("command", ["ip", "url", "env", "inspect"])
def test_without_a_name_the_machine_is_called_default(store: Path, command: str) -> None:
    _, err = run(store, command, code=2)
    assert "machine 'default' is not in" in err


def test_inspect_leaves_secrets_out() -> None:
    fields = {
        "AccessToken": "s3cret-1",
        "SecretKey": "s3cret-2",
        "Password": "s3cret-3",
        "ApiKey": "s3cret-4",
        "SSHKeyPath": "/keys/id_rsa",
        "TokenURL": "https://me:s3cret-5@api.example/",
        "Empty": "",
        "IPAddress": "192.0.2.1",
    }
    options = {
        "EngineOptions": {
            "Env": ["HTTP_PROXY=http://me:s3cret-6@proxy:3128", "A_TOKEN=s3cret-7", "B=c"],
            "Labels": None,
        }
    }
    shown = without_secrets({"Driver": fields, "HostOptions": options})
    assert "s3cret" not in json.dumps(shown)
    assert shown["Driver"]["SSHKeyPath"] == "/keys/id_rsa" and shown["Driver"]["IPAddress"] == "192.0.2.1"
    assert shown["HostOptions"]["EngineOptions"]["Env"] == [
        "HTTP_PROXY=http://(left out)@proxy:3128",
        "A_TOKEN=(left out)",
        "B=c",
    ]


def test_inspect_is_docker_machines_document(store: Path) -> None:
    printed = json.loads(MISC["inspect-dev"]["stdout"])
    (store / "machines" / "dev" / "config.json").write_text(json.dumps(printed))
    assert json.loads(run(store, "inspect", "dev")[0]) == printed
    assert run(store, "inspect", "dev", "--select", "Driver.IPAddress")[0] == "10.88.77.100\n"
    assert json.loads(run(store, "inspect", "dev", "--select", "HostOptions.AuthOptions")[0])["CertDir"]
    _, err = run(store, "inspect", "dev", "--select", "Driver.Nope", code=2)
    assert "'Driver.Nope' from --select: machine 'dev' has no 'Nope'; there is IPAddress, " in err
    assert "its parent is no object" in run(store, "inspect", "dev", "--select", "Name.x", code=2)[1]


# env


@pytest.mark.parametrize("name", ["dev", "noengine", "nodrv", "swarmm"])
def test_env_is_docker_machines(store: Path, name: str) -> None:
    folder = store / "machines" / name
    authority().folder(folder)
    expected = MISC[f"{name}:env"]["stdout"] or MISC["dev:env"]["stdout"].replace("dev", name).replace("2376", "2399")
    assert run(store, "env", name)[0].splitlines()[:4] == [
        line.replace(f"/srv/lab/store/machines/{name}", str(folder)) for line in expected.splitlines()[:4]
    ]


def test_env_of_a_swarm_master(store: Path) -> None:
    out, _ = run(store, "env", "--swarm", "swarmm")
    assert out.splitlines()[1] == MISC["swarmm:env --swarm"]["stdout"].splitlines()[1]
    assert "rawdock machine env --swarm swarmm" in out
    assert "machine 'dev' is no swarm master; leave --swarm out" in run(store, "env", "--swarm", "dev", code=2)[1]


def test_env_for_a_machine_whose_certificates_lie_in_the_stores_certs(store: Path) -> None:
    """docker-machine names the machine's own folder, in which driver none has no certificates."""
    certs = authority().folder(store / "certs")
    content = config("none", URL="tcp://192.0.2.1:2376")
    paths = {"CaCertPath": "/old/certs/ca.pem", "ClientCertPath": "/old/cert.pem", "ClientKeyPath": "/old/key.pem"}
    content["HostOptions"]["AuthOptions"] = paths
    add(store, "bare", content)
    out, err = run(store, "env", "bare")
    assert f'export DOCKER_CERT_PATH="{certs}"' in out and err == ""


def test_env_cannot_name_certificates_that_lie_apart(store: Path, tmp_path: Path) -> None:
    authority().folder(tmp_path / "a")
    content = config(IPAddress="192.0.2.1")
    content["HostOptions"]["AuthOptions"] = {
        "CaCertPath": f"{tmp_path}/a/ca.pem",
        "ClientCertPath": f"{tmp_path}/b/cert.pem",
        "ClientKeyPath": f"{tmp_path}/b/key.pem",
    }
    add(store, "apart", content)
    _, err = run(store, "env", "apart", code=2)
    assert "DOCKER_CERT_PATH can name only a folder with ca.pem, cert.pem and key.pem" in err


def test_env_of_a_socket_unsets_tls(store: Path) -> None:
    assert run(store, "env", "--shell", "sh", "nounix")[0].splitlines()[:4] == [
        "unset DOCKER_TLS_VERIFY",
        'export DOCKER_HOST="unix:///var/run/docker.sock"',
        "unset DOCKER_CERT_PATH",
        'export DOCKER_MACHINE_NAME="nounix"',
    ]


def test_env_says_when_the_certificates_are_missing(store: Path) -> None:
    _, err = run(store, "env", "dev")
    assert err == f"rawdock: note: {store}/machines/dev/ca.pem is missing, so no client can verify this daemon\n"


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({}, 'export NO_PROXY="10.88.77.100"'),
        ({"NO_PROXY": "localhost,.corp"}, 'export NO_PROXY="localhost,.corp,10.88.77.100"'),
        ({"no_proxy": "a", "NO_PROXY": "b"}, 'export no_proxy="a,10.88.77.100"'),
        ({"NO_PROXY": "10.88.77.100"}, 'export NO_PROXY="10.88.77.100"'),
        # docker-machine finds the address inside the longer one, and leaves it out.
        ({"NO_PROXY": "110.88.77.1001"}, 'export NO_PROXY="110.88.77.1001,10.88.77.100"'),
    ],
)
def test_env_no_proxy(store: Path, environ: dict[str, str], line: str) -> None:
    assert run(store, "env", "--no-proxy", "dev", environ=environ)[0].splitlines()[4] == line


def test_env_unset(store: Path) -> None:
    out, _ = run(store, "env", "-u", "--no-proxy", "--shell", "fish")
    assert out.splitlines() == [
        "set -e DOCKER_TLS_VERIFY;",
        "set -e DOCKER_HOST;",
        "set -e DOCKER_CERT_PATH;",
        "set -e DOCKER_MACHINE_NAME;",
        "set -e NO_PROXY;",
        "# Run this command to configure your shell:",
        "# rawdock machine env --no-proxy --shell fish -u | source",
    ]
    assert "--unset takes no machine's name" in run(store, "env", "-u", "dev", code=2)[1]


def test_env_without_a_shell_and_for_an_unknown_one(store: Path) -> None:
    assert "SHELL is not set; give --shell bash" in run(store, "env", "dev", environ={"SHELL": ""}, code=2)[1]
    out, err = run(store, "env", "--shell", "nu", "dev")
    assert out.startswith("export ") and "note: shell 'nu' is not known, so these lines are bash's" in err


def test_what_env_prints_leads_the_next_command_there(tmp_path: Path) -> None:
    """From the store at an odd path, through a real shell, to a daemon."""
    store = tmp_path / 'it\'s "$HOME" `id` store'
    with WireDaemon(tmp_path, "tls1.3", DAEMON) as daemon:
        authority().folder(add(store, "dev", config("none", URL=daemon.url)))
        rawdock = f"{sys.executable} -m rawdock"
        done = subprocess.run(
            ["bash", "-c", f'eval "$({rawdock} machine env dev)" && {rawdock} get /version'],
            env={"PATH": os.environ["PATH"], "MACHINE_STORAGE_PATH": str(store), "SHELL": "/bin/bash"},
            capture_output=True,
            timeout=60,
            check=False,
        )
    assert (done.stdout, done.stderr) == (VERSION.rpartition(b"\r\n\r\n")[2], b"")


@pytest.mark.parametrize("words", [["url", "dev"], ["env", "dev"], ["ls", "--offline"], ["inspect", "dev"]])
def test_what_reads_the_store_imports_nothing_that_connects(store: Path, words: list[str]) -> None:
    program = (
        "import sys; from rawdock.cli import main; assert main(sys.argv[1:]) == 0; print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "machine", *words],
        env={"MACHINE_STORAGE_PATH": str(store), "SHELL": "bash"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = done.stderr.split()
    assert "rawdock.discovery.machine_store" in loaded
    assert not {"socket", "ssl", "subprocess", "asyncio", "threading", "rawdock.net", "rawdock.client"} & set(loaded)


@pytest.mark.parametrize("option", [("-H", "unix:///x"), ("--machine", "dev"), ("--machine-env", "-")])
def test_a_daemon_given_to_machine_is_refused(store: Path, option: tuple[str, str]) -> None:
    for words in ([*option, "machine", "ls"], ["machine", *option, "ls"], ["machine", "ls", *option]):
        err = io.StringIO()
        code = main(words, Console(io.BytesIO(), err, io.BytesIO(), {}))
        assert (
            code == 2 and "names a daemon, and `rawdock machine` takes machines' names; leave it out" in err.getvalue()
        )


def test_another_store_may_be_named_before_and_after_the_command(store: Path, tmp_path: Path) -> None:
    for words in (["-s", str(store), "url", "dev"], ["url", "dev", "--storage-path", str(store)]):
        assert run(tmp_path, *words)[0] == "tcp://10.88.77.100:2376\n"


# The program itself


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder for the PATH with a docker-machine that plays what the real one was seen to print: `say` makes it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def say(folder: Path, case: Mapping[str, Any], more: str = "") -> dict[str, str]:
    """Make a docker-machine that gives that case; returns the environment in which it is found."""
    (folder / "out").write_text(case["stdout"])
    (folder / "err").write_text(case["stderr"])
    script = f'echo "$@" >> {folder}/calls\n{more}\ncat {folder}/out; cat {folder}/err >&2; exit {case["rc"]}\n'
    (folder / "docker-machine").write_text(f"#!/bin/sh\n{script}")
    (folder / "docker-machine").chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def test_the_live_address_is_used_with_the_stores_certificates(store: Path, program: Path) -> None:
    environ = say(program, {"stdout": "tcp://192.168.99.123:2376\n", "stderr": "", "rc": 0})
    out, err = run(store, "url", "vbox", "--live", environ=environ)
    assert (out, err) == ("tcp://192.168.99.123:2376\n", "")
    assert (program / "calls").read_text() == "url vbox\n"
    endpoint = discover({"MACHINE_STORAGE_PATH": str(store), **environ}, machine="vbox", live=True)
    assert endpoint.origin == "`docker-machine url vbox`" and endpoint.machine == "vbox" and endpoint.notes == ()
    assert endpoint.tls == TLSFiles.in_folder(f"{store}/machines/vbox", "machine vbox")


FAILURES = {name: case for name, case in MISC.items() if name.endswith(":url") and case["rc"]}


@pytest.mark.parametrize("case", FAILURES.values(), ids=FAILURES)
def test_a_failure_of_the_program_is_told_in_its_own_words(store: Path, program: Path, case: dict[str, Any]) -> None:
    name = case["argv"][-1]
    environ = say(program, case)
    with pytest.raises(EndpointError) as caught:
        live_endpoint(MachineStore(str(store), "the test"), environ, name)
    assert (
        caught.value.cause == f"`docker-machine url {name}` ended with exit code 1: {' '.join(case['stderr'].split())}"
    )
    assert caught.value.remedy
    if name == "stopped":
        assert caught.value.remedy.startswith("start it: docker-machine start stopped")


def test_there_are_such_failures() -> None:
    assert len(FAILURES) >= 6


def test_a_program_that_hangs_is_ended_with_its_children(store: Path, program: Path, tmp_path: Path) -> None:
    """docker-machine starts its driver as a child, which would hold the pipes open."""
    case = UNREACHABLE["2376-dropped:url"]
    environ = say(program, case, more=f"echo waiting >&2; sleep 600 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(
        TimedOutError, match=r"`docker-machine url dev` took over 0.5 s: waiting; is the machine running"
    ):
        live_endpoint(MachineStore(str(store), "the test"), environ, "dev", 0.5)
    assert ended(int((tmp_path / "child").read_text()))


def ended(pid: int) -> bool:
    """Whether the process ends within ten seconds."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], 10)[0])
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("out", ["", MISC["help-env"]["stdout"], "tcp://a b\n"])
def test_a_program_that_prints_no_url(store: Path, program: Path, out: str) -> None:
    environ = say(program, {"stdout": out, "stderr": "", "rc": 0})
    with pytest.raises(EndpointError, match=r"`docker-machine url dev` printed no URL: it begins '"):
        live_endpoint(MachineStore(str(store), "the test"), environ, "dev")


def test_live_without_the_program_or_without_a_machine(store: Path, tmp_path: Path) -> None:
    words = ("--machine", "dev", "--live")
    _, err = run(store, *words, environ={"PATH": str(tmp_path)}, command="doctor", code=2)
    assert "docker-machine, asked for machine 'dev' by --live, is not in PATH; without --live the store" in err
    _, err = run(store, "--live", command="doctor", code=2)
    assert "--live asks docker-machine for a machine's address, and no machine is named; add --machine" in err


def test_a_program_that_cannot_be_started(store: Path, program: Path) -> None:
    environ = say(program, MISC["dev:url"])
    (program / "docker-machine").write_bytes(b"\x7fELF nothing")
    with pytest.raises(EndpointError, match="ended with exit code 126: Exec format error"):
        live_endpoint(MachineStore(str(store), "the test"), environ, "dev")
