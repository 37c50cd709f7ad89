"""What a name means: the name server's answer first, then what the address it gave does."""

from __future__ import annotations

import os

from .dns import read_answer
from .judge import no_vantage
from .observation import Observation, Outcome
from .verdict import Judgement, Situation, Verdict


def judge_name(answer: Observation | None, tcp: Judgement, situation: Situation) -> Judgement:
    """Return the verdict on a name. `answer`: the name server's datagram, None for a name that DNS cannot carry;
    `tcp`: the verdict on the address that the name should have."""
    name, network = situation.target.name, situation.network
    if answer is None:
        return Judgement(
            Verdict.NAME_UNKNOWN,
            f"no name server can be asked for {name}: DNS allows 63 characters between dots, at least one, 253 in all",
            "give the container a shorter name, or an alias",
        )
    if answer.outcome is Outcome.REPLY:
        return _resolved(answer.data, tcp, situation)
    if answer.outcome is Outcome.NO_VANTAGE:
        return no_vantage(answer)
    if answer.outcome is Outcome.FAILED and network and not network.has_names:
        return Judgement(
            Verdict.NAME_NO_RESOLVER,
            "the default bridge has no name server: containers on it know each other by address only",
            "put them on a network of their own: docker network create",
        )
    if answer.outcome is Outcome.FAILED:
        return Judgement(Verdict.NAME_NO_RESOLVER, f"no name server answers: {os.strerror(answer.errno)}")
    if answer.outcome is Outcome.TIMEOUT:
        return Judgement(Verdict.NAME_UNKNOWN, f"the name server is there but gives no answer for {name}")
    why = os.strerror(answer.errno) if answer.errno else "nothing was said about it"
    return Judgement(Verdict.ERROR, f"the name server could not be asked: {why}")


def _resolved(data: bytes, tcp: Judgement, situation: Situation) -> Judgement:
    target, container = situation.target, situation.container
    try:
        code, addresses = read_answer(data)
    except ValueError as error:
        return Judgement(Verdict.NAME_UNKNOWN, f"the name server's answer cannot be read: {error}")
    if target.address in addresses:
        return Judgement(tcp.verdict, f"resolves; {tcp.explanation}", tcp.remedy, tcp.measured)
    if not addresses:
        return Judgement(Verdict.NAME_UNKNOWN, f"the name server does not know {target.name} (code {code})")
    resolved = ", ".join(addresses)
    if container and set(addresses) <= set(container.addresses):  # Docker names one of the networks that both are on
        return Judgement(
            tcp.verdict, f"resolves to {resolved}, on another network; {tcp.explanation}", tcp.remedy, measured=False
        )
    return Judgement(Verdict.NAME_WRONG_ADDRESS, f"{target.name} resolves to {resolved}, not to {target.address}")
