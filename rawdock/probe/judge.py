"""From what a probe saw to what it means: a verdict, a sentence, a remedy. Here what TCP accepted; the rest: failures.py and
judge_udp.py.

A connect is not an answer: a forwarder accepts for containers in which nobody listens, and a kernel shakes hands for paused
processes. So what accepted is judged by what came after, by the container's state and by its own table of listeners.
"""

from __future__ import annotations

import errno
import os

from .failures import failed, timed_out
from .icmp_errors import rejector
from .judge_udp import judge_udp
from .model import Way, expect
from .observation import Observation, Outcome
from .protocol import Protocol
from .suspects import behind_forwarder, container_rejects, gets_through, own_rules
from .target import Kind
from .verdict import Judgement, Situation, Verdict


def judge(seen: Observation, situation: Situation) -> Judgement:
    """Return the verdict on one probe of a port."""
    outcome = seen.outcome
    if outcome in _ANSWERS and situation.bound_elsewhere and not situation.other_localhost:
        return _somebody_else(situation)
    if situation.target.protocol is Protocol.UDP and outcome in (Outcome.REPLY, Outcome.FAILED, Outcome.TIMEOUT):
        return judge_udp(seen, situation)
    if outcome in (Outcome.DATA, Outcome.QUIET):
        return _connected(seen, situation)
    if outcome is Outcome.CLOSED:
        return _closed(situation)
    if outcome is Outcome.RESET or (outcome is Outcome.FAILED and seen.errno in (errno.ECONNRESET, errno.EPIPE)):
        return _reset(situation)
    if outcome is Outcome.TIMEOUT or (outcome is Outcome.FAILED and seen.errno == errno.ETIMEDOUT):
        return timed_out(situation)
    if outcome is Outcome.FAILED:
        return failed(seen, situation)
    if outcome is Outcome.NOT_SENT:
        return _not_sent(seen, situation)
    if outcome is Outcome.NO_VANTAGE:
        return no_vantage(seen)
    why = os.strerror(seen.errno) if seen.errno else "nothing was said about it"
    return Judgement(Verdict.ERROR, f"the probe could not be made: {why}")


_ANSWERS = (Outcome.DATA, Outcome.QUIET, Outcome.CLOSED, Outcome.RESET, Outcome.REPLY)


def _somebody_else(situation: Situation) -> Judgement:
    bound, port = situation.bound_elsewhere, f"{situation.port} of {situation.who}"
    return Judgement(
        Verdict.OPEN_SILENT,
        f"something else answers at {situation.target.socket}: {port} is published on {bound} of the daemon's host only",
        f"use {bound} in place of {situation.target.address}",
        measured=False,
    )


def has_ended(seen: Observation) -> bool:
    """Whether the vantage's namespace has gone. EINVAL: dockerd unmounts at once, and removes the file a minute later."""
    return seen.outcome is Outcome.NO_VANTAGE and seen.errno in (errno.ENOENT, errno.EINVAL)


def no_vantage(seen: Observation) -> Judgement:
    if seen.why and seen.errno:  # the way that was taken does not lead there
        return Judgement(Verdict.VANTAGE_UNAVAILABLE, f"not probed from here: {seen.why}")
    if seen.why:
        return Judgement(Verdict.VANTAGE_UNAVAILABLE, f"not probed to the end: {seen.why}", "probe again")
    if has_ended(seen):
        return Judgement(
            Verdict.VANTAGE_UNAVAILABLE, "its network namespace is gone: the container ended meanwhile", "probe again"
        )
    why = os.strerror(seen.errno)
    return Judgement(Verdict.VANTAGE_UNAVAILABLE, f"its network namespace could not be entered: {why}")


def _not_sent(seen: Observation, situation: Situation) -> Judgement:
    target = situation.target
    if target.kind is Kind.PUBLISHED:
        return Judgement(
            Verdict.NOT_SENT,
            f"{target.address} is an address on the daemon's side; from here a packet would leave {seen.route}: not sent",
            "publish it for all addresses; --force sends it all the same",
        )
    if target.kind is Kind.ADDRESS:
        return Judgement(
            Verdict.NOT_SENT,
            f"a packet would leave {seen.route}, out of Docker's networks: not sent",
            "--force sends it all the same",
        )
    network = f"Docker network {target.network}" if target.network else "a Docker network"
    here, there = situation.here, situation.network
    if here and there and not here.on(there.name):
        attachable = ", if it was made with --attachable" if there.driver == "overlay" else ""
        return Judgement(
            Verdict.NOT_SENT,
            f"{here.name} is not on {network}: a packet would leave {seen.route}, not straight onto it: not sent",
            f"docker network connect {there.name} {here.name}{attachable}; --force sends it all the same",
        )
    return Judgement(
        Verdict.NOT_SENT,
        f"a packet would leave {seen.route}, not straight onto {network}: not sent",
        "use a published port; --force sends it all the same",
    )


def _connected(seen: Observation, situation: Situation) -> Judgement:
    who, container = situation.who, situation.container
    if situation.other_localhost:
        said = "spoke first" if seen.data else "accepted and keeps still"
        return Judgement(
            Verdict.OPEN if seen.data else Verdict.OPEN_SILENT,
            f"something on this machine's localhost {said}, but the port is published on the daemon's host, "
            f"{situation.daemon_host}: it need not be {who}",
            f"use {situation.daemon_host} in place of localhost",
            measured=False,
        )
    if seen.data:
        return Judgement(Verdict.OPEN, f"{who} spoke first")
    if container is None and _is_elsewhere(situation):
        why = f"connected and kept open; who listens in {who} cannot be seen from this node"
        return Judgement(Verdict.OPEN, why, measured=False)
    if container is None:
        return Judgement(Verdict.OPEN, "connected and kept open")
    if container.state == "paused":
        return Judgement(
            Verdict.OPEN_SILENT,
            f"the kernel shook hands, but {who} is paused and says nothing",
            f"docker unpause {who}",
        )
    if listener := situation.listener():
        return _unheard(situation) or Judgement(Verdict.OPEN, f"{who} listens on {listener}")
    if situation.listeners is not None:
        return Judgement(
            Verdict.OPEN_SILENT,
            f"something accepted and keeps still, but in {who} nobody listens on port {situation.target.container_port}",
            measured=False,
        )
    return Judgement(Verdict.OPEN, f"connected and kept open, and {who} is running", measured=False)


def _is_elsewhere(situation: Situation) -> bool:
    """Whether what answers is, or may be, on another node of the swarm."""
    return situation.target.mesh or situation.target.node is not None


def _unheard(situation: Situation) -> Judgement | None:
    """What a forwarder accepted for a container that does not answer the forwarder."""
    behind = situation.second.behind
    forwarded = expect(situation).way in (Way.PROXY, Way.FORWARDER)
    if not forwarded or behind is None or gets_through(situation) or situation.deaf_end():
        return None
    accepted = "the port forwarder accepted, but"
    if rejector(behind):  # which may be held back: it is rate-limited
        sentence = f"{accepted} {situation.who}'s own firewall rejected it"
        return Judgement(Verdict.OPEN_SILENT, sentence, own_rules(situation).remedy, measured=False)
    rule = behind_forwarder(situation)
    return Judgement(
        Verdict.OPEN_SILENT,
        f"{accepted} {situation.who} does not answer it: {rule.who}, for {rule.since}",
        rule.remedy,
        measured=False,
    )


def _closed(situation: Situation) -> Judgement:
    who, port, publish = (
        situation.who,
        situation.target.container_port,
        "start the app, or publish the port that it listens on",
    )
    if situation.direct or not situation.target.container or situation.other_localhost:
        what = "something on this machine's localhost" if situation.other_localhost else who
        return Judgement(
            Verdict.ACCEPTED_THEN_CLOSED, f"{what} accepted and hung up without a word", "its own log may say why"
        )
    if situation.listeners is None:
        return Judgement(
            Verdict.ACCEPTED_THEN_CLOSED,
            f"accepted and closed without a word: nobody listens in {who} behind the forwarder, or it hung up",
            publish,
            measured=False,
        )
    if (listener := situation.listener()) and (deaf := situation.deaf_end()):
        return Judgement(
            Verdict.ACCEPTED_THEN_CLOSED,
            f"{who} listens on {listener}, and either the port forwarder dialled {deaf}, where nobody listens, or {who} hung "
            "up without a word",
            f"let it listen on {'::' if ':' in deaf else '0.0.0.0'} too",
            measured=False,
        )
    expected = expect(situation)
    if expected.verdict is Verdict.ACCEPTED_THEN_CLOSED and expected.because:
        why = f"the port forwarder accepted, but {expected.because}"
        return Judgement(Verdict.ACCEPTED_THEN_CLOSED, why, expected.remedy, measured=False)
    if situation.listener() and expected.way in (Way.PROXY, Way.FORWARDER) and container_rejects(situation):
        rule = own_rules(situation)
        return Judgement(
            Verdict.ACCEPTED_THEN_CLOSED,
            f"the port forwarder accepted, but {who}'s own firewall rejected it",
            rule.remedy,
        )
    if not situation.listener() and expected.way is Way.THROUGH:
        return Judgement(
            Verdict.ACCEPTED_THEN_CLOSED,
            f"docker-proxy accepted what Docker's own NAT rules should have carried on to {who}: they are gone",
            "restart the daemon, or whoever flushed them (firewalld, a script); iptables -t nat -S on the daemon's host",
            measured=False,
        )
    if situation.listener():
        return Judgement(
            Verdict.ACCEPTED_THEN_CLOSED, f"{who} accepted and hung up without a word", "its own log may say why"
        )
    if other := situation.elsewhere():
        where = f"{other} only{', its own loopback' if other.is_loopback else ''}"
        return Judgement(
            Verdict.ACCEPTED_THEN_CLOSED,
            f"the port forwarder accepted, but {who} listens on {where}",
            situation.remedy,
        )
    return Judgement(
        Verdict.ACCEPTED_THEN_CLOSED,
        f"the port forwarder accepted, but nobody listens on port {port} in {who}",
        publish,
    )


def _reset(situation: Situation) -> Judgement:
    return Judgement(
        Verdict.RESET, f"connected, then {situation.who} broke the connection off", "its own log may say why"
    )
