"""The words of a judgement: verdicts, and what is known around a probe. `judge.py` and `names.py` decide."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from . import listeners as table
from .inventory import Container, Inventory, Network
from .listeners import Listener
from .observation import Observation
from .protocol import Protocol
from .surroundings import FORWARDERS, PODMANS, ROOTLESS, What, Where
from .target import Kind, Place, Target, Vantage

if TYPE_CHECKING:
    from .model import Expectation


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
    NO_ANSWER = "no-answer"
    WRONG_SOURCE = "wrong-source"
    TOO_BIG = "too-big"
    MTU_BLACK_HOLE = "mtu-black-hole"
    NOT_SENT = "not-sent"
    HOST_DOWN = "host-down"
    NAME_UNKNOWN = "name-unknown"
    NAME_OTHER_NETWORK = "name-other-network"
    NAME_NO_UPSTREAM = "name-no-upstream"
    NAME_NO_RESOLVER = "name-no-resolver"
    NAME_WRONG_ADDRESS = "name-wrong-address"
    VANTAGE_UNAVAILABLE = "vantage-unavailable"
    ERROR = "error"


UNPROBED = frozenset({Verdict.VANTAGE_UNAVAILABLE, Verdict.ERROR})  # they say nothing of the target


@dataclass(frozen=True, slots=True)
class Judgement:
    """`measured` is False where a part is inferred from the API instead of seen, `predicted` where nothing was asked."""

    verdict: Verdict
    explanation: str
    remedy: str = ""
    measured: bool = True
    predicted: bool = False

    @property
    def certainty(self) -> str:
        """measured, inferred or predicted."""
        return "predicted" if self.predicted else "measured" if self.measured else "inferred"


@dataclass(frozen=True)
class Daemon:
    """What the model takes of the daemon and its host. `forwards`, `filters_bridges`: IPv4Forwarding and BridgeNfIptables
    of GET /info; `listeners`: those of its own network namespace, None where they could not be read; `proxies`: whether
    published ports have a docker-proxy, None where that is not known; `client_container`: the container that the client
    runs in; `client_address`: its own towards the daemon's host, "" if unknown; `forced`: whether probes are sent whatever
    the route."""

    what: What
    where: Where
    forwards: bool = True
    filters_bridges: bool = True
    listeners: set[Listener] | None = None
    proxies: bool | None = None
    client_container: str | None = None
    client_address: str = ""
    forced: bool = False

    @property
    def has_dockers_rules(self) -> bool:
        """Podman's rules are others, and it has no docker-proxy."""
        return self.what not in PODMANS

    @property
    def isolates(self) -> bool:
        """Whether its networks are kept apart; Podman's are not."""
        return self.what not in PODMANS

    @property
    def rootless(self) -> bool:
        """Whether its bridges are in a network namespace of an unprivileged user's."""
        return self.what in ROOTLESS

    @property
    def has_forwarder(self) -> bool:
        """Whether something on the client's machine listens in place of published ports."""
        return self.what in FORWARDERS or self.what is What.ROOTLESS


@dataclass(frozen=True)
class Seen:
    """What other probes saw of the same port (witnesses.py). `behind`: the daemon's host at the container's own address;
    `others`: the containers that connected there; `near`: whether another port at the same address answered this vantage;
    `rejector`: the firewall whose rejections this vantage got so many of that the rest may have been held back, else ""."""

    behind: Observation | None = None
    others: tuple[str, ...] = ()
    near: bool = False
    rejector: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known around a probe. `listeners` is None when the container's table could not be read; `daemon_host` is the
    endpoint's host when that is another machine, else ""; `second` is what other probes saw; `unsent`: whether nothing was
    sent; without `daemon` nothing is expected; `own`: what the same datagram got from the container's own namespace; `ended`:
    whether that namespace has gone meanwhile; `expected`: what model.py has already worked out of the rest."""

    vantage: Vantage
    target: Target
    inventory: Inventory
    listeners: set[Listener] | None = None
    daemon_host: str = ""
    second: Seen = Seen()
    unsent: bool = False
    daemon: Daemon | None = None
    own: Observation | None = None
    ended: bool = False
    expected: Expectation | None = None

    @property
    def container(self) -> Container | None:
        """The container that is meant to answer."""
        return self.inventory.named(self.target.container)

    @property
    def here(self) -> Container | None:
        """The container that asks."""
        own = self.daemon.client_container if self.daemon and self.vantage.place is Place.CLIENT else None
        return self.inventory.network_of(self.inventory.named(own or self.vantage.container))

    @property
    def rootless(self) -> bool:
        return self.daemon is not None and self.daemon.rootless

    @property
    def network(self) -> Network | None:
        return self.inventory.networks.get(self.target.network or "")

    @property
    def who(self) -> str:
        where = f" on {self.target.node}" if self.target.node else ""
        return f"{self.target.container}{where}" if self.target.container else "the host"

    @property
    def port(self) -> str:
        """The container's, as a sentence names it."""
        udp = "UDP " if self.target.protocol is Protocol.UDP else ""
        return f"{udp}port {self.target.container_port}"

    @property
    def direct(self) -> bool:
        """Whether the target is the container's own address, with no published port in between."""
        return self.target.kind in (Kind.CONTAINER, Kind.NAME)

    @property
    def other_localhost(self) -> bool:
        """Whether the target is this machine's localhost, while the daemon's host is another machine: no port of a container
        is published here, so another program may have answered."""
        on_client = self.vantage.place is Place.CLIENT
        return on_client and bool(self.daemon_host) and ipaddress.ip_address(self.target.address).is_loopback

    @property
    def bound_elsewhere(self) -> str:
        """The one address that the port is published on, where another was asked: whoever answers there is somebody else. ""
        where it is no other, or a product's forwarder may listen anywhere."""
        binding = self.target.published
        forwarder = self.daemon is not None and self.daemon.has_forwarder
        if binding is None or binding.for_all or binding.host_ip == self.target.address or forwarder:
            return ""
        return binding.host_ip

    def ends(self) -> list[str]:
        """The container's addresses, one of which the connect meets. A forwarder of Docker's dials the family that it was
        asked by, and the other where the container has none of that on the network that the port is published by, which the
        API does not tell; other forwarders' ways are not known."""
        container = self.container
        if self.direct or container is None:
            return [self.target.address]
        if self.daemon is None or self.daemon.has_forwarder or not self.daemon.has_dockers_rules:
            return container.addresses
        is_v6 = ":" in self.target.address
        alike = [[each for each in end.addresses if (":" in each) is is_v6] for end in container.attachments]
        sure = [each for own in alike for each in own]
        if sure and (all(alike) or not is_v6):
            return sure
        other = [
            each for end, own in zip(container.attachments, alike, strict=True) if not own for each in end.addresses
        ]
        return sure + other

    def addressless(self) -> Network | None:
        """The network that keeps the daemon's host out, where the container is on such ones alone."""
        ends = self.container.attachments if self.container else ()
        networks = [self.inventory.networks.get(end.network) for end in ends]
        return networks[0] if networks and all(one and one.addressless for one in networks) else None

    def listener(self) -> Listener | None:
        """What the connect would meet inside the container, on one of its ends at least."""
        return next((listener for listener in self._met().values() if listener), None)

    def deaf_end(self) -> str:
        """Of several ends, one where nobody listens while somebody does at another; "" where there is none, or none is known
        of."""
        met = self._met()
        return next((end for end, listener in met.items() if not listener), "") if any(met.values()) else ""

    def _met(self) -> dict[str, Listener | None]:
        port = self.target.container_port
        if self.listeners is None or port is None or self.container is None:
            return {}
        ends, protocol = self.ends() or ["127.0.0.1"], self.target.protocol
        return {end: table.answering(self.listeners, end, port, protocol) for end in ends}

    @property
    def remedy(self) -> str:
        """What an app is to do that listens elsewhere than on the ends."""
        return f"let it listen on {'::' if all(':' in end for end in self.ends()) else '0.0.0.0'}"

    def elsewhere(self) -> Listener | None:
        """Who listens on that port in the container, but on none of the addresses that the connect could meet."""
        if not self.listeners or self.target.container_port is None or self.listener():
            return None
        return table.on_port(self.listeners, self.target.container_port, self.target.protocol)
