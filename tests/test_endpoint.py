"""Host texts, as DOCKER_HOST and -H hold them. The accepted ones were tried with the docker CLI 28.2.2."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rawdock.endpoint import Endpoint, Scheme, TLSFiles
from rawdock.errors import EndpointError

FILES = TLSFiles.in_folder("/certs", "DOCKER_CERT_PATH")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("unix:///var/run/docker.sock", "/var/run/docker.sock"),
        ("unix://", "/var/run/docker.sock"),
        ("unix://foo.sock", "foo.sock"),
        ("unix:///a b/dépôt/x;y", "/a b/dépôt/x;y"),
        (" unix:///x ", "/x"),
        ("unix:///" + "x" * 106, "/" + "x" * 106),
    ],
)
def test_a_unix_socket_is_its_path(text: str, path: str) -> None:
    endpoint = Endpoint.parse(text, "-H", FILES)
    assert endpoint == Endpoint(Scheme.UNIX, path, None, "-H")
    assert (endpoint.url, endpoint.authority) == (f"unix://{path}", "localhost")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("127.0.0.1:2375", "tcp://127.0.0.1:2375"),
        ("box", "tcp://box:2375"),
        (":24810", "tcp://localhost:24810"),
        ("tcp://127.0.0.1", "tcp://127.0.0.1:2375"),
        ("tcp://h:", "tcp://h:2375"),
        ("tcp://", "tcp://localhost:2375"),
        ("tcp://:2376", "tcp://localhost:2376"),
        (" tcp://127.0.0.1:24810 ", "tcp://127.0.0.1:24810"),
        ("\ttcp://h:1\n", "tcp://h:1"),
        ("tcp://h:65535", "tcp://h:65535"),
        ("tcp://my_host.example-1.org:1", "tcp://my_host.example-1.org:1"),
        ("tcp://u:p@127.0.0.1:24810", "tcp://127.0.0.1:24810"),
        ("tcp://u:p@ss@h", "tcp://h:2375"),
        ("tcp://[::1]:24810", "tcp://[::1]:24810"),
        ("tcp://[::1]", "tcp://[::1]:2375"),
        ("[2001:db8::1]:1", "tcp://[2001:db8::1]:1"),
        ("tcp://[::ffff:10.0.0.1]:1", "tcp://[::ffff:10.0.0.1]:1"),
        ("tcp://[fe80::1%eth0]:1", "tcp://[fe80::1%eth0]:1"),
        ("tcp://h:1/docker/a%20b", "tcp://h:1/docker/a%20b"),
        ("tcp://h:1/docker/", "tcp://h:1/docker"),
        ("tcp://h/", "tcp://h:2375"),
        ("h:1/prefix", "tcp://h:1/prefix"),
        ("http://h:2375", "tcp://h:2375"),
    ],
)
def test_a_tcp_address_is_host_and_port_and_prefix(text: str, url: str) -> None:
    endpoint = Endpoint.parse(text, "DOCKER_HOST")
    assert endpoint.url == url
    assert endpoint.tls is None
    assert str(endpoint) == f"{url} from DOCKER_HOST"
    assert Endpoint.parse(endpoint.url, "DOCKER_HOST") == endpoint


def test_the_parts_of_an_address_stand_apart() -> None:
    assert Endpoint.parse("tcp://u@[::1]:1/x", "-H", FILES) == Endpoint(Scheme.TCP, "::1", 1, "-H", FILES, "/x")
    assert Endpoint.parse("tcp://[::1]:1/x", "-H").authority == "[::1]:1"
    assert Endpoint.parse("tcp://h:1/x", "-H").authority == "h:1"


@pytest.mark.parametrize("text", ["tcp://", "tcp://h", "h", ":"])
def test_the_port_is_2375_under_tls_too(text: str) -> None:
    endpoint = Endpoint.parse(text, "DOCKER_HOST", FILES)
    assert (endpoint.port, endpoint.tls) == (2375, FILES)


def test_https_means_tls_and_the_files_are_taken_if_there_are_any() -> None:
    assert Endpoint.parse("https://h:1", "-H").tls == TLSFiles(None, None, None, "https:// in -H")
    assert Endpoint.parse("https://h:1", "-H", FILES).tls == FILES


BAD = [
    ("", "write unix:///path or tcp://HOST:PORT"),
    (" \n", "write unix:///path or tcp://HOST:PORT"),
    ("/var/run/docker.sock", "write unix:///var/run/docker.sock"),
    (" /x", "write unix:///x"),
    ("unix:/var/run/docker.sock", "write unix:///path"),
    ("tcp:/h:1", "write unix:///path or tcp://HOST:PORT"),
    ("foo://bar", "scheme 'foo', expected unix, tcp, http, https or ssh"),
    ("ftp://box", "scheme 'ftp', expected unix, tcp, http, https or ssh"),
    ("TCP://h", "scheme 'TCP', expected unix, tcp, http, https or ssh"),
    ("://h", "scheme '', expected unix, tcp, http, https or ssh"),
    ("npipe:////./pipe/docker_engine", "npipe:// is a named pipe of Windows, and this system has none; use unix://"),
    ("fd://3", "fd:// is how systemd hands its socket to dockerd, nothing that a client can connect to; use unix://"),
    ("unix:///" + "x" * 107, "is 108 bytes long, a socket path may have 107"),
    ("unix:///" + "é" * 54, "is 109 bytes long, a socket path may have 107"),
    ("unix:///a\0b", "holds a NUL byte"),
    ("tcp://h:0", "port '0', expected a number from 1 to 65535"),
    ("tcp://h:65536", "port '65536', expected a number from 1 to 65535"),
    ("tcp://h:http", "port 'http', expected a number from 1 to 65535"),
    ("tcp://h:-1", "port '-1', expected a number from 1 to 65535"),
    ("tcp://h: 1", "port ' 1', expected a number from 1 to 65535"),
    ("tcp://h:٣", "port '٣', expected a number from 1 to 65535"),
    ("tcp://h:" + "9" * 5000, "expected a number from 1 to 65535"),
    ("unix:x", "port 'x', expected a number from 1 to 65535"),
    ("tcp://::1", "an IPv6 address needs brackets; write tcp://[::1]:2375"),
    ("fe80::1", "an IPv6 address needs brackets; write tcp://[fe80::1]:2375"),
    ("tcp://[::1", "write tcp://HOST:PORT, tcp://[::1]:2375 for IPv6"),
    ("tcp://[::1]2375", "write tcp://HOST:PORT, tcp://[::1]:2375 for IPv6"),
    ("tcp://[]:1", "write tcp://HOST:PORT, tcp://[::1]:2375 for IPv6"),
    ("tcp://[box]:1", "write tcp://HOST:PORT, tcp://[::1]:2375 for IPv6"),
    ("tcp://[::1 ]:1", "write tcp://HOST:PORT, tcp://[::1]:2375 for IPv6"),
    ("tcp://my host:1", "write tcp://HOST:PORT, tcp://[::1]:2375 for IPv6"),
    ("tcp://h\n:1", "write tcp://HOST:PORT, tcp://[::1]:2375 for IPv6"),
    ("tcp://h\x1b[2J", "write tcp://HOST:PORT, tcp://[::1]:2375 for IPv6"),
    ("tcp://дом:1", "write tcp://HOST:PORT, tcp://[::1]:2375 for IPv6"),
    ("tcp://h?x=1", "write tcp://HOST:PORT, tcp://[::1]:2375 for IPv6"),
    ("tcp://h:1/a b", "path '/a b' holds ' '; percent-encode it"),
    ("tcp://h:1/?x=1", "holds '?'; percent-encode it"),
    ("tcp://h:1/#x", "holds '#'; percent-encode it"),
    ("tcp://h:1/a\r\nX: y", "holds '\\r'; percent-encode it"),
    ("tcp://h:1/é", "holds 'é'; percent-encode it"),
]


@pytest.mark.parametrize("origin", ["-H", "DOCKER_HOST"])
@pytest.mark.parametrize(("text", "expected"), BAD, ids=[repr(text)[:40] for text, _ in BAD])
def test_a_bad_host_is_refused_with_its_text_its_origin_and_what_was_expected(
    text: str, expected: str, origin: str
) -> None:
    for tls in (None, FILES):
        with pytest.raises(EndpointError) as caught:
            Endpoint.parse(text, origin, tls)
        message = str(caught.value)
        assert message.startswith(f"{text!r} from {origin}")
        assert expected in message


@given(st.one_of(st.text(max_size=20), st.from_regex(r"\A(tcp|unix|http)://[^\n]{0,20}\Z")))
@settings(deadline=None, max_examples=200)
def test_any_text_is_an_endpoint_that_reads_the_same_again_or_an_endpoint_error(text: str) -> None:
    try:
        endpoint = Endpoint.parse(text, "-H")
    except EndpointError:
        return
    assert Endpoint.parse(endpoint.url, "-H") == endpoint
    assert endpoint.scheme is Scheme.UNIX or f"{endpoint.authority}{endpoint.prefix}".isascii()


@pytest.mark.parametrize(
    ("folder", "ca"),
    [("/c", "/c/ca.pem"), ("/c/", "/c/ca.pem"), ("/", "/ca.pem"), ("c d", "c d/ca.pem"), ("~/c", "~/c/ca.pem")],
)
def test_a_certificate_folder_holds_three_files(folder: str, ca: str) -> None:
    files = TLSFiles.in_folder(folder, "DOCKER_CERT_PATH")
    base = ca[: -len("ca.pem")]
    assert files == TLSFiles(ca, f"{base}cert.pem", f"{base}key.pem", "DOCKER_CERT_PATH")


def test_a_note_leaves_the_endpoint_it_was_made_from_alone() -> None:
    endpoint = Endpoint.parse("tcp://h", "-H")
    assert endpoint.noted("a").noted("b", "c").notes == ("a", "b", "c")
    assert endpoint.notes == ()


def test_an_ipv6_zone_is_kept_for_connecting_and_left_out_of_the_host_header() -> None:
    endpoint = Endpoint.parse("tcp://[fe80::1%eth0]:2375", "-H")
    assert (endpoint.address, endpoint.authority) == ("fe80::1%eth0", "[fe80::1]:2375")
    assert endpoint.url == "tcp://[fe80::1%eth0]:2375"


@pytest.mark.parametrize(
    "text",
    [
        "tcp://me:hunter2@box: 1",
        "me:hunter2@box:x",
        "https://me:hunter2@box:0/x",
        "ftp://me:hunter2@box",
        "ssh://me:hunter2@box",
    ],
)
def test_a_password_is_in_no_message(text: str) -> None:
    with pytest.raises(EndpointError) as caught:
        Endpoint.parse(text, "the test")
    assert "hunter2" not in str(caught.value) and "me:***@box" in str(caught.value)
