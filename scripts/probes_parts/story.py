"""The two topologies that the project began with: a run of each and its drawing, into docs/probes.md."""

from __future__ import annotations

from lab_parts.api import API
from lab_parts.commands import LabError, wait_until
from lab_parts.instance import Instance

from . import page
from .runs import CHECKOUT, probe

TOLD = ("docker-machine", "docker-for-mac")


def write(instance: Instance) -> None:
    """The run's first part, as it stands on a terminal, and the picture from this machine."""
    name = instance.topology.name
    (CHECKOUT / "docs" / f"probes-{name}.svg").write_text(probe(instance, "--format", "svg"))
    _let_wait_anew(instance)
    said = probe(instance)
    start = said.index("from this machine")
    page.write(name, f"```text\n{said[:start]}{said[start:].partition(chr(10) * 2)[0]}\n```\n")
    _let_wait_anew(instance)


def _let_wait_anew(instance: Instance) -> None:
    """Empty the queue of the paused container, which each run fills further."""
    api = API(instance.socket)
    api.call("POST", "/containers/paused/unpause")

    def is_paused() -> bool:
        try:
            api.call("POST", "/containers/paused/pause")
        except LabError:  # a busy machine's kernel may not freeze it at once: "unable to freeze"
            return False
        return True

    if not wait_until(is_paused, 20, every=0.5):
        raise LabError(f"{instance.id} cannot pause its container again")
