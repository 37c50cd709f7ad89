"""aiodocker. Where it has no call of its own for a work, or would hold all of it in memory, its request below the calls is
taken: its best case."""

from __future__ import annotations

import os
from typing import Any

import aiodocker

from bench_parts.clients.common import Done, Timer, latency, median
from bench_parts.clients.loop import main_async, repeated

IDENTITY = {"Accept-Encoding": "identity"}  # gzip, which it asks for by itself, takes five times as long


def client(**options: Any) -> aiodocker.Docker:
    """It would take another daemon from ~/.docker/config.json than DOCKER_HOST names, if it is not told."""
    return aiodocker.Docker(url=os.environ["DOCKER_HOST"], **options)


async def requests(path: str, count: str, at_once: str = "1") -> Done:
    async with client() as docker:

        async def get() -> int:
            async with docker._query(path.lstrip("/"), versioned_api=path != "/_ping") as reply:
                return len(await reply.read())

        return await repeated(get, int(count), int(at_once))


async def logs(container: str) -> Done:
    size = 0
    async with client() as docker:
        found = await docker.containers.get(container)
        timer = Timer()
        async for text in found.log(stdout=True, stderr=True, follow=True):
            size += len(text)
        return timer.done(size, size)


async def fetch(kind: str, name: str, file: str) -> Done:
    paths = {
        "save": f"images/{name}/get",
        "export": f"containers/{name}/export",
        "archive": f"containers/{name}/archive?path=/big",
    }
    async with client() as docker:
        await docker._check_version()
        timer = Timer()
        with open(file, "wb") as into:
            async with docker._query(paths[kind], headers=IDENTITY) as reply:
                async for part in reply.content.iter_chunked(256 * 1024):
                    into.write(part)
        return timer.done_with(file)


async def send(kind: str, file: str) -> Done:
    async with client() as docker:
        with open(file, "rb") as content:
            await docker._check_version()
            target = docker.containers.container("target")
            timer = Timer()
            if kind == "put":
                await target.put_archive("/tmp", content)
            else:
                await docker.images.import_image(content)
            return timer.done_with(file)


async def echo(container: str, count: str) -> Done:
    number, size = int(count), 0
    async with client() as docker:
        started = await docker.containers.container(container).exec(["cat"], stdin=True)
        async with started.start() as stream:
            await stream.write_in(b"ping\n")
            await stream.read_out()
            timer = Timer()
            for _ in range(number):
                await stream.write_in(b"ping\n")
                message = await stream.read_out()
                size += len(message.data) if message else 0
            return timer.done(number, size)


async def events(count: str) -> Done:
    found: list[float] = []
    async with client() as docker:
        subscriber = docker.events.subscribe(filters='{"event": ["create"]}')
        while len(found) < int(count):
            event = await subscriber.get()
            assert event is not None
            found.append(latency(event))
    return Done(median(found), 1, len(found))


async def listing() -> Done:
    """For the cold start: list the containers, once."""
    async with client() as docker:
        found = await docker.containers.list()
    return Done(0, len(found), 0)


if __name__ == "__main__":
    main_async(requests, logs, fetch, send, echo, events, listing)
