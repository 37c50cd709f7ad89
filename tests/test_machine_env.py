"""What `docker-machine env` printed, captured from docker-machine 0.16.2 for every shell. Nothing here opens a connection."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rawdock.discovery.machine_env import machine_env_endpoint, read_machine_env
from rawdock.endpoint import Scheme, TLSFiles
from rawdock.errors import EndpointError

FIXTURES = Path(__file__).parent / "fixtures"


def captured(name: str) -> list[dict[str, Any]]:
    cases = json.loads((FIXTURES / name).read_text(encoding="utf-8"))["cases"]
    return [
        {**case, "id": f"{name.removeprefix('docker_machine_').removesuffix('.json')}-{case['id']}"} for case in cases
    ]


CASES = [
    case
    for name in ("docker_machine_env.json", "docker_machine_env_odd_paths.json", "docker_machine_env_windows.json")
    for case in captured(name)
]
SETS = [case for case in CASES if re.search("DOCKER_HOST.*tcp:", case["stdout"])]
UNSETS = [case for case in CASES if case not in SETS and "DOCKER_HOST" in case["stdout"]]
FAILURES = [case for case in CASES if case not in SETS and case not in UNSETS]


def each(cases: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case["id"] for case in cases])


def test_the_captured_outputs_are_all_here() -> None:
    assert len(CASES) == 152
    assert (len(SETS), len(UNSETS), len(FAILURES)) == (126, 18, 8)
    assert sum("want_cert_path" in case for case in CASES) == 84


@each([case for case in CASES if "want_cert_path" in case])
def test_a_store_at_an_odd_path_is_read_right_where_the_shells_read_it_wrong(case: dict[str, Any]) -> None:
    assert read_machine_env(case["stdout"])["DOCKER_CERT_PATH"] == case["want_cert_path"]
    endpoint = machine_env_endpoint(case["stdout"], "standard input")
    assert endpoint.tls == TLSFiles.in_folder(case["want_cert_path"], "DOCKER_CERT_PATH in standard input")


@each(SETS)
def test_an_output_that_sets_names_the_machine(case: dict[str, Any]) -> None:
    endpoint = machine_env_endpoint(case["stdout"], "a file")
    variables = read_machine_env(case["stdout"])
    host, machine = (
        ("127.0.0.1:24801", "default") if case["id"].startswith("env_windows") else ("10.88.77.100:2376", "dev")
    )
    assert (endpoint.scheme, endpoint.authority, endpoint.machine) == (Scheme.TCP, host, machine)
    assert endpoint.origin == "DOCKER_HOST in a file"
    assert variables["DOCKER_TLS_VERIFY"] == "1"
    assert endpoint.tls is not None
    assert endpoint.tls.ca == f"{variables['DOCKER_CERT_PATH']}/ca.pem"
    assert set(variables) - {"NO_PROXY", "no_proxy", "COMPOSE_CONVERT_WINDOWS_PATHS"} == {
        "DOCKER_TLS_VERIFY",
        "DOCKER_HOST",
        "DOCKER_CERT_PATH",
        "DOCKER_MACHINE_NAME",
    }


@each(SETS)
def test_line_ends_of_windows_and_a_byte_order_mark_change_nothing(case: dict[str, Any]) -> None:
    expected = read_machine_env(case["stdout"])
    assert read_machine_env("\ufeff" + case["stdout"].replace("\n", "\r\n")) == expected
    assert read_machine_env(case["stdout"].rstrip("\n")) == expected


@each(UNSETS)
def test_an_output_of_unset_sets_nothing_and_is_called_so(case: dict[str, Any]) -> None:
    assert read_machine_env(case["stdout"]) == {}
    with pytest.raises(EndpointError) as caught:
        machine_env_endpoint(case["stdout"], "standard input")
    assert "the text from standard input sets no DOCKER_HOST: it begins " in str(caught.value)
    assert "this is the output of `docker-machine env -u`: run it without -u" in str(caught.value)


@each(FAILURES)
def test_an_output_of_a_failure_says_where_to_look(case: dict[str, Any]) -> None:
    for text in (case["stdout"], case["stderr"], case["stdout"] + case["stderr"]):
        assert read_machine_env(text) == {}
        with pytest.raises(EndpointError) as caught:
            machine_env_endpoint(text, "standard input")
        message = str(caught.value)
        assert "the text from standard input sets no DOCKER_HOST: it " in message
        assert "`docker-machine env --shell bash NAME`" in message
        assert "standard error" in message
        first = next((line.strip() for line in text.splitlines() if line.strip()), None)
        assert ("it is empty" if first is None else f"it begins {first[:60]!r}") in message


def test_the_proxy_exception_is_read_along() -> None:
    case = next(case for case in CASES if case["id"] == "env-noproxy-lower-set")
    assert read_machine_env(case["stdout"])["no_proxy"] == "localhost,.corp,10.88.77.100"


def test_an_escape_in_a_strange_text_does_not_reach_the_terminal() -> None:
    with pytest.raises(EndpointError) as caught:
        machine_env_endpoint("\x1b[2Jhello", "standard input")
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("text", ['export DOCKER_HOST=""\n', '$Env:DOCKER_HOST = " "\n'])
def test_a_blank_docker_host_is_an_error_and_no_default(text: str) -> None:
    with pytest.raises(EndpointError, match="from DOCKER_HOST in standard input is blank"):
        machine_env_endpoint(text, "standard input")


def test_a_bad_docker_host_is_named_with_where_it_stood() -> None:
    with pytest.raises(EndpointError, match=r"'ftp://box' from DOCKER_HOST in lab\.env: scheme 'ftp', expected unix"):
        machine_env_endpoint('export DOCKER_HOST="ftp://box"', "lab.env")


@pytest.mark.parametrize("more", ["", 'export DOCKER_CERT_PATH=""\n', "unset DOCKER_CERT_PATH\n"])
def test_tls_without_certificates_is_an_error_and_never_plain_http(more: str) -> None:
    text = f'export DOCKER_TLS_VERIFY="1"\nexport DOCKER_HOST="tcp://192.0.2.1:2376"\n{more}'
    with pytest.raises(
        EndpointError, match=r"lab\.env sets DOCKER_TLS_VERIFY but no DOCKER_CERT_PATH; give the output"
    ):
        machine_env_endpoint(text, "lab.env")


def test_without_tls_plain_http_is_meant() -> None:
    endpoint = machine_env_endpoint('export DOCKER_HOST="tcp://192.0.2.1:2375"', "lab.env")
    assert (endpoint.url, endpoint.tls, endpoint.machine) == ("tcp://192.0.2.1:2375", None, None)


LINES = {
    "bash": 'export {}="{}"',
    "fish": 'set -gx {} "{}";',
    "tcsh": 'setenv {} "{}";',
    "powershell": '$Env:{} = "{}"',
    "emacs": '(setenv "{}" "{}")',
    "cmd": "SET {}={}",
}
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


@given(line=st.sampled_from(sorted(LINES.values())), value=WORDS)
@settings(deadline=None, max_examples=200)
def test_any_value_on_one_line_is_read_as_it_stands(line: str, value: str) -> None:
    text = line.format("DOCKER_CERT_PATH", value) + "\n" + line.format("DOCKER_MACHINE_NAME", "dev") + "\n# eval\n"
    assert read_machine_env(text) == {"DOCKER_CERT_PATH": value, "DOCKER_MACHINE_NAME": "dev"}


@given(st.text(max_size=80))
@settings(deadline=None, max_examples=100)
def test_any_other_text_is_an_endpoint_error(text: str) -> None:
    with pytest.raises(EndpointError):
        machine_env_endpoint(text, "standard input")
