"""What a target takes to be probed: what is asked once per vantage, however many targets it serves."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from . import dns
from .agent_lines import ping_word, tcp_word, udp_word
from .inventory import Inventory
from .payloads import payload
from .protocol import Protocol
from .target import Kind, Place, Target, Vantage


@dataclass(frozen=True)
class Ask:
    """What is asked once per vantage, however many targets it serves: a port, by TCP or with a datagram that holds
    `payload`; of a name server there, a `name`; or an echo, in a packet of `size` bytes (0: as large as one goes)."""

    address: str
    port: int
    name: str = ""
    protocol: Protocol = Protocol.TCP
    payload: bytes = b""
    size: int = 0

    def word(self) -> str:
        if self.protocol is Protocol.ICMP:
            return ping_word(self.address, self.size)
        if self.protocol is Protocol.UDP:
            return udp_word(self.address, self.port, self.payload)
        return tcp_word(self.address, self.port)


Asked = tuple[Vantage, Ask]


def asks(vantage: Vantage, target: Target, inventory: Inventory, entered: Collection[str]) -> Iterator[Asked]:
    """`entered`: the containers whose namespace can be probed from."""
    if target.is_foreign_name or target.is_elsewhere:
        return
    yield vantage, port_ask(target)
    if target.kind is Kind.NAME and dns.is_name(target.name or ""):
        yield vantage, name_ask(target, inventory)
        yield vantage, server_ask(target, inventory)
    if target.container in entered and (own := own_ask(target, inventory)):
        yield own


def port_ask(target: Target) -> Ask:
    if target.protocol is Protocol.TCP:
        return Ask(target.address, target.port)
    return Ask(target.address, target.port, protocol=target.protocol, payload=payload(target.container_port))


def name_ask(target: Target, inventory: Inventory) -> Ask:
    name = target.name or ""
    resolver = inventory.networks[target.network or ""].resolver
    return Ask(resolver, 53, name, Protocol.UDP, dns.query(name, 6 if ":" in target.address else 4))


def server_ask(target: Target, inventory: Inventory) -> Ask:
    """What the name server answers by itself, whatever names it knows."""
    return Ask(inventory.networks[target.network or ""].resolver, 53, protocol=Protocol.UDP, payload=payload(53))


def own_ask(target: Target, inventory: Inventory) -> Asked | None:
    """The same question to the same application from its own namespace: what tells an application that does not answer
    from a way on which the question or the answer is lost. None where the target is no port of a container with an
    address, or of TCP: its connect tells."""
    container, port = inventory.named(target.container), target.container_port
    if target.protocol is not Protocol.UDP or container is None or port is None or not container.addresses:
        return None
    address = target.address if target.address in container.addresses else container.addresses[0]
    ask = Ask(address, port, protocol=target.protocol, payload=payload(port))
    return Vantage(Place.CONTAINER, container.name), ask
