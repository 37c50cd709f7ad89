"""What the asyncio clients share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

from bench_parts.clients.common import Done, Timer, main

Work = Callable[..., Coroutine[Any, Any, Done]]


def main_async(*works: Work) -> None:
    main(**{work.__name__: partial(_driven, work) for work in works})


def _driven(work: Work, *words: str) -> Done:
    return asyncio.run(work(*words))


async def repeated(get: Callable[[], Awaitable[int]], count: int, at_once: int, tasks: int | None = None) -> Done:
    """`get`, which returns the bytes it got, `count` times by `tasks` (at_once, if not given) that each ask one after the
    other; before that once for each of the connections, which are `at_once`."""
    size = 0

    async def work(times: int) -> None:
        nonlocal size
        for _ in range(times):
            got = await get()
            size += got

    async def all_of(times: int, tasks: int) -> None:
        if tasks == 1:
            await work(times)
        else:
            await asyncio.gather(*(work(times // tasks) for _ in range(tasks)))

    await all_of(at_once, at_once)
    size = 0
    timer = Timer()
    await all_of(count, tasks or at_once)
    return timer.done(count, size)
