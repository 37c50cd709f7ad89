"""rawdock.Client on asyncio."""

from __future__ import annotations

from bench_parts.clients.common import Done, Timer, latency, median
from bench_parts.clients.loop import main_async, repeated
from rawdock import Client


async def requests(path: str, count: str, at_once: str = "1") -> Done:
    async with Client(connections=int(at_once)) as docker:

        async def get() -> int:
            return len((await docker.get(path)).content)

        return await repeated(get, int(count), int(at_once))


async def logs(container: str) -> Done:
    size = 0
    async with Client() as docker:
        await docker.negotiate()
        timer = Timer()
        async with docker.logs(container) as frames:
            while items := await frames.receive():
                for frame in items:
                    size += len(frame.data)
        return timer.done(size, size)


async def fetch(kind: str, name: str, file: str) -> Done:
    async with Client() as docker:
        await docker.negotiate()
        timer = Timer()
        if kind == "save":
            await docker.image_save_to_file(name, file)
        elif kind == "export":
            await docker.export_to_file(name, file)
        else:
            await docker.archive_get_to_file(name, "/big", file)
        return timer.done_with(file)


async def send(kind: str, file: str) -> Done:
    async with Client() as docker:
        with open(file, "rb") as content:
            await docker.negotiate()
            timer = Timer()
            if kind == "put":
                await docker.archive_put("target", "/tmp", content)
            else:
                async with docker.image_load(content, quiet=True) as documents:
                    async for _ in documents:
                        pass
            return timer.done_with(file)


async def echo(container: str, count: str) -> Done:
    number = int(count)
    settings = {"AttachStdin": True, "AttachStdout": True, "Cmd": ["cat"]}
    async with Client() as docker:
        created = await docker.post(f"/containers/{container}/exec", json=settings)
        path = f"/exec/{created.raise_for_status().json()['Id']}/start"
        async with docker.hijack("POST", path, tty=False, json={"Detach": False, "Tty": False}) as hijack:
            await hijack.send(b"ping\n")
            await hijack.next_frames()
            size = 0
            timer = Timer()
            for _ in range(number):
                await hijack.send(b"ping\n")
                for frame in await hijack.next_frames():
                    size += len(frame.data)
            return timer.done(number, size)


async def events(count: str) -> Done:
    number = int(count)
    found: list[float] = []
    async with Client() as docker, docker.events(filters={"event": "create"}) as stream:
        async for event in stream:
            found.append(latency(event))
            if len(found) == number:
                break
    return Done(median(found), 1, number)


if __name__ == "__main__":
    main_async(requests, logs, fetch, send, echo, events)
