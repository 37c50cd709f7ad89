"""What a name means: the name server's answer first, then what the address it gave does."""

from __future__ import annotations

import os

from .dns import read_answer
from .judge import no_vantage
from .observation import Observation, Outcome
from .verdict import Judgement, Situation, Verdict

_SERVER_FAILURE, _NO_SUCH_NAME, _REFUSED = 2, 3, 5  # RFC 1035, section 4.1.1


def foreign_name(situation: Situation) -> Judgement:
    """Return the verdict on a name that was not asked for."""
    here, there = situation.here, situation.container
    networks = situation.inventory.networks
    own = [end.network for end in here.attachments if networks[end.network].has_names] if here else []
    other = [end.network for end in there.attachments] if there else []
    places = f"network {other[0]}" if len(other) == 1 else f"networks {', '.join(other)}"
    remedy = f"docker network connect {own[0]} {situation.target.name}" if own else ""
    return Judgement(
        Verdict.NAME_OTHER_NETWORK,
        f"it is on {places} only, whose names the name server of {', '.join(own)} does not know; it was not asked, "
        "because it would pass the name on to a server outside",
        remedy,
        measured=False,
    )


def judge_name(
    answer: Observation | None, tcp: Judgement, situation: Situation, server: Observation | None = None
) -> Judgement:
    """Return the verdict on a name. `answer`: the name server's datagram, None for a name that DNS cannot carry;
    `tcp`: the verdict on the address that the name should have; `server`: what the name server said about itself."""
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
    if answer.outcome is Outcome.TIMEOUT and server and server.outcome is Outcome.TIMEOUT:
        return Judgement(
            Verdict.NAME_NO_RESOLVER,
            "the name server is silent, to a question about itself, too",
            f"look at the rules inside {situation.vantage.phrase}: what drops datagrams to port 53?",
        )
    if answer.outcome is Outcome.TIMEOUT:
        return Judgement(
            Verdict.NAME_NO_UPSTREAM,
            f"the name server is there but gives no answer for {name}: it does not know it, and the server that it passes "
            "names on to is silent",
            f"is {name} still on the network? docker network inspect {network.name}" if network else "",
        )
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
        if code in (_SERVER_FAILURE, _REFUSED):
            return Judgement(
                Verdict.NAME_NO_UPSTREAM,
                f"the name server does not know {target.name}, and the server that it passes names on to is of no help "
                f"(code {code})",
            )
        said = "no such name" if code == _NO_SUCH_NAME else f"no address, code {code}"
        return Judgement(Verdict.NAME_UNKNOWN, f"the name server does not know {target.name} ({said})")
    resolved = ", ".join(addresses)
    if container and set(addresses) <= set(container.addresses):  # Docker names one of the networks that both are on
        return Judgement(
            tcp.verdict, f"resolves to {resolved}, on another network; {tcp.explanation}", tcp.remedy, measured=False
        )
    return Judgement(Verdict.NAME_WRONG_ADDRESS, f"{target.name} resolves to {resolved}, not to {target.address}")
