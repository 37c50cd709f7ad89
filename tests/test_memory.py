"""Large answers do not fault their memory in anew with every read. Seen in a process of its own, since malloc learns."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest
from stream_calls import chunked
from wire_daemon import REQUEST, Connection, WireDaemon

COUNT, SIZE = 2048, 16 * 1024  # frames, bytes of each: 32 MiB
FRAMED = "Content-Type: application/vnd.docker.multiplexed-stream"
PROGRAM = """
import resource, sys
from rawdock import SyncClient
with SyncClient(sys.argv[1], api_version="1.43") as docker, docker.logs("web") as frames:
    size = sum(len(frame.data) for frame in frames.receive())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    size += sum(len(frame.data) for frame in frames)
    print(size, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another malloc has rules of its own")
def test_long_logs_do_not_fault_their_memory_in_anew_with_every_read(tmp_path: Path) -> None:
    def answer(connection: Connection) -> None:
        frame = b"\1\0\0\0" + SIZE.to_bytes(4, "big") + bytes(SIZE)
        connection.send(chunked(*[frame] * COUNT, headers=[FRAMED]))

    with WireDaemon(tmp_path, "unix", [REQUEST, answer]) as daemon:
        words = [sys.executable, "-c", PROGRAM, daemon.url]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
    size, faults = map(int, done.stdout.split())
    assert size == COUNT * SIZE
    assert faults < size / 4096 / 4  # without that, over one for each page of what was received
