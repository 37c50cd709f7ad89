"""What other probes saw: who got through to the same port, and whose rejections may have been held back."""

from __future__ import annotations

import errno

import pytest

from rawdock.probe.asks import Ask
from rawdock.probe.icmp_errors import answered, connected, rejector
from rawdock.probe.observation import ICMP, Observation, Outcome
from rawdock.probe.target import CLIENT, HOST, Kind, Place, Target, Vantage
from rawdock.probe.witnesses import Witnesses

WEB, APP = Vantage(Place.CONTAINER, "web"), Vantage(Place.CONTAINER, "app")
GATEWAY = "172.17.0.1"
QUIET, TIMEOUT = Observation(Outcome.QUIET), Observation(Outcome.TIMEOUT, errno.ETIMEDOUT)
REFUSED = Observation(Outcome.FAILED, errno.ECONNREFUSED)
REJECTED = Observation(Outcome.FAILED, errno.EHOSTUNREACH, icmp=ICMP(4, 3, 13, 0, GATEWAY))


def at(address: str, port: int = 80) -> Target:
    return Target(Kind.CONTAINER, address, port, f"c{address}", port, network="bridge")


def witnesses(*seen: tuple[Vantage, Target, Observation], host: Vantage = HOST) -> Witnesses:
    asked = [(vantage, target) for vantage, target, _ in seen]
    return Witnesses(asked, {(vantage, Ask(t.address, t.port)): one for vantage, t, one in seen}, host)


def test_a_host_without_a_route_bears_no_witness_of_what_its_forwarder_meets() -> None:
    """A swarm's node has none to an overlay; docker-proxy goes on by docker_gwbridge."""
    target = at("10.0.1.8")
    unreachable = Observation(Outcome.FAILED, errno.ENETUNREACH)
    assert witnesses((HOST, target, unreachable), (WEB, target, QUIET)).of(APP, target).behind is None


def test_the_daemons_host_and_other_containers_bear_witness_and_one_not_for_itself() -> None:
    target = at("172.17.0.2")
    found = witnesses((HOST, target, QUIET), (WEB, target, QUIET), (APP, target, TIMEOUT)).of(APP, target)
    assert (found.behind, found.others) == (QUIET, ("web",))
    assert witnesses((WEB, target, QUIET)).of(WEB, target).others == ()
    assert witnesses((CLIENT, target, REFUSED), host=CLIENT).of(APP, target).behind == REFUSED


def test_a_refusal_is_no_connection_and_another_port_of_the_container_no_witness() -> None:
    target = at("172.17.0.2")
    found = witnesses((WEB, target, REFUSED), (HOST, at("172.17.0.2", 81), QUIET), (APP, target, TIMEOUT))
    assert (found.of(APP, target).behind, found.of(APP, target).others) == (None, ())


@pytest.mark.parametrize(("count", "who"), [(1, ""), (3, ""), (4, GATEWAY), (6, GATEWAY)])
def test_a_rejection_is_only_inferred_where_enough_were_seen_to_be_held_back(count: int, who: str) -> None:
    rejected = [(WEB, at(f"172.17.0.{number}"), REJECTED) for number in range(10, 10 + count)]
    silent = at("172.17.0.9")
    assert witnesses(*rejected, (WEB, silent, TIMEOUT)).of(WEB, silent).rejector == who
    assert witnesses(*rejected, (APP, silent, TIMEOUT)).of(APP, silent).rejector == ""


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (QUIET, (True, True, "")),
        (REFUSED, (True, False, "")),
        (TIMEOUT, (False, False, "")),
        (REJECTED, (False, False, GATEWAY)),
        (Observation(Outcome.FAILED, errno.ECONNREFUSED, icmp=ICMP(4, 3, 3, 0, GATEWAY)), (False, False, GATEWAY)),
        (Observation(Outcome.FAILED, errno.EHOSTUNREACH, icmp=ICMP(4, 3, 1, 0, GATEWAY)), (False, False, "")),
    ],
)
def test_who_answered(seen: Observation, expected: tuple[bool, bool, str]) -> None:
    assert (answered(seen), connected(seen), rejector(seen)) == expected
