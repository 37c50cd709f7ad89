"""Which daemon is meant: by the caller, by the environment, by nobody. Nothing here opens a connection."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rawdock import Client, HTTPXTransport, SyncClient, SyncHTTPXTransport, discover, requests_session
from rawdock.endpoint import Endpoint, Scheme, TLSFiles
from rawdock.errors import EndpointError

TEXT = 'export DOCKER_HOST="tcp://192.0.2.1:2376"\nexport DOCKER_MACHINE_NAME="lab"\n'
NOBODY = {"DOCKER_CONFIG": "/nowhere"}  # no context of whoever runs the tests
TLS = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs", **NOBODY}
FILES = TLSFiles.in_folder("/certs", "DOCKER_CERT_PATH")


@pytest.fixture
def store(tmp_path: Path) -> dict[str, str]:
    """The environment of a store that holds the machine `lab`."""
    folder = tmp_path / "machines" / "lab"
    folder.mkdir(parents=True)
    config = {"ConfigVersion": 3, "DriverName": "generic", "Driver": {"IPAddress": "192.0.2.2"}}
    (folder / "config.json").write_text(json.dumps(config))
    return {"MACHINE_STORAGE_PATH": str(tmp_path)}


def test_the_default_is_the_socket() -> None:
    assert discover(NOBODY) == Endpoint(Scheme.UNIX, "/var/run/docker.sock", None, "the default")


def test_docker_host_comes_before_the_default() -> None:
    assert discover({"DOCKER_HOST": "unix:///x"}) == Endpoint(Scheme.UNIX, "/x", None, "DOCKER_HOST")


def test_an_empty_docker_host_is_none() -> None:
    assert discover({"DOCKER_HOST": "", **NOBODY}).origin == "the default"
    assert discover({"DOCKER_HOST": "", **TLS}).url == "tcp://localhost:2376"


def test_the_host_option_comes_before_docker_host() -> None:
    assert str(discover({"DOCKER_HOST": "tcp://h"}, host="unix:///x")) == "unix:///x from the caller"


def test_a_machine_comes_before_docker_host(store: dict[str, str]) -> None:
    endpoint = discover({**store, "DOCKER_HOST": "tcp://h"}, machine="lab")
    assert (endpoint.url, endpoint.machine) == ("tcp://192.0.2.2:2376", "lab")
    assert endpoint.origin == f"machine lab in {store['MACHINE_STORAGE_PATH']}"


def test_a_machine_has_its_own_certificates_whatever_the_environment_says(store: dict[str, str]) -> None:
    tls = discover({**store, **TLS}, machine="lab").tls
    assert tls is not None
    assert tls.origin == "machine lab"


def test_the_text_of_docker_machine_env_comes_before_docker_host() -> None:
    endpoint = discover({"DOCKER_HOST": "tcp://h", **TLS}, machine_env=(TEXT, "standard input"))
    assert str(endpoint) == "tcp://192.0.2.1:2376 from DOCKER_HOST in standard input"
    assert (endpoint.machine, endpoint.tls) == ("lab", None)


@pytest.mark.parametrize(
    ("host", "machine", "text", "words"),
    [
        ("tcp://h", "lab", None, "-H and --machine"),
        ("tcp://h", None, (TEXT, "x"), "-H and --machine-env"),
        (None, "lab", (TEXT, "x"), "--machine and --machine-env"),
        ("", "", ("", ""), "-H and --machine and --machine-env"),
    ],
)  # --context is in test_contexts.py
def test_two_of_the_options_contradict_each_other(
    host: str | None, machine: str | None, text: tuple[str, str] | None, words: str
) -> None:
    with pytest.raises(EndpointError) as caught:
        discover({}, host=host, machine=machine, machine_env=text)
    assert str(caught.value) == f"{words} each name a daemon; give one of them"


def test_what_decides_and_names_nothing_is_an_error_and_nothing_is_tried_in_its_place() -> None:
    good = {"DOCKER_HOST": "tcp://h"}
    with pytest.raises(EndpointError, match="'' from the caller is blank"):
        discover(good, host="")
    with pytest.raises(EndpointError, match="' ' from DOCKER_HOST is blank"):
        discover({"DOCKER_HOST": " "})
    with pytest.raises(EndpointError, match="'' is no machine name"):
        discover(good, machine="")
    with pytest.raises(EndpointError, match="the text from standard input sets no DOCKER_HOST: it is empty"):
        discover(good, machine_env=("", "standard input"))
    with pytest.raises(EndpointError, match="'ftp://box' from DOCKER_HOST: scheme 'ftp', expected"):
        discover({"DOCKER_HOST": "ftp://box", **TLS})


@pytest.mark.parametrize("value", ["1", "0", "false", "no", " "])
def test_any_value_of_docker_tls_verify_means_yes(value: str) -> None:
    endpoint = discover({"DOCKER_HOST": "tcp://h:2376", **TLS, "DOCKER_TLS_VERIFY": value})
    assert endpoint == Endpoint(Scheme.TCP, "h", 2376, "DOCKER_HOST", FILES)


@pytest.mark.parametrize("environ", [{}, {"DOCKER_TLS_VERIFY": ""}])
def test_without_docker_tls_verify_plain_http_is_spoken_and_a_certificate_path_is_doubted(
    environ: dict[str, str],
) -> None:
    assert discover({"DOCKER_HOST": "localhost", **environ}).notes == ()
    endpoint = discover({"DOCKER_HOST": "localhost", "DOCKER_CERT_PATH": "/certs", **environ})
    assert endpoint.tls is None
    assert endpoint.notes == ("DOCKER_CERT_PATH is set but DOCKER_TLS_VERIFY is not, so plain HTTP is spoken",)
    assert discover({"DOCKER_CERT_PATH": "/certs", **environ}, host="localhost").notes == endpoint.notes
    assert discover({"DOCKER_CERT_PATH": "/certs", **NOBODY, **environ}).notes == ()
    assert discover({"DOCKER_CERT_PATH": "/certs", **environ}, host="https://h").notes == ()


@pytest.mark.parametrize("host", ["unix:///x", "unix://"])
def test_tls_is_never_spoken_on_a_unix_socket(host: str) -> None:
    assert discover({"DOCKER_HOST": host, **TLS}).tls is None
    assert discover(TLS, host=host).tls is None


def test_the_tls_variables_count_for_the_host_option_too() -> None:
    assert discover(TLS, host="tcp://h:2376") == Endpoint(Scheme.TCP, "h", 2376, "the caller", FILES)


def test_the_default_under_tls_is_port_2376_here() -> None:
    expected = Endpoint(Scheme.TCP, "localhost", 2376, "the default under DOCKER_TLS_VERIFY", FILES)
    assert discover(TLS) == expected


def test_a_docker_host_without_host_and_port_is_2375_under_tls_as_docker_has_it() -> None:
    assert discover({"DOCKER_HOST": "tcp://", **TLS}).url == "tcp://localhost:2375"


@pytest.mark.parametrize(
    ("environ", "ca", "origin"),
    [
        ({"DOCKER_CERT_PATH": "/c", "DOCKER_CONFIG": "/d", "HOME": "/h"}, "/c/ca.pem", "DOCKER_CERT_PATH"),
        ({"DOCKER_CERT_PATH": "~/c"}, "~/c/ca.pem", "DOCKER_CERT_PATH"),
        ({"DOCKER_CERT_PATH": "", "DOCKER_CONFIG": "/d", "HOME": "/h"}, "/d/ca.pem", "DOCKER_CONFIG"),
        ({"DOCKER_CONFIG": "", "HOME": "/h"}, "/h/.docker/ca.pem", "the default certificate folder"),
        ({"USERPROFILE": "/u"}, "/u/.docker/ca.pem", "the default certificate folder"),
    ],
)
def test_certificates_come_from_the_first_folder_that_is_named(environ: dict[str, str], ca: str, origin: str) -> None:
    tls = discover({"DOCKER_HOST": "tcp://h", "DOCKER_TLS_VERIFY": "1", **environ}).tls
    assert tls is not None
    assert (tls.ca, tls.origin) == (ca, origin)


@pytest.mark.parametrize("make", [Client, SyncClient, HTTPXTransport, SyncHTTPXTransport, requests_session])
def test_every_client_takes_text_or_the_environment(make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "ssh//nonsense")
    with pytest.raises(EndpointError, match="'tcp://h:0' from the caller: port '0'"):
        make("tcp://h:0")
    with pytest.raises(EndpointError, match="from DOCKER_HOST"):
        make()
