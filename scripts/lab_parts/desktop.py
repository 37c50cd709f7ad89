"""Docker for Mac around the lab's daemon: what the VM calls itself, and the forwarder between it and the client."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .commands import LabError, run, wait_until
from .containers import containers_of
from .instance import Instance
from .namespaces import NETNS
from .processes import make_daemon_cgroups
from .topologies import Desktop

_RELAY_PORT = "1"  # one that no container means
_JOIN = 'for procs in $1; do echo $$ >"$procs"; done; shift; exec "$@"'
_READY_SECONDS = 10


def start_forwarder(instance: Instance, desktop: Desktop) -> None:
    """Start it and return once it listens everywhere. Raises LabError with its last words."""
    between = instance.namespace("vpnkit")
    run(["ip", "-n", between, "addr", "add", f"{desktop.alias_address}/32", "dev", "lo"])
    turn = ["-p", "tcp", "-d", desktop.alias_address, "-j", "REDIRECT", "--to-ports", _RELAY_PORT]
    run(["nsenter", f"--net={NETNS / between}", "--", "iptables", "-w", "-t", "nat", "-A", "PREROUTING", *turn])
    places = [str(NETNS / instance.namespace(role)) for role in ("client", "vm", "vpnkit")]
    ports = [
        f"{address}:{port}" for address, port in (c.published for c in containers_of(instance.topology) if c.published)
    ]
    ready, log = instance.folder / "forwarder.ready", instance.folder / "forwarder.log"
    words = [str(ready), *places, desktop.alias_address, desktop.resolver, _RELAY_PORT, ",".join(desktop.aliases)]
    program = [sys.executable, "-B", str(Path(__file__).with_name("forwarder.py")), *words, *ports]
    procs = " ".join(str(path) for path in make_daemon_cgroups(instance))
    with log.open("wb") as said:
        started = subprocess.Popen(
            ["sh", "-c", _JOIN, "sh", procs, *program],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,  # as with the daemon: Ctrl-C is for `lab`
        )
    if not wait_until(lambda: ready.exists() or started.poll() is not None, _READY_SECONDS) or not ready.exists():
        raise LabError(f"the forwarder does not start: {log.read_text(errors='replace').strip()[-300:]!r}")
