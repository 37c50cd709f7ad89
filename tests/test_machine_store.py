"""docker-machine's store on disk, made in a folder for the test. Nothing here opens a connection."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from rawdock.discovery.machine_store import MachineStore
from rawdock.endpoint import Scheme, TLSFiles
from rawdock.errors import EndpointError

FIXTURE = Path(__file__).parent / "fixtures" / "docker_machine_config_versions.json"
CASES = json.loads(FIXTURE.read_text(encoding="utf-8"))["cases"]
CONFIGS = [(f"{case['id']}-{when}", case["id"], case[when]) for case in CASES for when in ("before", "after")]


class Store:
    """A store in `folder`, for a test to fill."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, config: object, *, pems: bool = True) -> Path:
        """Write a machine and return its folder. `config`: JSON to be, or bytes as they are."""
        machine = self.folder / "machines" / name
        machine.mkdir(parents=True)
        (machine / "config.json").write_bytes(config if isinstance(config, bytes) else json.dumps(config).encode())
        if pems:
            self.pems(machine)
        return machine

    def pems(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("ca.pem", "cert.pem", "key.pem"):
            (folder / name).write_text("a PEM that nobody reads here")

    def read(self) -> MachineStore:
        return MachineStore(str(self.folder), "MACHINE_STORAGE_PATH")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def config(driver_name: str = "generic", **driver: Any) -> dict[str, Any]:
    return {"ConfigVersion": 3, "DriverName": driver_name, "Driver": driver, "HostOptions": {"AuthOptions": {}}}


def in_folder(folder: object, origin: str) -> TLSFiles:
    return TLSFiles(f"{folder}/ca.pem", f"{folder}/cert.pem", f"{folder}/key.pem", origin)


@pytest.mark.parametrize(("name", "content"), [c[1:] for c in CONFIGS], ids=[c[0] for c in CONFIGS])
def test_a_config_of_every_version_gives_what_docker_machine_printed(
    store: Store, name: str, content: dict[str, Any]
) -> None:
    printed = next(case["stdout"] for case in CASES if case["id"] == name)
    machine = store.add(name, content)
    endpoint = store.read().endpoint(name)
    assert f'DOCKER_HOST="{endpoint.url}"' in printed
    assert endpoint.origin == f"machine {name} in {store.folder}"
    assert (endpoint.machine, endpoint.notes) == (name, ())
    assert endpoint.tls == in_folder(machine, f"machine {name}")


@pytest.mark.parametrize(("name", "content"), [c[1:] for c in CONFIGS], ids=[c[0] for c in CONFIGS])
def test_a_config_of_every_version_names_the_certificates_when_the_machine_has_none(
    store: Store, name: str, content: dict[str, Any]
) -> None:
    store.add(name, content, pems=False)
    assert store.read().endpoint(name).tls == in_folder("/srv/lab/store/certs", f"AuthOptions of machine {name}")


def test_the_config_versions_are_all_there() -> None:
    assert [case["before"].get("ConfigVersion", 0) for case in CASES] == [0, 1, 2]
    assert {case["after"]["ConfigVersion"] for case in CASES} == {3}


@pytest.mark.parametrize(
    ("driver_name", "driver", "url"),
    [
        ("generic", {"IPAddress": "192.0.2.1", "EnginePort": 2375}, "tcp://192.0.2.1:2375"),
        ("generic", {"IPAddress": "192.0.2.1"}, "tcp://192.0.2.1:2376"),
        ("generic", {"IPAddress": "box.example", "EnginePort": 0}, "tcp://box.example:2376"),
        ("azure", {"IPAddress": "192.0.2.1", "DockerPort": 12376, "EnginePort": 1}, "tcp://192.0.2.1:12376"),
        ("vcloudair", {"IPAddress": "10.0.0.1", "PublicIP": "192.0.2.1", "DockerPort": 7}, "tcp://192.0.2.1:7"),
        ("digitalocean", {"IPAddress": "192.0.2.1", "EnginePort": 1, "DockerPort": 1}, "tcp://192.0.2.1:2376"),
        ("virtualbox", {"IPAddress": "192.168.99.100"}, "tcp://192.168.99.100:2376"),
        ("a-plugin", {"IPAddress": "192.0.2.1", "URL": "https://api.example"}, "tcp://192.0.2.1:2376"),
        ("generic", {"IPAddress": "2001:db8::1", "EnginePort": 2376}, "tcp://[2001:db8::1]:2376"),
        ("digitalocean", {"IPAddress": "2001:db8::1"}, "tcp://[2001:db8::1]:2376"),
        ("none", {"URL": "tcp://127.0.0.1:24801", "IPAddress": "127.0.0.1:24801"}, "tcp://127.0.0.1:24801"),
        ("none", {"URL": "tcp://[::1]:24801"}, "tcp://[::1]:24801"),
        ("none", {"URL": "tcp://192.0.2.1"}, "tcp://192.0.2.1:2375"),
    ],
)
def test_each_driver_makes_its_url_its_own_way(
    store: Store, driver_name: str, driver: dict[str, Any], url: str
) -> None:
    store.add("lab", config(driver_name, **driver))
    endpoint = store.read().endpoint("lab")
    assert endpoint.url == url
    assert endpoint.tls == in_folder(store.folder / "machines" / "lab", "machine lab")


def test_a_machine_of_driver_none_may_be_a_socket_and_then_has_no_tls(store: Store) -> None:
    store.add("lab", config("none", URL="unix:///var/run/docker.sock"))
    endpoint = store.read().endpoint("lab")
    assert (endpoint.scheme, endpoint.address, endpoint.tls) == (Scheme.UNIX, "/var/run/docker.sock", None)


@pytest.mark.parametrize(
    "driver_name", ["virtualbox", "vmwarefusion", "hyperv", "amazonec2", "azure", "google", "vmwarevsphere"]
)
def test_an_address_that_the_driver_asks_for_elsewhere_may_be_stale(store: Store, driver_name: str) -> None:
    store.add("lab", config(driver_name, IPAddress="192.0.2.1"))
    (note,) = store.read().endpoint("lab").notes
    assert note == (
        f"192.0.2.1 is what the {driver_name} driver last saved and may be stale: see `docker-machine ip lab`"
    )


def auth(folder: str) -> dict[str, Any]:
    paths = {
        "CaCertPath": f"{folder}ca.pem",
        "ClientCertPath": f"{folder}cert.pem",
        "ClientKeyPath": f"{folder}key.pem",
    }
    return {**config(IPAddress="192.0.2.1"), "HostOptions": {"AuthOptions": paths}}


def test_the_machines_own_certificates_come_first(store: Store, tmp_path: Path) -> None:
    store.pems(tmp_path / "certs")
    machine = store.add("lab", auth(f"{tmp_path}/certs/"))
    assert store.read().endpoint("lab").tls == in_folder(machine, "machine lab")


def test_a_machine_without_certificates_uses_those_its_options_name(store: Store, tmp_path: Path) -> None:
    store.pems(tmp_path / "mine")
    store.pems(store.folder / "certs")
    store.add("lab", auth(f"{tmp_path}/mine/"), pems=False)
    assert store.read().endpoint("lab").tls == in_folder(tmp_path / "mine", "AuthOptions of machine lab")


@pytest.mark.parametrize("elsewhere", ["/nowhere/old/certs/", "C:\\Users\\me\\.docker\\machine\\certs\\"])
def test_a_copied_store_uses_its_own_files(store: Store, elsewhere: str) -> None:
    store.pems(store.folder / "certs")
    store.add("bare", auth(elsewhere), pems=False)
    machine = store.add("lab", auth(elsewhere))
    assert store.read().endpoint("bare").tls == in_folder(store.folder / "certs", "AuthOptions of machine bare")
    assert store.read().endpoint("lab").tls == in_folder(machine, "machine lab")


@pytest.mark.parametrize(
    "options",
    [
        None,
        [],
        {},
        {"AuthOptions": None},
        {"AuthOptions": {"CaCertPath": "/x/ca.pem", "ClientCertPath": "", "ClientKeyPath": None}},
    ],
)
def test_options_that_name_no_certificates_leave_the_machines_own_folder(store: Store, options: object) -> None:
    machine = store.add("lab", {**config(IPAddress="192.0.2.1"), "HostOptions": options}, pems=False)
    assert store.read().endpoint("lab").tls == in_folder(machine, "machine lab")


def failure(store: Store, name: str) -> str:
    with pytest.raises(EndpointError) as caught:
        store.read().endpoint(name)
    return str(caught.value)


def test_a_missing_machine_is_refused_with_the_names_there_are(store: Store) -> None:
    for name in ("lab", "dev", "a.b-1"):
        store.add(name, config(IPAddress="192.0.2.1"))
    assert failure(store, "nope") == (
        f"machine 'nope' is not in {store.folder} (MACHINE_STORAGE_PATH); it has a.b-1, dev, lab"
    )


def test_a_store_that_is_not_there_is_named_with_what_would_help(store: Store) -> None:
    assert store.read().names() == []
    assert failure(store, "lab") == (
        f"machine 'lab' is not in {store.folder} (MACHINE_STORAGE_PATH); "
        "it has no machines: set MACHINE_STORAGE_PATH to the folder that holds machines/"
    )


def test_a_folder_without_a_config_is_no_machine(store: Store) -> None:
    store.add("lab", config(IPAddress="192.0.2.1"))
    for name in ("half", ".hidden", "a b"):
        (store.folder / "machines" / name).mkdir()
    (store.folder / "machines" / "a-file").write_text("")
    store.add(".lab.tmp", config(IPAddress="192.0.2.1"))
    assert store.read().names() == ["lab"]
    assert store.read().folders() == ["half", "lab"]
    assert "machine 'half' has no config.json: " in failure(store, "half")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "/etc", "lab/../lab", "lab/", ".hidden", "-x", "a b", "lab\n", "lab\0", "é", "a_b"]
)
def test_a_name_that_would_lead_out_of_the_store_is_no_machine_name(store: Store, name: str) -> None:
    store.add("lab", config(IPAddress="192.0.2.1"))
    store.add("../x", config(IPAddress="192.0.2.1"))
    assert failure(store, name) == f"{name!r} is no machine name; names have letters, digits, dots and hyphens"


@pytest.mark.parametrize("content", [b"", b"{", b"{}}", b'{"Driver": ', b"\xff\xfe{", b"nope"])
def test_a_config_that_is_no_json_is_named_with_its_fault(store: Store, content: bytes) -> None:
    path = store.add("lab", content) / "config.json"
    assert failure(store, "lab").startswith(f"{path} is no JSON: ")
    assert failure(store, "lab").endswith("; restore it, from config.json.bak beside it if there is one")


@pytest.mark.parametrize("content", [[], None, "x", 3])
def test_json_that_is_no_object_is_no_configuration(store: Store, content: object) -> None:
    path = store.add("lab", content) / "config.json"
    assert failure(store, "lab").startswith(f"{path} is no machine's configuration; restore it")


@pytest.mark.parametrize("version", [4, -1, "3", None, 2.5, []])
def test_a_version_from_the_future_is_refused_and_never_guessed(store: Store, version: object) -> None:
    path = store.add("lab", {**config(IPAddress="192.0.2.1"), "ConfigVersion": version}) / "config.json"
    assert failure(store, "lab") == f"{path} has ConfigVersion {version!r}, expected 0 to 3"


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (config(IPAddress=""), "start it: docker-machine start lab"),
        (config("virtualbox"), "start it: docker-machine start lab"),
        (config("vcloudair", IPAddress="192.0.2.1"), "start it: docker-machine start lab"),
        ({**config(), "Driver": None}, "start it: docker-machine start lab"),
        ({}, "start it: docker-machine start lab"),
        (config("none", URL=""), "create it again with --url, or use -H"),
        (config("none", IPAddress="192.0.2.1"), "create it again with --url, or use -H"),
    ],
)
def test_a_machine_without_an_address_is_refused_with_what_would_help(
    store: Store, content: object, remedy: str
) -> None:
    store.add("lab", content)
    assert failure(store, "lab") == f"machine 'lab' in {store.folder} has no address saved; {remedy}"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (config("none", URL="ftp://box"), "'ftp://box' from machine lab in {}: scheme 'ftp', expected unix"),
        (config(IPAddress="192.0.2.1", EnginePort=70000), "from machine lab in {}: port '70000', expected a number"),
        (config(IPAddress="not a host"), "'tcp://not a host:2376' from machine lab in {} is no host and port"),
        (config(IPAddress=["192.0.2.1"]), "from machine lab in {} is no host and port"),
    ],
)
def test_a_saved_address_that_is_none_is_refused_as_the_machines(store: Store, content: object, words: str) -> None:
    store.add("lab", content)
    assert words.format(store.folder) in failure(store, "lab")


def test_a_config_that_is_a_folder_or_a_loop_cannot_be_read(store: Store) -> None:
    folder = store.folder / "machines" / "lab" / "config.json"
    folder.mkdir(parents=True)
    loop = store.folder / "machines" / "loop" / "config.json"
    loop.parent.mkdir()
    loop.symlink_to(loop)
    assert failure(store, "lab") == f"{folder} cannot be read: Is a directory; check its owner and mode"
    assert failure(store, "loop").startswith(f"{loop} cannot be read: Too many levels of symbolic links")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_config_without_permission_cannot_be_read(store: Store) -> None:
    path = store.add("lab", config(IPAddress="192.0.2.1")) / "config.json"
    path.chmod(0)
    assert failure(store, "lab") == f"{path} cannot be read: Permission denied; check its owner and mode"


@pytest.mark.parametrize(
    ("environ", "folder", "origin"),
    [
        ({"MACHINE_STORAGE_PATH": "/m", "HOME": "/h"}, "/m", "MACHINE_STORAGE_PATH"),
        ({"MACHINE_STORAGE_PATH": "", "HOME": "/h", "USERPROFILE": "/u"}, "/h/.docker/machine", "the default store"),
        ({"USERPROFILE": "/u"}, "/u/.docker/machine", "the default store"),
    ],
)
def test_the_store_is_where_the_environment_has_it(environ: dict[str, str], folder: str, origin: str) -> None:
    assert MachineStore.of(environ) == MachineStore(folder, origin)
