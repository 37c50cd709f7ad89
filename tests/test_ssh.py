"""ssh:// without a server: its URLs, the arguments that ssh gets, and what ssh says when it fails. The docker CLI's own words
and arguments, captured from 20.10 and 28, are the measure.

It is long because each way to fail is a row of its own.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from rawdock import Endpoint, SyncClient, requests_session
from rawdock.discovery.machine_ssh import machine_ssh_endpoint
from rawdock.discovery.machine_store import MachineStore
from rawdock.endpoint import Scheme, SSHLogin
from rawdock.errors import (
    EndpointError,
    NetworkError,
    RefusedError,
    SocketDeniedError,
    SocketMissingError,
    SSHError,
    TimedOutError,
    UnknownHostError,
    UnreachableError,
)
from rawdock.net.ssh import arguments, dial_stdio
from rawdock.net.ssh_faults import login_fault, no_answer, remote_fault

FIXTURES = Path(__file__).parent / "fixtures"
CLI = {case["id"]: case for case in json.loads((FIXTURES / "docker_ssh.json").read_text())["cases"]}
CLI_28 = {name: case for name, case in CLI.items() if name.startswith("28:") and case["env"]["DOCKER_HOST"]}
MACHINE_ARGV = json.loads((FIXTURES / "docker_machine_ssh.json").read_text())["ssh_argv"][0]


def parse(url: str) -> Endpoint:
    return Endpoint.parse(url, "DOCKER_HOST")


class TestURL:
    @pytest.mark.parametrize("name", [name for name, case in CLI_28.items() if case["ssh_argv"]])
    def test_ssh_gets_what_the_docker_cli_gives_it(self, name: str) -> None:
        case = CLI_28[name]
        endpoint = parse(case["env"]["DOCKER_HOST"])
        theirs = case["ssh_argv"][0][1:]
        ours = arguments(endpoint, command=dial_stdio(endpoint))[1:]
        ours.remove("BatchMode=yes")
        ours[0:4] = ["-o ConnectTimeout=30", "-T"]
        if name == "28:slash":  # the CLI looks for a socket named / and finds none
            theirs = [word for word in theirs if word not in ("--host", "unix:///")]
        if name == "28:path-space":  # the CLI's is taken apart by the shell over there
            theirs = [word.replace("unix:///no pe/docker.sock", "'unix:///no pe/docker.sock'") for word in theirs]
        assert ours == theirs

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("28:password", "'ssh://root:***@127.0.0.1:22022' from DOCKER_HOST: a password has no place in ssh://"),
            ("28:query", "ssh:// takes no query"),
            ("28:frag", "ssh:// takes no fragment"),
            ("28:nohost", "names no host; write ssh://[USER@]HOST[:PORT][/PATH/OF/SOCKET]"),
            ("28:dash-host", "is no host and port"),
        ],
    )
    def test_what_the_docker_cli_refuses_is_refused(self, name: str, words: str) -> None:
        case = CLI_28[name]
        assert case["rc"] == 1 and not case["ssh_argv"]
        with pytest.raises(EndpointError) as caught:
            parse(case["env"]["DOCKER_HOST"])
        assert words in str(caught.value)

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("ssh://-oProxyCommand=x", "is no host and port"),
            ("ssh://-x", "'-x' begins with a hyphen"),
            ("ssh://-x@h", "'-x' begins with a hyphen"),
            ("ssh://%2Dx@h", "'-x' begins with a hyphen"),
            ("ssh://@h", "has an @ but no user"),
            ("ssh://::1", "an IPv6 address needs brackets; write ssh://[::1]"),
            ("ssh://h:0", "port '0', expected a number from 1 to 65535"),
            ("ssh://h:x", "port 'x', expected a number from 1 to 65535"),
            ("ssh://h/a%00b", "holds a character that cannot be printed"),
            ("ssh://h/a\nb", "holds a character that cannot be printed"),
            ("ssh://h p", "is no host and port; write ssh://HOST:PORT, ssh://[::1] for IPv6"),
        ],
    )
    def test_what_could_be_taken_for_something_else_is_refused(self, url: str, words: str) -> None:
        with pytest.raises(EndpointError) as caught:
            parse(url)
        assert words in str(caught.value)

    @pytest.mark.parametrize(
        "url", ["ssh://u:secret@h", "ssh://u:sec/secret@h/x", "ssh://u:sec?secret@h", "ssh://u:s#secret@h"]
    )
    def test_no_message_shows_a_password(self, url: str) -> None:
        with pytest.raises(EndpointError) as caught:
            parse(url)
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize(
        ("url", "address", "port", "login"),
        [
            ("ssh://box", "box", None, SSHLogin()),
            ("ssh://my_box.lan/", "my_box.lan", None, SSHLogin()),
            ("ssh://me@box:2222", "box", 2222, SSHLogin("me")),
            ("ssh://dom%5Cme@[::1]:22/run/docker.sock", "::1", 22, SSHLogin("dom\\me", "/run/docker.sock")),
            ("ssh://box/a%20b/docker.sock", "box", None, SSHLogin(None, "/a b/docker.sock")),
        ],
    )
    def test_a_url_goes_in_and_comes_out(self, url: str, address: str, port: int | None, login: SSHLogin) -> None:
        endpoint = parse(url)
        assert (endpoint.scheme, endpoint.address, endpoint.port, endpoint.ssh) == (Scheme.SSH, address, port, login)
        assert endpoint.url == url.rstrip("/")
        assert parse(endpoint.url) == endpoint
        assert endpoint.authority == "localhost" and endpoint.tls is None

    def test_a_client_is_made_without_ssh(self) -> None:
        with SyncClient(parse("ssh://box")) as client:
            assert client.endpoint.url == "ssh://box"

    def test_requests_says_what_speaks_ssh(self) -> None:
        with pytest.raises(EndpointError, match="use SyncClient or SyncHTTPXTransport"):
            requests_session(parse("ssh://box"))


class TestFaults:
    """(exit status, standard error) as the docker CLI passed them on."""

    @pytest.mark.parametrize(
        ("name", "kind", "words"),
        [
            ("28:no-port", RefusedError, "127.0.0.1 refused, no ssh server listens on port 22"),
            ("28:ipv6", RefusedError, "::1 refused, no ssh server listens on port 22022"),
            (
                "28:unknown-name",
                UnknownHostError,
                "'no-such-host.invalid' does not resolve (Name or service not known)",
            ),
            (
                "28:baduser",
                SSHError,
                "ssh may not log in as nobodyx@127.0.0.1 (permission denied; the server takes publickey)",
            ),
            ("28:odd-user", SSHError, "ssh takes no such user name"),
            (
                "28:vm-no-docker-cli",
                SSHError,
                "has no docker command in the PATH of a non-interactive login (bash: line 1: ",
            ),
            ("28:vm-no-docker-cli", SSHError, "which needs none: ssh://root@10.88.77.100/var/run/docker.sock"),
        ],
    )
    def test_what_the_docker_cli_was_told(self, name: str, kind: type[NetworkError], words: str) -> None:
        case = CLI_28[name]
        match = re.search(r"exit status (\d+), .*?stderr=(.*)", case["stderr"], re.DOTALL)
        assert match
        make: Any = login_fault if match[1] == "255" else remote_fault
        endpoint = parse(case["env"]["DOCKER_HOST"])
        error = make(endpoint, int(match[1]), match[2])
        assert type(error) is kind
        assert words in str(error) and str(error).startswith(endpoint.url) and error.remedy

    @pytest.mark.parametrize(
        ("said", "kind", "words"),
        [
            (
                "ssh: connect to host h port 22: No route to host\r\n",
                UnreachableError,
                "cannot be reached (No route to host)",
            ),
            ("ssh: connect to host h port 22: Connection timed out\r\n", TimedOutError, "h did not answer on port 22"),
            ("ssh: connect to host h port 22: Operation timed out\r\n", TimedOutError, "h did not answer on port 22"),
            (
                "No ED25519 host key is known for h.\r\nHost key verification failed.\r\n",
                SSHError,
                "the host key is not known yet, and ssh may not ask here; log in by hand once: `ssh -p 2 me@h`",
            ),
            (
                "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\r\n…\r\nHost key verification failed.\r\n",
                SSHError,
                "ssh-keygen -R h; then `ssh -p 2 me@h`",
            ),
            (
                "Permissions 0644 for 'id_rsa' are too open.\r\nme@h: Permission denied (publickey,password).\r\n",
                SSHError,
                "takes publickey,password); ssh says: Permissions 0644 for 'id_rsa' are too open; install a key",
            ),
            ("Received disconnect: Too many authentication failures\r\n", SSHError, "hung up after too many keys"),
            ("kex_exchange_identification: Connection closed by remote host\r\n", SSHError, "hung up before the login"),
            ("banner exchange: Connection to h port 2: invalid format\r\n", SSHError, "is it an ssh server?"),
            ("something new\n\n", SSHError, "ssh ended with 255: something new; see whether `ssh -p 2 me@h` logs in"),
            ("", SSHError, "ssh ended with 255: without a word"),
        ],
    )
    def test_what_ssh_says(self, said: str, kind: type[NetworkError], words: str) -> None:
        error = login_fault(parse("ssh://me@h:2"), 255, said)
        assert type(error) is kind and words in str(error)

    @pytest.mark.parametrize(
        ("status", "said", "kind", "words"),
        [
            (
                1,
                "dial unix /run/d.sock: connect: no such file or directory",
                SocketMissingError,
                "no socket /run/d.sock on h",
            ),
            (1, "dial unix /a b: connect: permission denied", SocketDeniedError, "may not use the socket /a b on h"),
            (1, "dial unix /run/d.sock: connect: connection refused", RefusedError, "nobody listens on the socket"),
            (1, "dial unix /tmp: connect: protocol wrong type", NetworkError, "/tmp on h: protocol wrong type"),
            (
                1,
                "dial tcp 127.0.0.1:1: connect: connection refused",
                RefusedError,
                "cannot reach its daemon at 127.0.0.1:1",
            ),
            (1, "docker: 'system dial-stdio' is not a docker command.", SSHError, "it needs Docker 18.09 or newer"),
            (1, "This account is currently not available.", SSHError, "ended with 1: This account is currently not"),
        ],
    )
    def test_what_the_far_side_says(self, status: int, said: str, kind: type[NetworkError], words: str) -> None:
        before = "failed to open the raw stream connection: " if said.startswith("dial") else ""
        error = remote_fault(parse("ssh://me@h"), status, f"{before}{said}\n")
        assert type(error) is kind and words in str(error) and error.remedy

    @pytest.mark.parametrize(
        ("look", "kind", "words"),
        [
            ("missing\n", SocketMissingError, "there is no socket /d on h"),
            ("no-socket\n", NetworkError, "/d on h: no socket but something else"),
            ("denied\nme\nsrw-rw---- 1 root docker 0 Nov 27 /d\n", SocketDeniedError, "(me: srw-rw---- 1 root docker)"),
        ],
    )
    def test_what_a_look_at_the_socket_says(self, look: str, kind: type[NetworkError], words: str) -> None:
        error = no_answer(parse("ssh://h/d"), look)
        assert error and type(error) is kind and words in str(error) and error.remedy

    @pytest.mark.parametrize("look", ["", "This account is currently not available.\n"])
    def test_a_look_that_finds_no_reason_is_no_error(self, look: str) -> None:
        assert no_answer(parse("ssh://h/d"), look) is None

    def test_without_docker_and_with_a_socket_the_server_is_to_forward_it(self) -> None:
        error = remote_fault(parse("ssh://h/d"), 127, "sh: docker: command not found\n")
        assert "AllowStreamLocalForwarding" in error.remedy


class TestMachine:
    """What a docker-machine's store says of its ssh."""

    def store(self, folder: Path, driver: str, key: str | None = "id_rsa", **fields: Any) -> MachineStore:
        machine = folder / "machines" / "dev"
        machine.mkdir(parents=True)
        config = {"ConfigVersion": 3, "DriverName": driver, "Driver": fields}
        (machine / "config.json").write_text(json.dumps(config))
        if key:
            (machine / key).write_text("a key that nobody reads here")
        return MachineStore(str(folder), "the test")

    def test_user_port_and_key_are_the_machines(self, tmp_path: Path) -> None:
        store = self.store(
            tmp_path,
            "generic",
            "id_vm",
            IPAddress="192.0.2.7",
            SSHUser="ubuntu",
            SSHPort=2222,
            SSHKeyPath="/gone/id_vm",
        )
        endpoint = machine_ssh_endpoint(store, "dev")
        assert endpoint.url == "ssh://ubuntu@192.0.2.7:2222/var/run/docker.sock"
        assert endpoint.ssh == SSHLogin("ubuntu", "/var/run/docker.sock", f"{tmp_path}/machines/dev/id_vm")
        assert endpoint.machine == "dev" and str(endpoint).endswith(f"from machine dev in {tmp_path}")

    def test_without_saved_values_docker_machines_own_defaults(self, tmp_path: Path) -> None:
        endpoint = machine_ssh_endpoint(self.store(tmp_path, "digitalocean", IPAddress="2001:db8::1"), "dev")
        assert endpoint.url == "ssh://root@[2001:db8::1]:22/var/run/docker.sock"

    def test_virtualbox_is_a_port_of_this_machine(self, tmp_path: Path) -> None:
        store = self.store(tmp_path, "virtualbox", IPAddress="192.168.99.100", SSHUser="docker", SSHPort=40022)
        endpoint = machine_ssh_endpoint(store, "dev")
        assert endpoint.url == "ssh://docker@127.0.0.1:40022/var/run/docker.sock" and not endpoint.notes

    def test_an_address_that_may_be_stale_is_noted(self, tmp_path: Path) -> None:
        endpoint = machine_ssh_endpoint(self.store(tmp_path, "amazonec2", IPAddress="192.0.2.7"), "dev")
        assert "may be stale" in endpoint.notes[0]

    @pytest.mark.parametrize(
        ("driver", "key", "fields", "words"),
        [
            ("none", "id_rsa", {"URL": "tcp://192.0.2.7:2376"}, "has the driver none, which knows no ssh"),
            ("generic", "id_rsa", {}, "has no address saved; start it: docker-machine start dev"),
            ("generic", None, {"IPAddress": "192.0.2.7"}, "machines/dev/id_rsa of machine 'dev'"),
            ("generic", "id_rsa", {"IPAddress": "192.0.2.7", "SSHPort": 70000}, "port '70000'"),
        ],
    )
    def test_what_is_missing_is_said(
        self, tmp_path: Path, driver: str, key: str | None, fields: dict[str, Any], words: str
    ) -> None:
        with pytest.raises(EndpointError) as caught:
            machine_ssh_endpoint(self.store(tmp_path, driver, key, **fields), "dev")
        assert words in str(caught.value)

    def test_ssh_gets_docker_machines_options_and_may_say_errors(self, tmp_path: Path) -> None:
        store = self.store(tmp_path, "generic", IPAddress="10.88.77.100", SSHUser="root", SSHPort=22)
        argv = arguments(machine_ssh_endpoint(store, "dev"))
        theirs = set(re.findall(r"-o (\S+)", MACHINE_ARGV)) - {
            *("ConnectTimeout=10", "LogLevel=quiet"),  # the CLI's 30 s; quiet would hide the reason
            *("ControlMaster=no", "ControlPath=none", "ServerAliveInterval=60"),  # the login's own
        }
        assert theirs <= set(argv) and "LogLevel=ERROR" in argv
        assert argv[argv.index("-F") + 1] == "/dev/null"
        assert f'IdentityFile="{tmp_path}/machines/dev/id_rsa"' in argv

    def test_a_percent_in_the_store_is_no_token_of_ssh(self, tmp_path: Path) -> None:
        store = self.store(tmp_path / "50%d of it", "generic", IPAddress="192.0.2.7")
        argv = arguments(machine_ssh_endpoint(store, "dev"))
        assert f'IdentityFile="{tmp_path}/50%%d of it/machines/dev/id_rsa"' in argv
