"""docker-py (the package docker), its low-level client: its best case."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docker

from bench_parts.clients.common import Done, Timer, latency, main, median


def client(pool: int = 10) -> Any:
    """No time-out: its 60 seconds would end a long work."""
    return docker.from_env(timeout=None, max_pool_size=pool).api


def requests(path: str, count: str, at_once: str = "1") -> Done:
    number, workers = int(count), int(at_once)
    api = client(workers)
    url = api._url(path, versioned_api=path != "/_ping")

    def get(_: int) -> int:
        return len(api._get(url).content)

    get(0)
    timer = Timer()
    if workers == 1:
        size = sum(map(get, range(number)))
    else:
        with ThreadPoolExecutor(workers) as threads:
            size = sum(threads.map(get, range(number)))
    return timer.done(number, size)


def logs(container: str) -> Done:
    api, size = client(), 0
    timer = Timer()
    for data in api.logs(container, stream=True):
        size += len(data)
    return timer.done(size, size)


def fetch(kind: str, name: str, file: str) -> Done:
    api = client()
    timer = Timer()
    parts: Iterable[bytes]
    if kind == "save":
        parts = api.get_image(name)
    elif kind == "export":
        parts = api.export(name)
    else:
        parts = api.get_archive(name, "/big")[0]
    with open(file, "wb") as into:
        for part in parts:
            into.write(part)
    return timer.done_with(file)


def send(kind: str, file: str) -> Done:
    api = client()
    with open(file, "rb") as content:
        timer = Timer()
        if kind == "put":
            assert api.put_archive("target", "/tmp", content), "it tells a refusal by False alone"
        else:
            for _ in api.load_image(content, quiet=True):
                pass
        return timer.done_with(file)


def echo(container: str, count: str) -> Done:
    number, size = int(count), 0
    api = client()
    exec_id = api.exec_create(container, ["cat"], stdin=True)["Id"]
    raw = api.exec_start(exec_id, socket=True)._sock
    raw.sendall(b"ping\n")
    raw.recv(65536)
    timer = Timer()
    for _ in range(number):
        raw.sendall(b"ping\n")
        size += len(raw.recv(65536)) - 8  # the frame's head: it leaves that to its caller
    return timer.done(number, size)


def events(count: str) -> Done:
    found: list[float] = []
    for event in client().events(decode=True, filters={"event": "create"}):
        found.append(latency(event))
        if len(found) == int(count):
            break
    return Done(median(found), 1, len(found))


def listing() -> Done:
    """For the cold start: list the containers, once."""
    return Done(0, len(client().containers()), 0)


if __name__ == "__main__":
    main(requests=requests, logs=logs, fetch=fetch, send=send, echo=echo, events=events, listing=listing)
