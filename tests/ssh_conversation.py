"""What test_ssh_lab.py starts and kills: python ssh_conversation.py blocking|asyncio|trio URL

Asks once, says the pid of its ssh and its private folder, and waits for the end of its input."""

from __future__ import annotations

import sys
from typing import Any

import anyio

from rawdock import Client, Endpoint, SyncClient


def tell(client: Any) -> None:
    master = client._core._login._masters[0]
    print(master._process._popen.pid, master._folder.name, flush=True)
    sys.stdin.read()


def blocking(endpoint: Endpoint) -> None:
    with SyncClient(endpoint) as client:
        client.get("/_ping")
        tell(client)


async def asynchronous(endpoint: Endpoint) -> None:
    async with Client(endpoint) as client:
        await client.get("/_ping")
        tell(client)


flavour, url = sys.argv[1:]
if flavour == "blocking":
    blocking(Endpoint.parse(url, "the test"))
else:
    anyio.run(asynchronous, Endpoint.parse(url, "the test"), backend=flavour)
