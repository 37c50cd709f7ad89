"""The probe itself: read the inventory, ask from every vantage at once, ask the undecided again, judge.

Two passes, because ICMP errors are rate-limited and a SYN may be lost: 1.5 s for all, then 3.5 s for those that timed out.
While the helper works inside the daemon, the client's own sweep runs here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..client import SyncClient
from ..endpoint import Endpoint, Scheme
from ..errors import RawdockError
from . import dns
from .agent_lines import MAX_PROBES, Report, tcp_word, udp_word
from .helper import Helper
from .inventory import Container, Inventory
from .listeners import Listener, read_listeners
from .observation import Observation, Outcome
from .route import Route, owns_address, route_to
from .sweep import FIRST_PASS, SECOND_PASS, sweep
from .target import Kind, Place, Target, Vantage, client_targets, container_targets, host_targets
from .verdict import Judgement, Situation, Verdict, judge, judge_name

CLIENT, HOST = Vantage(Place.CLIENT), Vantage(Place.HOST)
_TABLES = ("/proc/self/net/tcp", "/proc/self/net/tcp6")


@dataclass(frozen=True)
class Record:
    """One probe and what came of it. `passes` is how often it was asked."""

    vantage: Vantage
    target: Target
    judgement: Judgement
    seen: Observation
    passes: int = 1


@dataclass
class Result:
    """All records, in the order of vantages, and what went wrong on the way, a sentence each."""

    inventory: Inventory
    records: list[Record] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.troubles and all(r.judgement.verdict is not Verdict.VANTAGE_UNAVAILABLE for r in self.records)


@dataclass(frozen=True)
class _Ask:
    """What is asked once per vantage, however many targets it serves: a TCP port, or a name."""

    address: str
    port: int
    name: str = ""

    def word(self) -> str:
        return udp_word(dns.RESOLVER, 53, dns.query(self.name)) if self.name else tcp_word(self.address, self.port)


class Probe:
    """One run of the default matrix. `hosts`: the endpoint's host as IP addresses; `force` sends to container addresses
    whatever the route; `use_helper` False leaves only the client's own vantage."""

    def __init__(self, client: SyncClient, *, hosts: Sequence[str] = (), use_helper: bool = True, force: bool = False):
        self._client = client
        self._hosts = hosts
        self._use_helper = use_helper
        self._force = force
        self._listeners: dict[str, set[Listener]] = {}
        self._sandboxes: dict[str, str] = {}  # container to the path under which the agent finds its namespace

    def run(self) -> Result:
        """Raises RawdockError where not even the inventory can be read; later trouble is in the result."""
        inventory = read_inventory(self._client)
        result = Result(inventory)
        mine = [(CLIENT, target) for target in client_targets(inventory, self._hosts)]
        if not self._use_helper:
            self._measure(result, mine, [], None)
            return result
        vantages = {c.name: c.sandbox for c in inventory.containers if c.sandbox}
        try:
            architecture = str(self._client.get("/version").raise_for_status().json().get("Arch"))
            with Helper(self._client, architecture, list(vantages.values())) as helper:
                self._read_listeners(helper, list(vantages))
                theirs = self._inside(inventory)
                self._measure(result, mine, theirs, helper)
        except RawdockError as error:
            result.troubles.append(f"the helper container could not do its work: {error}")
            if not result.records:
                self._measure(result, mine, [], None)
            result.records += [_unavailable(inventory.named(name), error) for name in vantages]
        return result

    def _inside(self, inventory: Inventory) -> list[tuple[Vantage, Target]]:
        """What is asked from the daemon's host, where that is not our own, and from each container's namespace."""
        found: list[tuple[Vantage, Target]] = []
        endpoint = self._client.endpoint
        if not shares_namespace(endpoint, inventory):
            found += [(HOST, target) for target in host_targets(inventory)]
        port = endpoint.port if endpoint.scheme is Scheme.TCP else None
        for container in inventory.containers:
            if container.sandbox:
                targets = container_targets(container, inventory, self._listeners, port)
                found += [(Vantage(Place.CONTAINER, container.name), target) for target in targets]
        return found

    def _read_listeners(self, helper: Helper, names: Sequence[str]) -> None:
        words: list[str] = []
        where: dict[int, str] = {}
        for number, name in enumerate(names):
            words.append(f"ns={helper.namespace(number)}")
            for path in _TABLES:
                words.append(f"file={path}")
                where[len(words)] = name
        report = helper.collect(helper.start(words))
        for index, name in where.items():
            if index in report.files:
                text = report.files[index].decode("ascii", "replace")
                self._listeners.setdefault(name, set()).update(read_listeners(text))
        self._sandboxes = {name: helper.namespace(number) for number, name in enumerate(names)}

    def _measure(
        self,
        result: Result,
        mine: list[tuple[Vantage, Target]],
        theirs: list[tuple[Vantage, Target]],
        helper: Helper | None,
    ) -> None:
        """Ask everything, ask the undecided again, and append the records."""
        unsent = {} if self._force else refused_routes(result.inventory, [target for _, target in mine])
        asks = list(dict.fromkeys(ask for vantage, target in mine + theirs for ask in _asks(vantage, target)))
        seen: dict[tuple[Vantage, _Ask], Observation] = {
            (CLIENT, _Ask(target.address, target.port)): Observation(Outcome.NOT_SENT, route=str(route))
            for target, route in unsent.items()
        }
        passes: dict[tuple[Vantage, _Ask], int] = {}
        due = [ask for ask in asks if ask not in seen]
        for timeout in (FIRST_PASS, SECOND_PASS):
            answers = self._pass(due, timeout, helper)
            seen |= answers
            passes |= {ask: passes.get(ask, 0) + 1 for ask in answers}
            due = [ask for ask in due if seen[ask].undecided]
            if not due:
                break
        result.records += [self._record(result.inventory, v, target, seen, passes) for v, target in mine + theirs]

    def _pass(
        self, asks: list[tuple[Vantage, _Ask]], timeout: float, helper: Helper | None
    ) -> dict[tuple[Vantage, _Ask], Observation]:
        """Ask each once. The helper works while we sweep."""
        own = [ask for ask in asks if ask[0] == CLIENT]
        batches = list(_batches([ask for ask in asks if ask[0] != CLIENT]))
        running = helper.start(self._words(batches[0], timeout)[0]) if helper and batches else None
        found = dict(zip(own, sweep([(ask.address, ask.port) for _, ask in own], timeout), strict=True))
        for number, batch in enumerate(batches):
            assert helper is not None
            words, places = self._words(batch, timeout)
            container = running if number == 0 and running else helper.start(words)
            found |= _answers(helper.collect(container), places)
        return found

    def _words(
        self, asks: list[tuple[Vantage, _Ask]], timeout: float
    ) -> tuple[list[str], dict[int, tuple[Vantage, _Ask]]]:
        """The agent's words, and which ask stands at which place. The host's come first: the agent begins there."""
        words = [f"timeout={round(timeout * 1000)}"]
        places: dict[int, tuple[Vantage, _Ask]] = {}
        entered = HOST
        for vantage, ask in sorted(asks, key=lambda item: (item[0] != HOST, item[0].label)):
            if vantage != entered:
                words.append(f"ns={self._sandboxes[vantage.label]}")
                entered = vantage
            words.append(ask.word())
            places[len(words)] = (vantage, ask)
        return words, places

    def _record(
        self,
        inventory: Inventory,
        vantage: Vantage,
        target: Target,
        seen: Mapping[tuple[Vantage, _Ask], Observation],
        passes: Mapping[tuple[Vantage, _Ask], int],
    ) -> Record:
        listeners = self._listeners.get(target.container or "")
        daemon_host = self._hosts[0] if self._hosts and not ipaddress.ip_address(self._hosts[0]).is_loopback else ""
        situation = Situation(vantage, target, inventory, listeners, daemon_host)
        tcp = (vantage, _Ask(target.address, target.port))
        judgement = judge(seen[tcp], situation)
        if target.kind is Kind.NAME:
            judgement = judge_name(seen[vantage, _Ask("", 0, target.name or "")], judgement, situation)
        return Record(vantage, target, judgement, seen[tcp], passes.get(tcp, 0))


def read_inventory(client: SyncClient) -> Inventory:
    """Read containers and networks from the daemon. A container that vanishes between two calls is left out."""
    inspected: list[dict[str, Any]] = []
    for container in client.get("/containers/json").raise_for_status().json():
        response = client.get(f"/containers/{container['Id']}/json")
        if response.status_code != 404:
            inspected.append(response.raise_for_status().json())
    return Inventory.of(inspected, client.get("/networks").raise_for_status().json())


def shares_namespace(endpoint: Endpoint, inventory: Inventory) -> bool:
    """Whether the client stands in the daemon's own network namespace: only there can a bridge's gateway be bound."""
    if endpoint.scheme is Scheme.TCP and not owns_address_of(endpoint):
        return False
    bridges = [network for network in inventory.networks.values() if network.bridge]
    return any(owns_address(gateway) for network in bridges for gateway in network.gateways)


def owns_address_of(endpoint: Endpoint) -> bool:
    try:
        return owns_address(str(ipaddress.ip_address(endpoint.address)))
    except ValueError:
        return endpoint.address == "localhost"


def refused_routes(inventory: Inventory, targets: Iterable[Target]) -> dict[Target, Route]:
    """The container addresses that we must not send to, with the route that a packet would take: one that does not stay
    on a Docker network. Where there is no route at all nothing can leave, so that the kernel may say it."""
    found = {}
    for target in targets:
        if target.kind is Kind.CONTAINER:
            route = route_to(target.address)
            if route is not None and not is_docker_route(route, target, inventory):
                found[target] = route
    return found


def is_docker_route(route: Route, target: Target, inventory: Inventory) -> bool:
    """Whether a packet would go straight onto the target's own network: sent by the bridge's own address, out of that
    bridge; or by a container that is itself on the network (the client runs in it)."""
    network = inventory.networks.get(target.network or "")
    if network is None or route.gateway:
        return False
    ends = [end for c in inventory.containers for end in c.attachments if end.network == network.name]
    if any(route.source in end.addresses for end in ends):
        return True
    gateways = {*network.gateways, *(end.gateway for end in ends)}
    return route.source in gateways and bool(network.bridge) and route.interface in (network.bridge, "")


def _asks(vantage: Vantage, target: Target) -> Iterator[tuple[Vantage, _Ask]]:
    yield vantage, _Ask(target.address, target.port)
    if target.kind is Kind.NAME:
        yield vantage, _Ask("", 0, target.name or "")


def _batches(asks: list[tuple[Vantage, _Ask]]) -> Iterator[list[tuple[Vantage, _Ask]]]:
    for start in range(0, len(asks), MAX_PROBES):
        yield asks[start : start + MAX_PROBES]


def _answers(report: Report, places: Mapping[int, tuple[Vantage, _Ask]]) -> dict[tuple[Vantage, _Ask], Observation]:
    missing = Observation(Outcome.ERROR)
    return {ask: report.observations.get(index, missing) for index, ask in places.items()}


def _unavailable(container: Container | None, error: RawdockError) -> Record:
    name = container.name if container else "?"
    target = Target(Kind.CONTAINER, "", 0, name)
    judgement = Judgement(Verdict.VANTAGE_UNAVAILABLE, f"not probed from here: {error.cause}", error.remedy)
    return Record(Vantage(Place.CONTAINER, name), target, judgement, Observation(Outcome.NO_VANTAGE), 0)
