"""From what a probe saw to what it means: a verdict, a sentence, a remedy.

A connect is not an answer: a forwarder accepts for containers in which nobody listens, and a kernel shakes hands for paused
processes. So what accepted is judged by what came after, by the container's state and by its own table of listeners.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from enum import Enum

from . import listeners as table
from .dns import read_answer
from .inventory import Container, Inventory
from .listeners import Listener
from .observation import ICMP, Observation, Outcome
from .target import Kind, Place, Target, Vantage


class Verdict(Enum):
    OPEN = "open"
    OPEN_SILENT = "open-silent"
    ACCEPTED_THEN_CLOSED = "accepted-then-closed"
    RESET = "reset"
    REFUSED = "refused"
    REJECTED = "rejected"
    NO_ROUTE = "no-route"
    NO_ADDRESS = "no-address"
    FILTERED = "filtered"
    NOT_SENT = "not-sent"
    HOST_DOWN = "host-down"
    NAME_UNKNOWN = "name-unknown"
    NAME_NO_RESOLVER = "name-no-resolver"
    NAME_WRONG_ADDRESS = "name-wrong-address"
    VANTAGE_UNAVAILABLE = "vantage-unavailable"
    ERROR = "error"


# Something at the address answered, be it with a refusal.
ANSWERED = {Verdict.OPEN, Verdict.OPEN_SILENT, Verdict.ACCEPTED_THEN_CLOSED, Verdict.RESET, Verdict.REFUSED}


@dataclass(frozen=True)
class Judgement:
    """`measured` is False where a part is inferred from the API instead of seen."""

    verdict: Verdict
    explanation: str
    remedy: str = ""
    measured: bool = True


@dataclass(frozen=True)
class Situation:
    """What is known around a probe. `listeners` is None when the container's table could not be read; `daemon_host` is
    the endpoint's host when that is another machine, else ""."""

    vantage: Vantage
    target: Target
    inventory: Inventory
    listeners: set[Listener] | None = None
    daemon_host: str = ""

    @property
    def container(self) -> Container | None:
        return self.inventory.named(self.target.container)

    @property
    def who(self) -> str:
        return self.target.container or "the host"

    def listener(self) -> Listener | None:
        """What the connect would meet inside the container. A forwarder dials the container's address, whatever ours was."""
        port = self.target.container_port
        container = self.container
        if self.listeners is None or port is None or container is None:
            return None
        addresses = [address for attachment in container.attachments for address in attachment.addresses]
        found = (table.answering(self.listeners, address, port) for address in addresses or ["127.0.0.1"])
        return next((listener for listener in found if listener), None)

    def loopback(self) -> Listener | None:
        port = self.target.container_port
        return None if not self.listeners or port is None else table.loopback_only(self.listeners, port)


def judge(seen: Observation, situation: Situation) -> Judgement:
    """Return the verdict on one TCP probe."""
    outcome = seen.outcome
    if outcome in (Outcome.DATA, Outcome.QUIET):
        return _connected(seen, situation)
    if outcome is Outcome.CLOSED:
        return _closed(situation)
    if outcome is Outcome.RESET:
        return Judgement(
            Verdict.RESET, f"connected, then {situation.who} broke the connection off", "its own log may say why"
        )
    if outcome is Outcome.TIMEOUT:
        return _filtered(situation)
    if outcome is Outcome.NOT_SENT:
        return Judgement(
            Verdict.NOT_SENT,
            f"would leave {seen.route}, which is not Docker's: not sent",
            "use a published port; --force sends it all the same",
        )
    if outcome is Outcome.NO_VANTAGE:
        return Judgement(
            Verdict.VANTAGE_UNAVAILABLE, f"its network namespace could not be entered ({os.strerror(seen.errno)})"
        )
    if outcome is Outcome.FAILED:
        return _failed(seen, situation)
    return Judgement(Verdict.ERROR, f"the probe could not be made ({os.strerror(seen.errno)})")


def _connected(seen: Observation, situation: Situation) -> Judgement:
    who, container = situation.who, situation.container
    if seen.data:
        return Judgement(Verdict.OPEN, f"{who} spoke first")
    if container is not None and container.state == "paused":
        return Judgement(
            Verdict.OPEN_SILENT,
            f"the kernel shook hands, but {who} is paused and says nothing",
            f"docker unpause {who}",
        )
    if listener := situation.listener():
        return Judgement(Verdict.OPEN, f"{who} listens on {listener}")
    if container is None:
        return Judgement(Verdict.OPEN, "connected and kept open")
    if situation.listeners is not None:
        return Judgement(
            Verdict.OPEN_SILENT,
            f"something accepted and keeps still, but in {who} nobody listens on port {situation.target.container_port}",
            measured=False,
        )
    return Judgement(Verdict.OPEN, f"connected and kept open, and {who} is running", measured=False)


def _closed(situation: Situation) -> Judgement:
    who, port = situation.who, situation.target.container_port
    if loopback := situation.loopback():
        return Judgement(
            Verdict.ACCEPTED_THEN_CLOSED,
            f"the port forwarder accepted, but {who} listens on {loopback} only, its own loopback",
            "let it listen on 0.0.0.0",
        )
    if situation.listeners is not None and not situation.listener():
        return Judgement(
            Verdict.ACCEPTED_THEN_CLOSED,
            f"the port forwarder accepted, but nobody listens on port {port} in {who}",
            "start the app, or publish the port that it listens on",
        )
    if situation.listeners is not None:
        return Judgement(
            Verdict.ACCEPTED_THEN_CLOSED, f"{who} accepted and hung up without a word", "its own log may say why"
        )
    return Judgement(
        Verdict.ACCEPTED_THEN_CLOSED,
        f"accepted and closed without a word: nobody listens in {who} behind the forwarder, or it hung up",
        "start the app, or publish the port that it listens on",
        measured=False,
    )


def _failed(seen: Observation, situation: Situation) -> Judgement:
    number, icmp = seen.errno, seen.icmp
    if icmp and icmp.family and _rejects(icmp):
        return Judgement(
            Verdict.REJECTED, f"a firewall at {icmp.offender} rejected it ({_ICMP_WORDS[icmp.family, icmp.code]})",
            "look at the rules at that address",
        )  # fmt: skip
    if number == errno.ECONNREFUSED:
        return _refused(situation)
    if number == errno.ENETUNREACH:
        return _no_route(icmp, situation)
    if number == errno.EHOSTUNREACH:
        return Judgement(
            Verdict.HOST_DOWN,
            "no machine answers for that address",
            "is it stopped, or was the address given to another?",
        )
    if number in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        return Judgement(Verdict.NO_ADDRESS, f"{situation.vantage.label} has no address of that family")
    if number == errno.ETIMEDOUT:
        return _filtered(situation)
    if number in (errno.EPERM, errno.EACCES):
        return Judgement(Verdict.REJECTED, "a firewall on the vantage itself forbids it", "look at its OUTPUT rules")
    return Judgement(Verdict.ERROR, f"the connect failed ({os.strerror(number)})")


_ICMP_WORDS = {
    (4, 2): "protocol unreachable",
    (4, 3): "port unreachable",
    (4, 9): "network prohibited",
    (4, 10): "host prohibited",
    (4, 13): "administratively prohibited",
    (6, 1): "administratively prohibited",
    (6, 4): "port unreachable",
    (6, 5): "policy",
    (6, 6): "reject route",
}


def _rejects(icmp: ICMP) -> bool:
    unreachable = 3 if icmp.family == 4 else 1
    return icmp.type == unreachable and (icmp.family, icmp.code) in _ICMP_WORDS


def _refused(situation: Situation) -> Judgement:
    target, who = situation.target, situation.who
    binding = target.published
    on_client = situation.vantage.place is Place.CLIENT
    if binding and on_client and situation.daemon_host and _is_loopback(target.address):
        return Judgement(
            Verdict.REFUSED,
            f"nothing listens on this machine's localhost: the port is published on the daemon's host, {situation.daemon_host}",
            f"use {situation.daemon_host} in place of localhost",
        )
    if binding and binding.host_ip not in ("0.0.0.0", "::", target.address):
        return Judgement(
            Verdict.REFUSED,
            f"published on {binding.host_ip} of the daemon's host only",
            f"publish it for all addresses: -p {binding.host_port}:{binding.container_port}",
        )
    if loopback := situation.loopback():
        return Judgement(
            Verdict.REFUSED, f"{who} listens on {loopback} only, its own loopback", "let it listen on 0.0.0.0"
        )
    if target.container and situation.listeners is not None and not situation.listener():
        return Judgement(Verdict.REFUSED, f"{who} is up, but nobody listens on port {target.container_port} in it",
                         "start the app, or use the port that it listens on")  # fmt: skip
    if target.kind is Kind.GATEWAY and not target.container:
        return Judgement(Verdict.REFUSED, "the gateway is there and answers, but nothing listens on that port")
    if target.container:
        return Judgement(Verdict.REFUSED, f"the host is up, but nothing listens there for {who}", measured=False)
    return Judgement(Verdict.REFUSED, "the host is up, nothing listens there")


def _is_loopback(address: str) -> bool:
    return address.startswith("127.") or address == "::1"


def _no_route(icmp: ICMP | None, situation: Situation) -> Judgement:
    network = situation.inventory.networks.get(situation.target.network or "")
    where = network.subnets[0] if network and network.subnets else situation.target.address
    if icmp and icmp.family and icmp.offender:
        return Judgement(Verdict.NO_ROUTE, f"{icmp.offender} has no route to {where}")
    if situation.vantage.place is Place.CLIENT and situation.target.kind is Kind.CONTAINER:
        behind = f": the containers live behind {situation.daemon_host}" if situation.daemon_host else ""
        return Judgement(
            Verdict.NO_ROUTE, f"this machine has no route to {where}{behind}", "use a published port, or add a route"
        )
    return Judgement(
        Verdict.NO_ROUTE, f"{situation.vantage.label} has no route to {where}", "connect it to a network there"
    )


def _filtered(situation: Situation) -> Judgement:
    vantage, target, inventory = situation.vantage, situation.target, situation.inventory
    here, there = inventory.named(vantage.container), situation.container
    network = inventory.networks.get(target.network or "")
    if here and there and target.kind is Kind.CONTAINER:
        if network and not here.on(network.name):
            return Judgement(
                Verdict.FILTERED,
                f"dropped silently, twice: {here.name} is not on network {network.name}, and Docker keeps networks apart",
                f"docker network connect {network.name} {here.name}",
                measured=False,
            )
        if network and not network.talks:
            return Judgement(
                Verdict.FILTERED,
                f"dropped silently, twice: network {network.name} has enable_icc=false",
                "use a network without it",
                measured=False,
            )
    return Judgement(
        Verdict.FILTERED,
        "dropped silently, twice: a firewall on the way, or no way back",
        "look at the rules on the way",
    )


def judge_name(answer: Observation, tcp: Judgement, situation: Situation) -> Judgement:
    """Return the verdict on a name: the name server's answer first, then what the address it gave does."""
    name, network = situation.target.name, situation.inventory.networks.get(situation.target.network or "")
    if answer.outcome is Outcome.REPLY:
        try:
            code, addresses = read_answer(answer.data)
        except ValueError as error:
            return Judgement(Verdict.NAME_UNKNOWN, f"the name server's answer cannot be read: {error}")
        if situation.target.address in addresses:
            return Judgement(tcp.verdict, f"resolves; {tcp.explanation}", tcp.remedy, tcp.measured)
        if addresses:
            return Judgement(
                Verdict.NAME_WRONG_ADDRESS,
                f"{name} resolves to {', '.join(addresses)}, not to {situation.target.address}",
            )
        return Judgement(Verdict.NAME_UNKNOWN, f"the name server does not know {name} (code {code})")
    if answer.outcome is Outcome.FAILED and network and not network.has_names:
        return Judgement(
            Verdict.NAME_NO_RESOLVER,
            "the default bridge has no name server: containers on it know each other by address only",
            "put them on a network of their own: docker network create",
        )
    if answer.outcome is Outcome.FAILED:
        return Judgement(Verdict.NAME_NO_RESOLVER, f"no name server answers ({os.strerror(answer.errno)})")
    return Judgement(Verdict.NAME_UNKNOWN, f"the name server is there but gives no answer for {name}")
