"""Whether what was measured is as a rule of a policy says. Pure.

Of several ways to the same port the best verdict is the port's: it is open if one way is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from .inventory import Inventory
from .policy import Rule, Way
from .policy_match import Measured, meets, place, vantages
from .record import Record, best
from .target import CLIENT, CONTAINER
from .verdict import UNPROBED


class State(Enum):
    HELD = "ok"
    BROKEN = "MISMATCH"
    UNPROBED = "not probed"


@dataclass(frozen=True)
class Check:
    """One rule at one vantage and one of the ports that it means. `record` is the best way's, None where there is none; `why`
    says what is amiss, "" where it holds; `status` is that of the HTTP answer where the rule asks for one and it came."""

    rule: Rule
    vantage: str
    target: str
    record: Record | None
    state: State
    why: str = ""
    status: int | None = None

    @property
    def measured(self) -> str:
        if self.record is None:
            return "" if self.state is State.UNPROBED else "nothing there"
        judgement = self.record.judgement
        status = f" http={self.status}" if self.status is not None else ""
        return f"{judgement.verdict.value}{status}{' (predicted)' if judgement.predicted else ''}"


def check(rule: Rule, measured: Measured) -> Iterator[Check]:
    """One for each port that the rule means, and one for each vantage from where nothing could be probed."""
    unprobed = dict(_unprobed(rule, measured))
    for vantage, why in unprobed.items():
        yield Check(rule, vantage, _written(rule), None, State.UNPROBED, why)
    found = measured.groups(rule)
    for (vantage, word), records in found.items():
        if vantage not in unprobed:
            yield judged(rule, vantage, word, best(records))
    if not found and not unprobed:
        yield Check(rule, rule.text.split()[0], _written(rule), None, State.BROKEN, _nothing(rule, measured.inventory))


def _written(rule: Rule) -> str:
    return rule.text.split()[1]


def judged(rule: Rule, vantage: str, word: str, record: Record) -> Check:
    verdict = record.judgement.verdict
    if verdict in UNPROBED:
        return Check(rule, vantage, word, record, State.UNPROBED, record.judgement.explanation)
    if verdict not in rule.allowed:
        return Check(rule, vantage, word, record, State.BROKEN, record.judgement.explanation)
    took = record.seen.milliseconds
    if rule.within is not None and took > rule.within:
        return Check(
            rule, vantage, word, record, State.BROKEN, f"it took {took:.1f} ms, longer than {rule.within:g} ms"
        )
    return Check(rule, vantage, word, record, State.HELD)


def _unprobed(rule: Rule, measured: Measured) -> Iterator[tuple[str, str]]:
    """The vantages that the rule names from which nothing was asked, and why."""
    if rule.origin.is_node:
        for node in measured.inventory.nodes:
            if rule.origin.name in ("*", node):
                yield (
                    f"node:{node}",
                    f"a probe starts on the daemon's own node, {measured.inventory.node}; ask {node}'s daemon",
                )
    for vantage in vantages(measured.inventory, measured.host_is_client):
        if not meets(rule.origin, vantage, measured.inventory, measured.host_is_client):
            continue
        records = measured.records.get(vantage)
        if records is None and not measured.inside and vantage != CLIENT:
            yield place(vantage), "only this machine asked"
        nowhere = next((one for one in (records or {}).values() if not one.target.port), None)
        if nowhere:
            yield place(vantage), nowhere.judgement.explanation


def _nothing(rule: Rule, inventory: Inventory) -> str:
    """Why a rule found nothing to be about."""
    for name, is_network in (
        (rule.origin.name, rule.origin.is_network),
        (rule.destination.name, rule.destination.is_network),
    ):
        if is_network and not any(container.on(name) for container in inventory.containers):
            return f"no running container is on network {name}"
        if not is_network and name.removeprefix(CONTAINER) in inventory.stopped:
            return f"container {name.removeprefix(CONTAINER)} is not running"
    container = inventory.named(rule.destination.name.removeprefix(CONTAINER))
    if container and rule.destination.way is Way.PUBLISHED:
        ports = sorted({port.host_port for port in container.published})
        known = f"port{'s' if len(ports) > 1 else ''} {', '.join(map(str, ports))}" if ports else "no port"
        return f"{container.name} publishes {known}"
    for name in (rule.origin.name, rule.destination.name):
        container = inventory.named(name.removeprefix(CONTAINER))
        why, instead = inventory.homeless(container) if container else ("", "")
        if container and why:
            return f"container {container.name} {why}{f': write {instead} in its place' if instead else ''}"
    return "no probe is made there: a container does not ask itself, and no one who shares its network or the host's"
