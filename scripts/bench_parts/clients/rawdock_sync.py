"""rawdock.SyncClient."""

from __future__ import annotations

from bench_parts.clients.common import Done, Timer, latency, main, median
from rawdock import SyncClient


def requests(path: str, count: str) -> Done:
    number, size = int(count), 0
    with SyncClient() as docker:
        docker.get(path).raise_for_status()
        timer = Timer()
        for _ in range(number):
            size += len(docker.get(path).content)
        return timer.done(number, size)


def logs(container: str) -> Done:
    size = 0
    with SyncClient() as docker:
        docker.negotiate()
        timer = Timer()
        with docker.logs(container) as frames:
            while items := frames.receive():
                for frame in items:
                    size += len(frame.data)
        return timer.done(size, size)


def fetch(kind: str, name: str, file: str) -> Done:
    with SyncClient() as docker:
        docker.negotiate()
        timer = Timer()
        if kind == "save":
            docker.image_save_to_file(name, file)
        elif kind == "export":
            docker.export_to_file(name, file)
        else:
            docker.archive_get_to_file(name, "/big", file)
        return timer.done_with(file)


def send(kind: str, file: str) -> Done:
    with SyncClient() as docker, open(file, "rb") as content:
        docker.negotiate()
        timer = Timer()
        if kind == "put":
            docker.archive_put("target", "/tmp", content)
        else:
            with docker.image_load(content, quiet=True) as documents:
                list(documents)
        return timer.done_with(file)


def echo(container: str, count: str) -> Done:
    number = int(count)
    settings = {"AttachStdin": True, "AttachStdout": True, "Cmd": ["cat"]}
    with SyncClient() as docker:
        exec_id = docker.post(f"/containers/{container}/exec", json=settings).raise_for_status().json()["Id"]
        with docker.hijack("POST", f"/exec/{exec_id}/start", tty=False, json={"Detach": False, "Tty": False}) as hijack:
            frames = hijack.frames()
            hijack.send(b"ping\n")
            next(frames)
            size = 0
            timer = Timer()
            for _ in range(number):
                hijack.send(b"ping\n")
                size += len(next(frames).data)
            return timer.done(number, size)


def events(count: str) -> Done:
    number = int(count)
    with SyncClient() as docker, docker.events(filters={"event": "create"}) as stream:
        found = []
        for event in stream:
            found.append(latency(event))
            if len(found) == number:
                break
    return Done(median(found), 1, number)


if __name__ == "__main__":
    main(requests=requests, logs=logs, fetch=fetch, send=send, echo=echo, events=events)
