"""Docker contexts, against what the docker CLI left on disk and what it then did. Nothing here opens a connection."""

from __future__ import annotations

import json
import os
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
from context_store import lay_out, make_current, write_context

from rawdock import Endpoint, TLSFiles, discover
from rawdock.discovery.contexts import ContextStore
from rawdock.errors import EndpointError, UnverifiedWarning

CASES = json.loads((Path(__file__).parent / "fixtures" / "docker_context_cli.json").read_text())["cases"]
CASES = [case for case in CASES if not any(word.startswith("--tls") for word in case["argv"])]  # options we do not have
CASES = [case for case in CASES if case["id"] != "28:V-two-H"]  # of ours the last counts: before or after the command
CURRENT = {  # what `docker context use` had set before
    "V-current": "tlsctx",
    "V-empty-DOCKER_HOST": "tlsctx",
    "V-empty-DOCKER_CONTEXT": "tlsctx",
    "tlsverify-with-current-context": "plainctx",
    "missing-current": "ghost",
}
PLAIN, TLS, SOCKET = "tcp://127.0.0.1:24810", "tcp://127.0.0.1:24801", "unix:///var/run/docker.sock"
TAKEN = {
    "V-current": TLS,
    "V-ctx-flag": PLAIN,
    "V-DOCKER_CONTEXT": PLAIN,
    "V-DOCKER_HOST-over-current": PLAIN,
    "V-DOCKER_HOST-and-DOCKER_CONTEXT": "tcp://127.0.0.1:1",
    "V-DOCKER_HOST-and-DOCKER_CONTEXT-default": PLAIN,
    "V-DOCKER_HOST-and-flag-c": PLAIN,
    "V-flag-H-over-DOCKER_CONTEXT": PLAIN,
    "V-empty-DOCKER_HOST": TLS,
    "V-empty-DOCKER_CONTEXT": TLS,
    "V-TLS-env-over-context": PLAIN,
    "V-caonly": TLS,
    "V-skip": "tcp://127.0.0.1:24807",
    "V-tcppath": f"{PLAIN}/sub/path",
    "V-httpctx": PLAIN,
    "V-httpsctx": TLS,
    "V-env-bare": PLAIN,
    "V-env-bare-host": "tcp://localhost:2375",
    "V-env-unix-bare": SOCKET,
    "V-env-unix-rel": "unix://foo.sock",
    "V-env-port-only": "tcp://localhost:24810",
    "V-env-ipv6": "tcp://[::1]:24810",
    "V-env-space": PLAIN,
    "V-env-userinfo": PLAIN,
    "V-env-tcp-noport": "tcp://127.0.0.1:2375",
    "V-env-tcp-noport-tls": "tcp://127.0.0.1:2375",
    "TLS-DOCKER_TLS-1": TLS,
    "TLS-DOCKER_TLS-empty": TLS,
    "TLS-DOCKER_TLS-1-wronghost": "tcp://127.0.0.1:24807",
    "TLS-DOCKER_TLS-1-wrongca": TLS,
    "TLS-verify-no-certpath": TLS,
    "TLS-verify-certs-in-DOCKER_CONFIG": TLS,
    "V-tilde": TLS,
    "TLS-unix-ignores": "unix:///tmp/nope.sock",
    "tlsverify-no-host": "tcp://localhost:2376",
    "tls-no-host": "tcp://localhost:2376",
    "tlsverify-empty-host": "tcp://localhost:2376",
    "HOST-and-CONTEXT": "tcp://127.0.0.1:1",
    "HOST-and-c": PLAIN,
    "tlsverify-with-current-context": PLAIN,
    "noh": SOCKET,
    "unix-perm": "unix:///root",
    "unix-nofile": "unix:///nope/docker.sock",
    "unix-notsock": "unix:///etc/passwd",
}
REFUSED = {  # the CLI fails too, or takes what stands there for something that nobody meant
    "V-flag-H-and-flag-c": "-H and --context each name a daemon",
    "V-DOCKER_CONTEXT-missing": "there is no context 'zzz' (DOCKER_CONTEXT) in",
    "V-npipe": "there is no context 'npipectx' (--context) in",
    "V-fd": "there is no context 'fdctx' (--context) in",
    "missing-current": "there is no context 'ghost' (currentContext in",
    "V-noport": "'tcp://127.0.0.1' from context noport (--context) has no port, and the docker CLI adds none",
    "badh": "'foo://x' from context badh (DOCKER_CONTEXT): scheme 'foo'",
    "V-env-bad": "'foo://bar' from DOCKER_HOST: scheme 'foo'",
    "V-env-path": "'/var/run/docker.sock' from DOCKER_HOST has no scheme",
}


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("captured"))


def found(environ: dict[str, str], **options: Any) -> Endpoint:
    """`discover` without its warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnverifiedWarning)
        return discover(environ, **options)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_the_endpoint_is_the_one_that_the_docker_cli_took(tmp_path: Path, case: dict[str, Any]) -> None:
    name = case["id"].partition(":")[2]
    words = iter(case["argv"][1 : case["argv"].index("version")])
    options = {{"-H": "host", "-c": "context"}[option]: next(words) for option in words}
    environ = {**case["env"], "DOCKER_CONFIG": str(lay_out(tmp_path, CURRENT.get(name)))}
    if name in REFUSED:
        with pytest.raises(EndpointError, match=re.escape(REFUSED[name])):
            discover(environ, **options)
        return
    assert found(environ, **options).url == TAKEN[name]
    if tried := re.search(r"Cannot connect to the Docker daemon at (\S+)\. Is", case["stderr"]):
        assert tried[1] == TAKEN[name]


@pytest.mark.parametrize(
    ("name", "url", "files", "verify"),
    [
        ("unixctx", "unix:///var/run/docker.sock", None, True),
        ("tlsctx", "tcp://127.0.0.1:24801", "ca cert key", True),
        ("fromctx", "tcp://127.0.0.1:24801", "ca cert key", True),
        ("fromenv", "tcp://127.0.0.1:24801", "ca cert key", True),
        ("caonly", "tcp://127.0.0.1:24801", "ca", True),
        ("skipctx", "tcp://127.0.0.1:24807", "cert key", False),
        ("plainctx", "tcp://127.0.0.1:24810", None, True),
        ("httpctx", "tcp://127.0.0.1:24810", None, True),
        ("httpsctx", "tcp://127.0.0.1:24801", "", True),
        ("tcppath", "tcp://127.0.0.1:24810/sub/path", None, True),
        ("a.b+c_d-E1", "unix:///x", None, True),
        ("noh", "unix:///var/run/docker.sock", None, True),
    ],
)
def test_a_context_has_its_host_and_the_files_that_are_there(
    captured: Path, name: str, url: str, files: str | None, verify: bool
) -> None:
    endpoint = found({"DOCKER_CONFIG": str(captured)}, context=name)
    assert (endpoint.url, endpoint.context, endpoint.origin) == (url, name, f"context {name} (--context)")
    if files is None:
        assert endpoint.tls is None
        return
    assert endpoint.tls is not None
    there = [kind for kind in ("ca", "cert", "key") if (path := getattr(endpoint.tls, kind)) and os.path.exists(path)]
    assert (there, endpoint.tls.verify) == (files.split(), verify)
    assert all(getattr(endpoint.tls, kind) is None for kind in {"ca", "cert", "key"} - set(there))


def test_the_environments_tls_does_not_count_for_a_context(captured: Path) -> None:
    environ = {"DOCKER_CONFIG": str(captured), "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs"}
    assert discover(environ, context="plainctx").tls is None
    environ |= {"DOCKER_TLS_VERIFY": "", "DOCKER_TLS": "1"}
    tls = discover(environ, context="tlsctx").tls
    assert tls is not None and tls.verify and tls.origin == "context tlsctx"


def test_the_names_are_those_on_disk_and_nothing_else_that_lies_there(tmp_path: Path) -> None:
    store = ContextStore(str(tmp_path))
    assert store.names() == []
    lay_out(tmp_path)
    meta = tmp_path / "contexts" / "meta"
    (meta / "junk").mkdir()
    for number, text in enumerate(["{", "[]", "{}", '{"Name": 1}', '{"Name": "tlsctx"}']):
        (meta / str(number)).mkdir()
        (meta / str(number) / "meta.json").write_text(text)
    expected = "a.b+c_d-E1 badh caonly fromctx fromenv httpctx httpsctx noh noport plainctx skipctx sshctx tcppath"
    assert store.names() == [*expected.split(), "tlsctx", "unixctx"]


def test_a_missing_context_names_the_known_ones_and_nothing_is_taken_in_its_place(tmp_path: Path) -> None:
    environ = {"DOCKER_CONFIG": str(tmp_path), "DOCKER_CONTEXT": "x"}
    with pytest.raises(EndpointError) as caught:
        discover(environ)
    assert str(caught.value) == f"there is no context 'x' (DOCKER_CONTEXT) in {tmp_path}; known: default"
    write_context(tmp_path, "lab", {"Host": "unix:///x"})
    write_context(tmp_path, "dev", {"Host": "unix:///y"})
    with pytest.raises(EndpointError, match=r"known: default, dev, lab$"):
        discover(environ)


@pytest.mark.parametrize("name", ["../../x", "a/b", "", "a\0b", "x" * 5000, "é"])
def test_a_context_is_looked_up_by_the_hash_of_its_name_whatever_that_is(tmp_path: Path, name: str) -> None:
    with pytest.raises(EndpointError, match="there is no context"):
        ContextStore(str(tmp_path)).endpoint(name, "--context")


@pytest.mark.parametrize("place", ["option", "DOCKER_CONTEXT", "currentContext"])
def test_the_context_called_default_is_never_on_disk(tmp_path: Path, place: str) -> None:
    """It is what decides without contexts: DOCKER_HOST, which counts even for --context default, or the default socket."""
    write_context(tmp_path, "default", {"Host": "unix:///wrong"})
    environ, context = {"DOCKER_CONFIG": str(tmp_path)}, None
    if place == "option":
        context = "default"
    elif place == "DOCKER_CONTEXT":
        environ["DOCKER_CONTEXT"] = "default"
    else:
        make_current(tmp_path, "default")
    assert str(discover(environ, context=context)) == "unix:///var/run/docker.sock from the default"
    assert str(discover({**environ, "DOCKER_HOST": "unix:///x"}, context=context)) == "unix:///x from DOCKER_HOST"


def test_an_empty_context_option_is_none_as_in_the_cli(tmp_path: Path) -> None:
    assert discover({"DOCKER_CONFIG": str(tmp_path)}, context="").origin == "the default"
    assert discover({"DOCKER_CONFIG": str(tmp_path)}, context="", host="unix:///x").origin == "the caller"


def test_the_docker_folder_is_the_one_in_the_home_without_docker_config(tmp_path: Path) -> None:
    write_context(tmp_path / ".docker", "lab", {"Host": "unix:///x"})
    make_current(tmp_path / ".docker", "lab")
    endpoint = discover({"HOME": str(tmp_path)})
    assert str(endpoint) == f"unix:///x from context lab (currentContext in {tmp_path}/.docker/config.json)"
    assert discover({"HOME": str(tmp_path), "DOCKER_CONFIG": "/nowhere"}).origin == "the default"
    assert ContextStore.of({}).folder.startswith("/")  # the home of /etc/passwd, as in a service without HOME


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"currentContext":"lab"}', "lab"),
        ('{"CurrentContext":"lab"}', "lab"),
        ('{"currentContext":""}', None),
        ('{"currentContext":null}', None),
        ("{}", None),
        ("", None),
    ],
)
def test_the_current_context_is_config_jsons(tmp_path: Path, text: str, name: str | None) -> None:
    (tmp_path / "config.json").write_text(text)
    assert ContextStore(str(tmp_path)).current() == name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '{"auths": {"r": "secret"',
            "is no JSON object; repair it, or name the daemon with -H, --context or DOCKER_HOST",
        ),
        ("[]", "is no JSON object"),
        ('\ufeff{"currentContext":"lab"}', "is no JSON object"),
        ('{"currentContext":3}', "is no text"),
    ],
)
def test_a_damaged_config_json_is_an_error_only_when_it_decides(tmp_path: Path, text: str, words: str) -> None:
    """The docker CLI warns and takes the default socket, which may be another daemon than the one that was meant."""
    (tmp_path / "config.json").write_text(text)
    environ = {"DOCKER_CONFIG": str(tmp_path)}
    with pytest.raises(EndpointError) as caught:
        discover(environ)
    assert words in str(caught.value) and str(tmp_path) in str(caught.value) and "secret" not in str(caught.value)
    assert discover({**environ, "DOCKER_HOST": "unix:///x"}).origin == "DOCKER_HOST"
    assert discover(environ, host="unix:///x").origin == "the caller"
    assert discover(environ, context="default").origin == "the default"


def test_config_json_that_is_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "config.json").mkdir()
    with pytest.raises(EndpointError, match=r"config.json cannot be read: Is a directory"):
        discover({"DOCKER_CONFIG": str(tmp_path)})


@pytest.mark.parametrize(
    ("meta", "words"),
    [
        ("{", "meta.json is no JSON object; make the context lab again"),
        ("[]", "meta.json is no JSON object"),
        ('{"Name":"lab"}', "context lab (--context) has no docker endpoint in"),
        ('{"Endpoints":{"kubernetes":{}}}', "has no docker endpoint"),
        ('{"Endpoints":{"docker":{"Host":7}}}', "the host in context lab (--context) is no text"),
        ('{"Endpoints":{"docker":{"Host":"h:1"}}}', "'h:1' from context lab (--context) has no scheme"),
        ('{"Endpoints":{"docker":{"Host":"tcp://h"}}}', "docker context update lab --docker host=tcp://HOST:PORT"),
        ('{"Endpoints":{"docker":{"Host":"https://[::1]"}}}', "has no port"),
        ('{"Endpoints":{"docker":{"Host":"tcp://u:secret@h"}}}', "'tcp://h' from context lab (--context) has no port"),
        ('{"Endpoints":{"docker":{"Host":"u:secret@h:1"}}}', "'h:1' from context lab (--context) has no scheme"),
        ('{"Endpoints":{"docker":{"Host":"npipe:////./pipe/docker_engine"}}}', "npipe:// is a named pipe of Windows"),
    ],
)
def test_a_context_that_names_no_endpoint_is_an_error_with_its_file_or_its_host(
    tmp_path: Path, meta: str, words: str
) -> None:
    write_context(tmp_path, "lab", {})
    next(tmp_path.glob("contexts/meta/*/meta.json")).write_text(meta)
    with pytest.raises(EndpointError) as caught:
        discover({"DOCKER_CONFIG": str(tmp_path)}, context="lab")
    assert words in str(caught.value)


# What is unsafe, and said


def notes(tmp_path: Path, docker: dict[str, Any], *files: str) -> str:
    write_context(tmp_path, "lab", docker, files)
    return "; ".join(found({"DOCKER_CONFIG": str(tmp_path)}, context="lab").notes)


def test_https_without_tls_files_is_tls_all_the_same_and_the_difference_is_told(tmp_path: Path) -> None:
    said = notes(tmp_path, {"Host": "https://box:2376"})
    assert "no TLS files" in said and "the docker CLI would speak plain HTTP" in said
    endpoint = discover({"DOCKER_CONFIG": str(tmp_path)}, context="lab")
    assert endpoint.tls == TLSFiles(None, None, None, "https:// in context lab (--context)")


def test_a_context_that_skips_verification_is_told_and_warned_of(tmp_path: Path) -> None:
    assert notes(tmp_path, {"Host": "tcp://box:2376", "SkipTLSVerify": True}) == (
        "the daemon's certificate is not verified: context lab has SkipTLSVerify"
    )
    with pytest.warns(UnverifiedWarning, match="^tcp://box:2376 from context lab .*: the daemon's certificate is not"):
        discover({"DOCKER_CONFIG": str(tmp_path)}, context="lab")


@pytest.mark.parametrize("host", [None, "tcp://box:2376", "https://box:2376"])
def test_docker_tls_is_tls_without_verification_told_and_warned_of(tmp_path: Path, host: str | None) -> None:
    environ = {"DOCKER_TLS": "1", "DOCKER_CONFIG": str(tmp_path)}
    with pytest.warns(UnverifiedWarning, match="DOCKER_TLS is set and DOCKER_TLS_VERIFY is not"):
        endpoint = discover(environ, host=host)
    assert endpoint.tls == TLSFiles.in_folder(str(tmp_path), "DOCKER_CONFIG", verify=False)
    assert discover({**environ, "DOCKER_TLS_VERIFY": "0"}, host=host).tls == TLSFiles.in_folder(
        str(tmp_path), "DOCKER_CONFIG"
    )
    assert discover(environ, host="unix:///x").notes == ()


@pytest.mark.parametrize(
    ("host", "unsafe"),
    [
        ("tcp://192.0.2.7:2375", True),
        ("tcp://box:2375", True),
        ("tcp://localhost:2375", False),
        ("tcp://LOCALHOST:2375", False),
        ("tcp://127.8.9.1:2375", False),
        ("tcp://[::1]:2375", False),
        ("tcp://[::ffff:127.0.0.1]:2375", False),
        ("tcp://localhost.example:2375", True),
        ("unix:///x", False),
    ],
)
def test_plain_http_to_another_machine_is_told(tmp_path: Path, host: str, unsafe: bool) -> None:
    assert ("plain HTTP to another machine is unsafe" in notes(tmp_path, {"Host": host})) is unsafe
    by_option = discover({"DOCKER_CONFIG": str(tmp_path)}, host=host)
    assert ("plain HTTP to another machine is unsafe" in str(by_option.notes)) is unsafe


def test_a_key_that_everybody_may_read_is_told(tmp_path: Path) -> None:
    docker = {"Host": "tcp://box:2376"}
    assert notes(tmp_path, docker, "ca.pem", "cert.pem", "key.pem") == ""
    key = next(tmp_path.glob("contexts/tls/*/docker/key.pem"))
    key.chmod(0o644)
    expected = (f"the private key {key} may be read by every user (mode 0644): chmod 600 it",)
    assert discover({"DOCKER_CONFIG": str(tmp_path)}, context="lab").notes == expected
    environ = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(key.parent)}
    assert discover(environ, host="tcp://box:2376").notes == expected


def test_what_may_not_be_read(tmp_path: Path) -> None:
    """config.json counts as empty then, as in the CLI, and that is told; a context's TLS folder never does."""
    tls = write_context(tmp_path, "lab", {"Host": "tcp://box:2376"}, ["ca.pem"])
    tls.chmod(0)
    if os.access(tls, os.R_OK):
        pytest.skip("root may read everything")
    with pytest.raises(EndpointError, match="docker cannot be read: Permission denied"):
        discover({"DOCKER_CONFIG": str(tmp_path)}, context="lab")
    make_current(tmp_path, "lab")
    (tmp_path / "config.json").chmod(0)
    assert discover({"DOCKER_CONFIG": str(tmp_path)}).notes == (
        f"{tmp_path}/config.json may not be read, so no currentContext is known",
    )
