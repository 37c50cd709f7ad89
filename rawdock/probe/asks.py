"""What a target takes to be probed: what is asked once per vantage, however many targets it serves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from . import dns
from .agent_lines import tcp_word, udp_word
from .inventory import Inventory
from .target import Kind, Target, Vantage


@dataclass(frozen=True)
class Ask:
    """What is asked once per vantage, however many targets it serves: a TCP port, or, of a name server there, a name."""

    address: str
    port: int
    name: str = ""

    def word(self) -> str:
        if self.name:
            return udp_word(self.address, self.port, dns.query(self.name))
        return tcp_word(self.address, self.port)


def asks(vantage: Vantage, target: Target, inventory: Inventory) -> Iterator[tuple[Vantage, Ask]]:
    yield vantage, Ask(target.address, target.port)
    if target.kind is Kind.NAME and dns.is_name(target.name or ""):
        yield vantage, name_ask(target, inventory)


def name_ask(target: Target, inventory: Inventory) -> Ask:
    return Ask(inventory.networks[target.network or ""].resolver, 53, target.name or "")
