"""httpx.AsyncClient, over its own transport or over rawdock's."""

from __future__ import annotations

import os

import httpx

import rawdock
from bench_parts.clients.common import Done
from bench_parts.clients.loop import main_async, repeated


def transport(whose: str, connections: int) -> httpx.AsyncBaseTransport:
    """httpx's own keeps all its connections here; by itself it would keep 20 of 100."""
    if whose == "ours":
        return rawdock.HTTPXTransport(rawdock.discover(os.environ), connections=connections)
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    return httpx.AsyncHTTPTransport(uds=os.environ["DOCKER_HOST"].removeprefix("unix://"), limits=limits)


async def requests(whose: str, path: str, count: str, at_once: str, how: str = "workers") -> Done:
    """how: "workers", so many that each ask one after the other; "crowd", all asked for at the same time over so many
    connections."""
    number, connections = int(count), int(at_once)
    timeout = httpx.Timeout(5, pool=None)
    over = transport(whose, connections)
    async with httpx.AsyncClient(transport=over, timeout=timeout, base_url="http://docker") as client:

        async def get() -> int:
            return len((await client.get(path)).content)

        return await repeated(get, number, connections, number if how == "crowd" else connections)


if __name__ == "__main__":
    main_async(requests)
