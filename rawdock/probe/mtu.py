"""Whether large packets arrive: what makes a connection that opens and then stalls.

From each vantage one neighbour of each network, and each gateway and host that it asks, get two pings that no router may
cut: a small one and one as large as the interface sends at once. That is cheap enough to be done always, with the first pass.
Only where the small one alone is answered is the largest size that passes searched for, many sizes at a time: the usual ones
first, then all between the two that it must lie between. Records come of trouble only: that large packets arrive is no news.

A vantage whose group may not ping (net.ipv4.ping_group_range; a Linux host's default) says nothing about it.
"""

from __future__ import annotations

import errno
import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping

from .asks import Ask, Asked
from .inventory import DEFAULT_BRIDGE, Inventory
from .observation import Observation, Outcome
from .protocol import Protocol
from .record import Record
from .target import CLIENT, Kind, Target, Vantage
from .verdict import Judgement, Verdict

Pair = tuple[Vantage, Target]
Answers = Mapping[Asked, Observation]

_SMALL = 84  # bytes, as ping's own
_USUAL = (8951, 8900, 4000, 1500, 1492, 1480, 1472, 1460, 1450, 1440, 1430, 1420, 1410, 1400, 1390, 1380, 1370, 1360, 1350,
          1340, 1320, 1300, 1280, 1240, 1200, 1000, 800, 576, 296)  # fmt: skip
_AT_ONCE = 40  # pings in a round of the search
_ROUNDS = 3


def pairs(asked: Iterable[Pair], inventory: Inventory) -> list[Pair]:
    """Who pings whom: of what is sent to anyway, each vantage's next neighbour on each network (in a swarm, on each node of
    it), its gateways and hosts. The next one by name, and the first after the last, so that every container is pinged by
    one of its network."""
    found: dict[tuple[Vantage, Kind, str], Target] = {}
    for vantage, target in asked:
        if group := _group(vantage, target, inventory):
            known = found.setdefault((vantage, target.kind, group), target)
            if _distance(vantage, target) < _distance(vantage, known):
                found[vantage, target.kind, group] = target
    return [(vantage, _large(target)) for (vantage, _, _), target in found.items()]


def _distance(vantage: Vantage, target: Target) -> tuple[bool, str]:
    own, name = vantage.container or "", target.container or ""
    return name <= own, name


def _group(vantage: Vantage, target: Target, inventory: Inventory) -> str:
    """Of those with one way there one is enough; "" where a ping would tell nothing."""
    here = inventory.named(vantage.container)
    if target.kind is Kind.CONTAINER:
        is_near = here is None or here.on(target.network or "") is not None
        return f"{target.network} {target.node or ''}" if is_near and target.network else ""
    if target.kind is Kind.PUBLISHED and vantage == CLIENT:
        return "" if ipaddress.ip_address(target.address).is_loopback else target.address
    return target.address if target.kind in (Kind.GATEWAY, Kind.CLIENT) and target.port else ""


def _large(target: Target) -> Target:
    container = target.container if target.kind is Kind.CONTAINER else None
    return Target(
        Kind.PACKETS, target.address, 0, container, network=target.network, protocol=Protocol.ICMP, node=target.node
    )


def first_asks(wanted: Iterable[Pair]) -> list[Asked]:
    return [_ping(pair, size) for pair in wanted for size in (_SMALL, 0)]


def _ping(pair: Pair, size: int) -> Asked:
    return pair[0], Ask(pair[1].address, 0, protocol=Protocol.ICMP, size=size)


def records(
    wanted: Iterable[Pair], answers: Answers, ask: Callable[[list[Asked]], Answers], inventory: Inventory
) -> Iterator[Record]:
    """Yield a record for each pair between which large packets do not arrive. `answers`: to the `first_asks`; `ask` puts
    further ones, each once."""
    lost = []
    for pair in wanted:
        small, full = (answers.get(_ping(pair, size)) for size in (_SMALL, 0))
        if full and full.errno == errno.EMSGSIZE and full.icmp and full.icmp.family:
            yield Record(*pair, _too_big(pair, full, inventory), full)
        elif small and full and small.outcome is Outcome.REPLY and full.outcome is Outcome.TIMEOUT:
            lost.append((pair, full))
    found = _search({pair: full.size for pair, full in lost}, ask)
    for pair, full in lost:
        if found[pair] < full.size:
            yield Record(*pair, _black_hole(pair, found[pair], inventory), full)


def _search(sizes: Mapping[Pair, int], ask: Callable[[list[Asked]], Answers]) -> dict[Pair, int]:
    """The largest size that passes, of each. The full size is asked again with the first round: one ping may be lost."""
    low, high = dict.fromkeys(sizes, _SMALL), {pair: size + 1 for pair, size in sizes.items()}
    for _ in range(_ROUNDS):
        steps = {pair: _steps(low[pair], high[pair]) for pair in sizes}
        asked = [_ping(pair, size) for pair, each in steps.items() for size in each]
        if not asked:
            break
        answers = ask(asked)
        for pair, each in steps.items():
            if any(answers[_ping(pair, size)].outcome is Outcome.NO_VANTAGE for size in each):
                low[pair] = high[pair] = sizes[pair]  # nobody asked any more: nothing is known to be lost
                continue
            passed = [size for size in each if answers[_ping(pair, size)].outcome is Outcome.REPLY]
            low[pair] = max([low[pair], *passed])
            high[pair] = min([high[pair], *(size for size in each if size > low[pair])])
    return low


def _steps(low: int, high: int) -> list[int]:
    """Sizes between the two, at most some forty: all, or the usual ones, or some at even distances."""
    if high - low - 1 <= _AT_ONCE:
        return list(range(low + 1, high))
    usual = [size for size in _USUAL if low < size < high]
    if len(usual) > 1:
        return [high - 1, *usual]
    return [low + (high - low) * step // _AT_ONCE for step in range(1, _AT_ONCE)]


def _too_big(pair: Pair, full: Observation, inventory: Inventory) -> Judgement:
    assert full.icmp
    limit = full.icmp.mtu
    most = f"at most {limit} bytes" if limit else "less"
    router = full.icmp.offender or "a router"
    if router == pair[1].address:  # a tunnel says so in its name: an overlay network's, on this node
        router = "a tunnel"
    return Judgement(
        Verdict.TOO_BIG,
        f"{router} takes packets of {most} on the way to {_who(pair[1])}, and {pair[0].phrase} sends {full.size}; it says so, "
        "so TCP finds its size after a lost packet",
        _remedy(pair, limit, inventory) if limit else "",
    )


def _black_hole(pair: Pair, largest: int, inventory: Inventory) -> Judgement:
    return Judgement(
        Verdict.MTU_BLACK_HOLE,
        f"packets over {largest} bytes vanish between {pair[0].phrase} and {_who(pair[1])}: a connection opens, and stalls "
        "with its first large packet",
        f"{_remedy(pair, largest, inventory)}; or let ICMP's fragmentation-needed through the firewall on the way",
    )


def _who(target: Target) -> str:
    return target.container or target.address


def _remedy(pair: Pair, size: int, inventory: Inventory) -> str:
    """The network whose packets are too large: the target's where it is on one, else the vantage's own."""
    here = inventory.named(pair[0].container)
    name = pair[1].network or (here.attachments[0].network if here and here.attachments else None)
    if name is None or name not in inventory.networks:
        return f"lower the MTU to {size} where the packets start, or raise it on the way"
    if name == DEFAULT_BRIDGE:
        return f'give the daemon "mtu": {size} in daemon.json'
    return f"create network {name} anew with -o com.docker.network.driver.mtu={size}"
