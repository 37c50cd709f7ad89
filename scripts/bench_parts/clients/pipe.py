"""The docker CLI and curl behind a pipe: what a script has in its hands that calls them."""

from __future__ import annotations

import json
import os
import subprocess

from bench_parts.clients.common import Done, Timer, latency, main, median


def echo(count: str, *program: str) -> Done:
    """Lines through a program such as `docker exec -i web cat`."""
    number, size = int(count), 0
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as running:
        assert running.stdin and running.stdout
        running.stdin.write(b"ping\n")
        running.stdout.readline()
        timer = Timer()
        for _ in range(number):
            running.stdin.write(b"ping\n")
            size += len(running.stdout.read(65536))
        done = timer.done(number, size)
        running.stdin.close()
    return done._replace(cpu=None)


def drain(*program: str) -> Done:
    """All that a program such as `docker logs` prints, from its start to its end."""
    size, timer = 0, Timer()
    with subprocess.Popen(program, stdout=subprocess.PIPE) as running:
        assert running.stdout
        while data := os.read(running.stdout.fileno(), 1024 * 1024):
            size += len(data)
    if running.returncode:
        raise SystemExit(f"{program[0]} ended with {running.returncode}")
    return timer.done(size, size)._replace(cpu=None)


def events(count: str, *program: str) -> Done:
    """Events of a program such as `curl --no-buffer`, each a line of JSON."""
    found: list[float] = []
    with subprocess.Popen(program, stdout=subprocess.PIPE) as running:
        assert running.stdout
        for line in running.stdout:
            found.append(latency(json.loads(line)))
            if len(found) == int(count):
                break
        running.terminate()
    return Done(median(found), 1, len(found))


if __name__ == "__main__":
    main(echo=echo, drain=drain, events=events)
