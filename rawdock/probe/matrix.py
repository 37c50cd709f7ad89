"""The probe itself: read the inventory, ask from every vantage at once, ask the undecided again, judge.

Two passes, because ICMP errors are rate-limited and a SYN may be lost: 1.5 s for all, then 3.5 s for those that timed out.
While the helper works inside the daemon, the client's own sweep runs here.
"""

from __future__ import annotations

import errno
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..client import SyncClient
from ..endpoint import Scheme
from ..errors import RawdockError
from . import dns
from .agent_lines import MAX_PROBES, Report, tcp_word, udp_word
from .docker_route import Standpoint, gateways_of, refused_routes
from .failures import rejector
from .helper import LABEL, Helper
from .inventory import Inventory
from .judge import judge
from .listeners import Listener, read_listeners
from .names import judge_name
from .observation import Observation, Outcome
from .route import owns_address, route_to
from .sweep import FIRST_PASS, SECOND_PASS, sweep
from .target import CLIENT, HOST, Kind, Place, Target, Vantage, container_targets, outside_targets
from .topology import Facts, Topology, decide
from .verdict import Judgement, Situation, Verdict

if TYPE_CHECKING:
    from .path import Path

_RUNNING = {"running", "paused", "restarting"}
_TABLES = ("/proc/self/net/tcp", "/proc/self/net/tcp6")  # the second is missing where IPv6 is


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
    topology: Topology
    records: list[Record] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.troubles and all(r.judgement.verdict is not Verdict.VANTAGE_UNAVAILABLE for r in self.records)


@dataclass(frozen=True)
class _Ask:
    """What is asked once per vantage, however many targets it serves: a TCP port, or, of a name server there, a name."""

    address: str
    port: int
    name: str = ""

    def word(self) -> str:
        if self.name:
            return udp_word(self.address, self.port, dns.query(self.name))
        return tcp_word(self.address, self.port)


class Probe:
    """One run of the default matrix. `hosts`: the endpoint's host as IP addresses; `force` sends to container addresses
    whatever the route; `use_helper` False leaves only the client's own vantage; `path` asks what that path needs alone."""

    def __init__(
        self,
        client: SyncClient,
        *,
        hosts: Sequence[str] = (),
        use_helper: bool = True,
        force: bool = False,
        path: Path | None = None,
    ):
        self._client = client
        self._hosts = hosts
        self._daemon_host = ""  # as an IP address, where it is another machine's, or a container's gateway
        self._use_helper = use_helper
        self._force = force
        self._path = path
        self._listeners: dict[str, set[Listener]] = {}
        self._sandboxes: dict[str, str] = {}  # container to the path under which the agent finds its namespace

    def run(self) -> Result:
        """Raises RawdockError where not even the inventory can be read; later trouble is in the result."""
        version = self._client.get("/version").raise_for_status().json()
        inventory = read_inventory(self._client)
        if self._path:
            inventory = self._path.within(inventory)
        kernel = str(version.get("KernelVersion"))
        standpoint = Standpoint.of(self._client.endpoint, inventory, kernel, self._hosts)
        self._hosts = standpoint.hosts
        self._daemon_host = "" if not self._hosts or any(map(owns_address, self._hosts)) else self._hosts[0]
        result = Result(inventory, self._topology(version, inventory, standpoint))
        if self._use_helper and inventory.containers:
            self._run_with_helper(result, str(version.get("Arch")), standpoint)
        if not result.records:
            self._measure(result, self._outside(CLIENT, inventory), None, standpoint)
        return result

    def _topology(self, version: dict[str, Any], inventory: Inventory, standpoint: Standpoint) -> Topology:
        route = route_to(self._daemon_host) if self._daemon_host else None
        endpoint = self._client.endpoint
        facts = Facts(
            version,
            self._client.get("/info").raise_for_status().json(),
            # Behind an ssh that goes by a proxy `hosts` is empty, and the daemon elsewhere all the same.
            self._daemon_host or (endpoint.address if endpoint.ssh and not self._hosts else ""),
            route.source if route else "",
            standpoint.same_machine,
            standpoint.container,
            tuple(gateways_of(inventory)),
            platform.system(),
        )
        return decide(facts)

    def _run_with_helper(self, result: Result, architecture: str, standpoint: Standpoint) -> None:
        inventory = result.inventory
        vantages = [Vantage(Place.CONTAINER, container.name) for container in inventory.containers if container.sandbox]
        if not standpoint.same_machine:
            vantages.insert(0, HOST)
        sandboxes = {container.name: container.sandbox for container in inventory.containers if container.sandbox}
        helper = Helper(self._client, architecture, list(sandboxes.values()))
        unavailable: list[Record] = []
        try:
            with helper:
                self._sandboxes = {name: helper.namespace(path) for name, path in sandboxes.items()}
                self._read_listeners(helper)
                asked = self._outside(CLIENT, inventory)
                asked += [pair for vantage in vantages for pair in self._inside(vantage, inventory)]
                self._measure(result, asked, helper, standpoint)
        except RawdockError as error:
            result.troubles.append(f"the helper container could not do its work: {error}")
            unavailable = [_unavailable(vantage, error) for vantage in vantages]
        result.troubles += [f"left behind on the daemon's host: {leftover}" for leftover in helper.leftovers]
        if unavailable:
            self._measure(result, self._outside(CLIENT, inventory), None, standpoint)
            result.records += unavailable

    def _outside(self, vantage: Vantage, inventory: Inventory) -> list[tuple[Vantage, Target]]:
        hosts = self._hosts if vantage == CLIENT else ()
        return [(vantage, target) for target in outside_targets(inventory, self._listeners, hosts)]

    def _inside(self, vantage: Vantage, inventory: Inventory) -> list[tuple[Vantage, Target]]:
        """What is asked by the helper: from the daemon's host or from a container's namespace."""
        container = inventory.named(vantage.container)
        if container is None:
            return self._outside(vantage, inventory)
        endpoint = self._client.endpoint
        port = endpoint.port if endpoint.scheme is Scheme.TCP else None
        return [(vantage, target) for target in container_targets(container, inventory, self._listeners, port)]

    def _read_listeners(self, helper: Helper) -> None:
        words: list[str] = []
        where: dict[int, str] = {}
        for name, path in self._sandboxes.items():
            words.append(f"ns={path}")
            for table in _TABLES:
                words.append(f"file={table}")
                where[len(words)] = name
        report = helper.collect(helper.start(words)) if words else Report()
        for index, name in where.items():
            if report.file_errors.get(index, 0) in (0, errno.EFBIG) and index in report.files:
                text = report.files[index].decode("ascii", "replace")
                self._listeners.setdefault(name, set()).update(read_listeners(text))

    def _measure(
        self, result: Result, asked: list[tuple[Vantage, Target]], helper: Helper | None, standpoint: Standpoint
    ) -> None:
        """Ask everything, ask the undecided again, and append the records."""
        inventory = result.inventory
        asked = [pair for pair in asked if self._path is None or self._path.asks(*pair)]
        unsent = {} if self._force else refused_routes(inventory, asked, standpoint)
        seen = {
            (vantage, _Ask(target.address, target.port)): Observation(Outcome.NOT_SENT, route=route)
            for (vantage, target), route in unsent.items()
        }
        passes: dict[tuple[Vantage, _Ask], int] = {}
        asks = dict.fromkeys(ask for vantage, target in asked for ask in _asks(vantage, target, inventory))
        due = [ask for ask in asks if ask not in seen]
        for timeout in (FIRST_PASS, SECOND_PASS):
            answers = self._pass(due, timeout, helper)
            seen |= answers
            passes |= {ask: passes.get(ask, 0) + 1 for ask in answers}
            due = [ask for ask in due if seen[ask].undecided]
            if not due:
                break
        rejectors = {(vantage, ask.address): who for (vantage, ask), one in seen.items() if (who := rejector(one))}
        for vantage, target in asked:
            situation = Situation(
                vantage,
                target,
                inventory,
                self._listeners.get(target.container or ""),
                self._daemon_host,
                rejectors.get((vantage, target.address), ""),
            )
            result.records.append(_record(situation, seen, passes))

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
    situation: Situation,
    seen: Mapping[tuple[Vantage, _Ask], Observation],
    passes: Mapping[tuple[Vantage, _Ask], int],
) -> Record:
    vantage, target = situation.vantage, situation.target
    tcp = (vantage, _Ask(target.address, target.port))
    judgement = judge(seen[tcp], situation)
    if target.kind is Kind.NAME:
        answer = seen.get((vantage, _name_ask(target, situation.inventory)))
        judgement = judge_name(answer, judgement, situation)
    return Record(vantage, target, judgement, seen[tcp], passes.get(tcp, 0))


def read_inventory(client: SyncClient) -> Inventory:
    """Read containers and networks from the daemon. A container that vanishes between two calls is left out."""
    inspected: list[dict[str, Any]] = []
    # Podman leaves paused ones out of its list of running ones.
    listed = client.get("/containers/json", params={"all": True}).raise_for_status()
    for container in listed.json():
        if container.get("State") not in _RUNNING or LABEL in (container.get("Labels") or {}):
            continue  # another probe's helper is none of the user's
        response = client.get(f"/containers/{container['Id']}/json")
        if response.status_code != 404:
            inspected.append(response.raise_for_status().json())
    networks = "/v4.0.0/libpod/networks/json" if "libpod-api-version" in listed.headers else "/networks"
    return Inventory.of(inspected, client.get(networks).raise_for_status().json())


def _asks(vantage: Vantage, target: Target, inventory: Inventory) -> Iterator[tuple[Vantage, _Ask]]:
    yield vantage, _Ask(target.address, target.port)
    if target.kind is Kind.NAME and dns.is_name(target.name or ""):
        yield vantage, _name_ask(target, inventory)


def _name_ask(target: Target, inventory: Inventory) -> _Ask:
    return _Ask(inventory.networks[target.network or ""].resolver, 53, target.name or "")


def _batches(asks: list[tuple[Vantage, _Ask]]) -> Iterator[list[tuple[Vantage, _Ask]]]:
    for start in range(0, len(asks), MAX_PROBES):
        yield asks[start : start + MAX_PROBES]


def _answers(report: Report, places: Mapping[int, tuple[Vantage, _Ask]]) -> dict[tuple[Vantage, _Ask], Observation]:
    missing = Observation(Outcome.ERROR)
    return {ask: report.observations.get(index, missing) for index, ask in places.items()}


def _unavailable(vantage: Vantage, error: RawdockError) -> Record:
    target = Target(Kind.CONTAINER, "", 0, vantage.container)
    judgement = Judgement(Verdict.VANTAGE_UNAVAILABLE, f"not probed from here: {error.cause}", error.remedy)
    return Record(vantage, target, judgement, Observation(Outcome.NO_VANTAGE), 0)
