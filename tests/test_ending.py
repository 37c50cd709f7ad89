"""A signal ends what writes a file, whenever it comes, and leaves no half of one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from wire_daemon import HOLD, REQUEST, WireDaemon, ping

LOST = """
import os, signal, sys
from rawdock.cli.ending import ended_cleanly

class Deaf:
    def __del__(self):
        os.kill(os.getpid(), signal.Signals(int(sys.argv[1])))
        len("")  # here the handler runs, and what it raises is lost

sys.unraisablehook = lambda lost: None
silent, _ = os.pipe()
with ended_cleanly(pause=0.05):
    Deaf()
    os.read(silent, 1)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_that_was_lost_comes_again(number: signal.Signals) -> None:
    argv = [sys.executable, "-c", LOST, str(int(number))]
    done = subprocess.run(argv, capture_output=True, timeout=30, check=False)
    assert done.returncode == (128 + number if number != signal.SIGINT else -number)


def test_afterwards_all_is_as_before() -> None:
    from rawdock.cli.ending import ended_cleanly

    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]
    files = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    with ended_cleanly():
        assert signal.getsignal(signal.SIGTERM) is not before[0]
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)] == before
    assert signal.set_wakeup_fd(-1) == -1
    deadline = time.monotonic() + 10  # the thread closes its end
    while files and len(os.listdir("/proc/self/fd")) > files:
        assert time.monotonic() < deadline


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_verb_that_writes_a_file_leaves_no_half_of_it(number: signal.Signals, tmp_path: Path) -> None:
    begun = b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\nbegun"
    target = tmp_path / "target"
    target.mkdir()
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, begun, HOLD]) as daemon:
        argv = [sys.executable, "-m", "rawdock", "-H", daemon.url, "get", "-o", str(target / "file"), "/x/export"]
        with subprocess.Popen(argv, stderr=subprocess.PIPE) as process:
            deadline = time.monotonic() + 20
            while not os.listdir(target):
                assert time.monotonic() < deadline and process.poll() is None
            process.send_signal(number)
            assert process.wait(20) == 128 + number
            assert process.stderr and process.stderr.read() == b""
    assert not os.listdir(target)
