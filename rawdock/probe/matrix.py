"""The probe itself: read the inventory, choose what is asked from where, have it measured."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..client import SyncClient
from ..endpoint import Scheme
from ..errors import PeerError, RawdockError
from . import this_machine
from .docker_route import Standpoint, gateways_of, neighbours, refused_routes
from .helper import Helper
from .inventory import Inventory
from .listeners import Listener
from .meanwhile import Meanwhile, excused, is_odd
from .measure import measure
from .observation import Observation, Outcome
from .passes import Passes, Sweep
from .prober import Prober
from .protocol import Protocol
from .reading import (
    listeners_in,
    mounts,
    own_listeners,
    own_proxies,
    product_aliases,
    proxies_there,
    read_inventory,
    read_object,
    read_swarm,
    understood,
)
from .record import Record, Result
from .route import Route, owns_address, route_to
from .selection import Selection, selected
from .surroundings import Facts
from .swarm import Swarm
from .sweep import FIRST_PASS, SECOND_PASS, sweep
from .target import CLIENT, HOST, Kind, Place, Target, Vantage, container_targets, hairpins, outside_targets
from .topology import Topology, What, Where, decide
from .verdict import Daemon, Judgement, Situation, Verdict
from .ways import ALL, NAMES, Way, fallback, prober


class Probe:
    """One run of the default matrix. `hosts`: the endpoint's host as IP addresses; `force` sends to container addresses
    whatever the route; `ways` into the containers' networks, each used where the one before was refused; `selection` is what is
    asked alone; `udp` False sends no datagram to an application; `helper`, `sweep`: what asks by the first way, and from this
    machine; `timeouts`: seconds, of each pass."""

    def __init__(
        self,
        client: SyncClient,
        *,
        hosts: Sequence[str] = (),
        ways: Sequence[Way] = ALL,
        force: bool = False,
        selection: Selection | None = None,
        udp: bool = True,
        helper: type[Helper] = Helper,
        sweep: Sweep = sweep,
        timeouts: Sequence[float] = (FIRST_PASS, SECOND_PASS),
    ):
        self._client = client
        self._helper = helper
        self._sweep = sweep
        self._hosts = hosts
        self._daemon_host = ""  # as an IP address, where it is another machine's, or a container's gateway
        self._ways = [way for way in ways if way is not Way.NONE]
        self._force = force
        self._selection = selection
        self._timeouts = timeouts
        self._vantages = [CLIENT]
        self._udp = udp
        self._daemon = Daemon(What.LINUX, Where.ELSEWHERE)
        self._swarm: Swarm | None = None
        self._listeners: dict[str, set[Listener]] = {}
        self._sandboxes: dict[str, str] = {}  # container to what the prober calls its namespace

    def run(self) -> Result:
        """Raises RawdockError where not even the inventory can be read; later trouble is in the result."""
        version = read_object(self._client, "/version")
        info = read_object(self._client, "/info")
        self._meanwhile = Meanwhile(self._client, info)
        self._swarm = read_swarm(self._client, info)
        nodes = tuple(name for name, _ in self._swarm.others) if self._swarm else ()
        inventory = replace(read_inventory(self._client), node=str(info.get("Name") or ""), nodes=nodes)
        if self._selection:
            inventory = self._selection.within(inventory)
        kernel = str(version.get("KernelVersion"))
        standpoint = Standpoint.of(self._client.endpoint, inventory, kernel, self._hosts, mounts())
        self._hosts = standpoint.hosts
        self._daemon_host = "" if not self._hosts or any(map(owns_address, self._hosts)) else self._hosts[0]
        result = Result(inventory, self._topology(version, info, inventory, standpoint))
        self._daemon = Daemon(
            result.topology.what,
            result.topology.where,
            info.get("IPv4Forwarding") is not False,
            info.get("BridgeNfIptables") is not False,
            own_listeners() if standpoint.same_machine else None,
            own_proxies(inventory) if standpoint.same_machine else None,
            None if standpoint.same_machine else standpoint.container,
            self._own_address(),
            self._force,
        )
        if self._ways and inventory.containers:
            self._run_inside(result, str(version.get("Arch")), standpoint)
        if not result.records:
            self._measure(result, self._outside(CLIENT, inventory), None, standpoint)
        return result

    def _topology(
        self, version: dict[str, Any], info: dict[str, Any], inventory: Inventory, standpoint: Standpoint
    ) -> Topology:
        endpoint = self._client.endpoint
        facts = Facts(
            version,
            info,
            # Behind an ssh that goes by a proxy `hosts` is empty, and the daemon elsewhere all the same.
            self._daemon_host or (endpoint.address if endpoint.ssh and not self._hosts else ""),
            self._own_address(),
            standpoint.same_machine,
            standpoint.container,
            tuple(gateways_of(inventory)),
            platform.system(),
            platform.release(),
            standpoint.proof,
            tuple(neighbours(inventory.network_of(inventory.named(standpoint.container)), inventory)),
            self._swarm,
        )
        with understood("GET /version and /info"):
            return decide(facts)

    def _own_address(self) -> str:
        """The client's own towards the daemon's host; "" where that is unknown, or the same machine."""
        route = route_to(self._daemon_host) if self._daemon_host else None
        return route.source if route else ""

    def _run_inside(self, result: Result, architecture: str, standpoint: Standpoint) -> None:
        """Measure from all vantages, by the first way that the daemon allows."""
        inventory = result.inventory
        own = [container for container in inventory.containers if container.sandbox]
        vantages = [Vantage(Place.CONTAINER, container.name) for container in own]
        if not standpoint.same_machine:
            vantages.insert(0, HOST)
        result.inside = True
        for way, following in zip(self._ways, [*self._ways[1:], None], strict=True):
            inside = prober(way, self._client, architecture, own, self._helper)
            allowed = False
            try:
                with inside, this_machine.listening(self._ways_here(result)) as ports:
                    self._vantages = [CLIENT, *vantages]
                    self._sandboxes = {container.name: inside.namespace(container.sandbox) for container in own}
                    self._listeners = listeners_in(inside, self._sandboxes)
                    self._daemon = replace(
                        self._daemon,
                        listeners=self._listeners.get(HOST.label),
                        proxies=self._daemon.proxies if standpoint.same_machine else proxies_there(inside, inventory),
                    )
                    allowed = True
                    asked = self._outside(CLIENT, inventory)
                    asked += [pair for vantage in vantages for pair in self._inside(vantage, inventory)]
                    asked += self._to_this_machine(result, inside, ports)
                    self._measure(result, asked, inside, standpoint)
                return
            except RawdockError as error:
                refused = not allowed and isinstance(error, PeerError)
                if refused and following:
                    result.notes.append(fallback(way, following, error.cause))
                    continue
                result.troubles.append(
                    fallback(way, Way.NONE, error.cause) if refused else f"{NAMES[way]} broke off: {error}"
                )
                self._vantages = [CLIENT]
                self._measure(result, self._outside(CLIENT, inventory), None, standpoint)
                result.records += [_unavailable(vantage, error) for vantage in vantages]
                return
            finally:
                result.troubles += [f"left behind on the daemon's host: {leftover}" for leftover in inside.leftovers]

    def _ways_here(self, result: Result) -> list[str]:
        """The addresses of this machine that a container may find it by; none for one path."""
        route, topology = self._neighbour(), result.topology
        source = route.source if route else ""
        ways = this_machine.addresses(topology.what, topology.where, gateways_of(result.inventory), source)
        return [] if self._selection else ways

    def _neighbour(self) -> Route | None:
        """The way to the daemon's host, where no router is on it: then its address is its own, and ours seen from there."""
        route = route_to(self._daemon_host) if self._daemon_host else None
        return route if route and not route.gateway else None

    def _to_this_machine(self, result: Result, helper: Prober, ports: dict[str, int]) -> list[tuple[Vantage, Target]]:
        topology, inventory = result.topology, result.inventory
        names = this_machine.product_names(topology.what, topology.where) if ports else ()
        known = product_aliases(helper, self._sandboxes, inventory, topology.what, names)
        return [
            (Vantage(Place.CONTAINER, container.name), target)
            for container in inventory.containers
            if container.name in self._sandboxes
            for target in this_machine.targets(container, inventory, ports, known.get(container.name, {}))
        ]

    def _outside(self, vantage: Vantage, inventory: Inventory) -> list[tuple[Vantage, Target]]:
        hosts = self._hosts if vantage == CLIENT else ()
        targets = outside_targets(inventory, self._listeners, hosts)
        if self._swarm:
            targets += self._swarm.ingress_targets(["127.0.0.1", *hosts])
        return [(vantage, target) for target in targets]

    def _inside(self, vantage: Vantage, inventory: Inventory) -> list[tuple[Vantage, Target]]:
        """What is asked by the helper: from the daemon's host or from a container's namespace."""
        container = inventory.named(vantage.container)
        if container is None:
            return self._outside(vantage, inventory)
        endpoint = self._client.endpoint
        port = endpoint.port if endpoint.scheme is Scheme.TCP else None
        targets = container_targets(container, inventory, self._listeners, port)
        if self._daemon.what is What.MACHINE and self._neighbour():
            targets += hairpins(inventory, self._daemon_host)
        if self._swarm:
            targets += self._swarm.targets_of(container, inventory, self._listeners)
        return [(vantage, target) for target in targets]

    def _measure(
        self, result: Result, asked: list[tuple[Vantage, Target]], inside: Prober | None, standpoint: Standpoint
    ) -> None:
        """Ask what of this is meant, and append the records."""
        inventory = result.inventory
        if self._selection:
            asked = selected(self._selection, asked, self._vantages, inventory, self._daemon_host)
        asked = [pair for pair in asked if self._udp or pair[1].protocol is not Protocol.UDP]
        unsent = {} if self._force else refused_routes(inventory, asked, standpoint)
        situations = (  # no list: of 30,000 the ones before their expectations would stay, 12 MB
            Situation(
                vantage,
                target,
                inventory,
                self._listeners.get(target.container or ""),
                self._daemon_host,
                unsent=(vantage, target) in unsent,
                daemon=self._daemon,
            )
            for vantage, target in asked
        )
        entered = self._sandboxes if inside else {}
        passes = Passes(inside, entered, self._sweep, self._timeouts)
        host = CLIENT if standpoint.same_machine else HOST
        records = measure(situations, inventory, unsent, passes, entered, host)
        if any(map(is_odd, records)) and (ended := self._meanwhile.ended()):
            records = list(excused(records, inventory, ended))
        result.records += records
        if passes.trouble:
            result.troubles.append(f"the helper container could not do its work: {passes.trouble}")


def _unavailable(vantage: Vantage, error: RawdockError) -> Record:
    target = Target(Kind.CONTAINER, "", 0, vantage.container)
    judgement = Judgement(Verdict.VANTAGE_UNAVAILABLE, f"not probed from here: {error.cause}", error.remedy)
    return Record(vantage, target, judgement, Observation(Outcome.NO_VANTAGE), 0)
