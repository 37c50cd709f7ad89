"""Who stands in the way where Docker's own rules would let a packet through: the chain that it passes, narrowed down by what
other probes saw.
"""

from __future__ import annotations

from dataclasses import dataclass

from .icmp_errors import answered, connected
from .model import Expectation, Way
from .target import Place
from .verdict import Situation

_ON_HOST = "on the daemon's host"


@dataclass(frozen=True)
class Suspect:
    """`who`: a rule, as the subject of a sentence; `since`: what speaks for it, "" where it is only the way; `remedy`: how to
    see the rule."""

    who: str
    since: str
    remedy: str


def suspect(situation: Situation, expected: Expectation) -> Suspect | None:
    """Return the nearest one; None where the way is not known."""
    found = {Way.THROUGH: _forwarding, Way.OUT: _output, Way.PROXY: _input, Way.IN: _input}
    return found[expected.way](situation) if expected.way in found else None


def own_rules(situation: Situation) -> Suspect:
    """The container's."""
    who = situation.who
    rule = f"a rule in {who}'s own network (or its interface is down)"
    return Suspect(rule, "", f"iptables -S; ip addr in {who}'s network namespace")


def _forwarding(situation: Situation) -> Suspect:
    second, who = situation.second, situation.who
    if second.behind is not None and not gets_through(situation) and not second.others:
        return _with(own_rules(situation), f"the daemon's host itself does not get through to {who}")
    rule = Suspect("a rule in DOCKER-USER or FORWARD", "", f"iptables -S DOCKER-USER; iptables -S FORWARD {_ON_HOST}")
    if second.behind is None:
        return rule  # nobody looked
    if not second.others:
        return _with(rule, f"the daemon's host itself gets through to {who}")
    from_here = f"what comes from {situation.vantage.phrase}"
    since = f"{_names(second.others, gets_through(situation))} to {who}"
    if situation.vantage.place is Place.CLIENT:
        between = "a firewall on this machine or on the way, or a rule there for what comes from here"
        return Suspect(between, since, f"look at OUTPUT on this machine, and at DOCKER-USER and FORWARD {_ON_HOST}")
    return Suspect(f"a rule in DOCKER-USER or FORWARD for {from_here}", since, rule.remedy)


def _names(others: tuple[str, ...], host_too: bool) -> str:
    return f"the daemon's host and {others[0]} get through" if host_too else f"{others[0]} gets through"


def behind_forwarder(situation: Situation) -> Suspect:
    """Who stands between a forwarder, which dials from the daemon's host, and the container."""
    return _output(situation)


def _output(situation: Situation) -> Suspect:
    if situation.second.others:
        rule = Suspect("a rule in OUTPUT", "", f"iptables -S OUTPUT {_ON_HOST}")
        return _with(rule, f"{situation.second.others[0]} gets through to {situation.who}")
    return _with(own_rules(situation), "nobody gets through to it")


def _input(situation: Situation) -> Suspect:
    here = situation.vantage.phrase
    remedy = f"let it in (with ufw: ufw allow from the containers' subnet); iptables -S INPUT {_ON_HOST}"
    return Suspect("a rule in INPUT", f"that is the chain which {here} meets at that address", remedy)


def _with(found: Suspect, since: str) -> Suspect:
    return Suspect(found.who, since, found.remedy)


def gets_through(situation: Situation) -> bool:
    """Whether the daemon's host, with nothing in between, met whoever the container's table says it must meet."""
    behind = situation.second.behind
    return behind is not None and (connected(behind) if situation.listener() else answered(behind))


def owner(offender: str, situation: Situation) -> str:
    """Whose address that is, "" where it is nobody's who is known."""
    containers = situation.inventory.containers
    found = next((container.name for container in containers if offender in container.addresses), "")
    gateways = {end.gateway for container in containers for end in container.attachments}
    if offender in gateways or offender == situation.daemon_host:
        return "the daemon's host"
    own = situation.daemon.client_address if situation.daemon else ""
    return "this machine itself" if offender == own else found


def container_rejects(situation: Situation) -> bool:
    """Whether a rejection was the container's own: the daemon's host, with nothing in between, does not get through either, nor
    does anybody else. (It need not have heard why: what the container sends of that is rate-limited.)"""
    return situation.second.behind is not None and not gets_through(situation) and not situation.second.others
