"""Who listens, by the kernel's own messages: asked of the kernel itself, and read from what the agent passed on."""

from __future__ import annotations

import errno
import socket
import struct
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_agent import AGENT, parse
from test_agent import pytestmark as needs_an_agent

from rawdock.probe.listeners import Listener, answering
from rawdock.probe.sock_diag import own_diag, read_diag

pytestmark = [
    needs_an_agent,
    pytest.mark.skipif(sys.platform != "linux", reason="sock_diag is Linux's"),
]


def message(kind: int, body: bytes) -> bytes:
    size = 16 + len(body)
    return struct.pack("=IHHII", size, kind, 0, 0, 0) + body + b"\0" * (-size % 4)


def socket_of(family: int, address: str, port: int, state: int = 10, attributes: bytes = b"") -> bytes:
    packed = socket.inet_pton(family, address).ljust(16, b"\0")
    body = bytes([family, state, 0, 0]) + port.to_bytes(2, "big") + bytes(2) + packed
    return message(20, body.ljust(72, b"\0") + attributes)


DONE = message(3, bytes(4))
V6ONLY = struct.pack("=HHB3x", 5, 11, 1)
EVERYTHING = (
    socket_of(socket.AF_INET, "127.0.0.1", 7000)
    + socket_of(socket.AF_INET, "0.0.0.0", 80, attributes=struct.pack("=HHB3x", 5, 8, 0))
    + socket_of(socket.AF_INET6, "::", 81, attributes=struct.pack("=HHI", 8, 15, 0) + V6ONLY)
    + socket_of(socket.AF_INET6, "::ffff:10.0.0.1", 82)
    + socket_of(socket.AF_INET, "10.0.0.1", 83, state=1)
    + DONE
)


def test_messages_are_read() -> None:
    assert read_diag(EVERYTHING) == {
        Listener("127.0.0.1", 7000),
        Listener("0.0.0.0", 80),
        Listener("::", 81, v6only=True),
        Listener("10.0.0.1", 82),
    }
    assert read_diag(DONE) == read_diag(b"") == set()


def test_messages_cut_anywhere_are_an_error_or_end_with_one() -> None:
    whole = read_diag(EVERYTHING)
    for end in range(len(EVERYTHING)):
        try:
            assert read_diag(EVERYTHING[:end]) <= whole
        except ValueError:
            pass


@given(st.binary())
def test_any_bytes_are_listeners_or_an_error(data: bytes) -> None:
    try:
        read_diag(data)
    except (ValueError, OSError):
        pass


def test_a_kernel_that_does_not_know_says_so() -> None:
    with pytest.raises(OSError, match="No such file") as caught:
        read_diag(message(2, struct.pack("=i", -errno.ENOENT) + bytes(16)))
    assert caught.value.errno == errno.ENOENT


def test_the_agent_and_this_process_see_the_same() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as four,
        socket.create_server(("::1", 0), family=socket.AF_INET6) as six,
        socket.socket(socket.AF_INET6) as alone,
    ):
        alone.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        alone.bind(("::", 0))
        alone.listen()
        wanted = {
            Listener("127.0.0.1", four.getsockname()[1]),
            Listener("::1", six.getsockname()[1]),
            Listener("::", alone.getsockname()[1], v6only=True),
        }
        done = subprocess.run([AGENT, "diag=4", "diag=6"], capture_output=True, check=True)
        output = parse(done.stdout, done.returncode)
        theirs = {listener for error, data in output.files.values() for listener in read_diag(data) if not error}
        assert {(one.address, one.port) for one in wanted} <= {(one.address, one.port) for one in own_diag()}
        assert wanted - {Listener("::1", six.getsockname()[1])} <= theirs & own_diag()
        assert {one.address for one in theirs if one.port == six.getsockname()[1]} == {"::1"}


@pytest.mark.parametrize("word", ["diag=", "diag=5", "diag=46", "diag=4x"])
def test_another_family_is_no_word(word: str) -> None:
    done = subprocess.run([AGENT, word], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, f"agent 2\nerror unknown-word {word}\n".encode())


def test_one_for_ipv6_alone_answers_no_ipv4() -> None:
    alone = {Listener("::", 80, v6only=True)}
    assert answering(alone, "10.0.0.1", 80) is None
    assert answering(alone, "fd00::1", 80) == Listener("::", 80, v6only=True)
    assert str(*alone) == "[::]:80 (IPv6 alone)"
