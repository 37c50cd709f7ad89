"""What the figures were measured on: kind of machine, how busy it was, date, versions."""

from __future__ import annotations

import os
import platform
import subprocess
import time

from .site import VENV, Site

_PYTHON = """
import platform
from importlib.metadata import version
names = ("rawdock", "aiodocker", "aiohttp", "docker", "requests", "httpx", "httpcore", "anyio", "httptools")
print("Python", platform.python_version() + ",", ", ".join(f"{name} {version(name)}" for name in names))
"""


def machine(site: Site, load: float) -> list[tuple[str, str]]:
    engine = site.api.call("GET", "/version")
    commit = said("git", "-C", str(VENV.parent), "describe", "--always", "--dirty")
    return [
        ("date", time.strftime("%Y-%m-%d", time.gmtime())),
        ("rawdock", f"commit {commit}"),
        ("machine", f"{os.cpu_count()} cores, {_processor()}, {_memory()} GiB, load {load:.1f} before"),
        ("kernel", f"{platform.system()} {platform.release()} {platform.machine()}"),
        ("daemon", f"dockerd {engine['Version']}, API {engine['ApiVersion']}"),
        ("clients", said(str(VENV / "bin" / "python"), "-c", _PYTHON)),
        ("others", ", ".join((said("go", "version"), said("docker", "--version"), said("curl", "--version")))),
    ]


def said(*words: str) -> str:
    """The first line, without what follows curl's version."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return (done.stdout.splitlines() or ["unknown"])[0].partition(" (")[0].strip()


def _processor() -> str:
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
