"""Whether a record is good news. Formats of test results know only passed, failed and skipped."""

from __future__ import annotations

import ipaddress
from enum import Enum

from ..record import Record, Result
from ..surroundings import ROOTLESS
from ..target import Kind, Place
from ..topology import Where
from ..verdict import Verdict


class Grade(Enum):
    """BY_DESIGN: not reachable, as Docker or this topology has it, or an application that keeps still to our datagram;
    UNKNOWN: it could not be probed."""

    OPEN = "open"
    BROKEN = "broken"
    BY_DESIGN = "by design"
    UNKNOWN = "unknown"


def grade(record: Record, result: Result) -> Grade:
    verdict = record.judgement.verdict
    if verdict is Verdict.OPEN:
        return Grade.OPEN
    if verdict is Verdict.NO_ANSWER and not record.judgement.measured:
        return Grade.BY_DESIGN
    if verdict in (Verdict.VANTAGE_UNAVAILABLE, Verdict.ERROR):
        return Grade.UNKNOWN
    return Grade.BY_DESIGN if _by_design(record, result) else Grade.BROKEN


def _by_design(record: Record, result: Result) -> bool:
    target, verdict = record.target, record.judgement.verdict
    if record.vantage.place is Place.CONTAINER:
        here = result.inventory.named(record.vantage.container)
        of_container = target.kind in (Kind.CONTAINER, Kind.NAME)
        apart = of_container and (here is None or here.on(target.network or "") is None)
        if target.kind is Kind.GATEWAY and target.published and result.topology.what in ROOTLESS:
            return verdict is Verdict.REFUSED
        return (verdict in (Verdict.FILTERED, Verdict.NO_ADDRESS, Verdict.NOT_SENT) and apart) or verdict in (
            Verdict.NAME_OTHER_NETWORK,
            Verdict.NAME_NO_RESOLVER,
        )
    network = result.inventory.networks.get(target.network or "")
    if network and network.driver == "overlay":
        return verdict in (Verdict.NO_ROUTE, Verdict.NOT_SENT)
    if record.vantage.place is Place.HOST or result.topology.where is Where.SAME:
        return False
    if target.kind is Kind.CONTAINER:
        return verdict in (Verdict.NO_ROUTE, Verdict.NOT_SENT)
    on_localhost = ipaddress.ip_address(target.address).is_loopback
    elsewhere = result.topology.where in (Where.REMOTE, Where.CONTAINER) and on_localhost
    return verdict is Verdict.NOT_SENT or (elsewhere and verdict is Verdict.REFUSED)
