"""What is measured, a module each: its docstring's first line is what `scripts/bench --help` says of it, `cases(site)` gives
the cases in the order of measuring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import cast

from ..cases import Case
from ..site import Site

NAMES = ("ping", "inspect", "httpx", "logs", "get", "put", "exec", "events", "tap", "probe", "imports", "start")


def summary(name: str) -> str:
    return (import_module(f".{name}", __name__).__doc__ or "").splitlines()[0]


def cases(name: str, site: Site) -> Iterator[Case]:
    return cast("Callable[[Site], Iterator[Case]]", import_module(f".{name}", __name__).cases)(site)
