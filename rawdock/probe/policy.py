"""A policy: who should reach whom, a rule a line. Pure: text in, rules out.

    # from     to                     expect         options
    host       web:8080/published     open           http=200 within=2s
    @backend   @bridge:*              filtered
    *          meta:169.254.169.254:80  !open

docs/probe.md tells what each word means.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from ..catalogue.near import meant
from ..errors import UsageError
from ..text.duration import SECOND, nanoseconds_of
from .protocol import Protocol
from .target import CONTAINER, container_word
from .verdict import UNPROBED, Verdict

_ANSWERED = {
    Verdict.OPEN,
    Verdict.OPEN_SILENT,
    Verdict.ACCEPTED_THEN_CLOSED,
    Verdict.RESET,
    Verdict.REFUSED,
    Verdict.WRONG_SOURCE,
}
UNDECIDED = {Verdict.NO_ANSWER}  # a datagram's: open, or blocked
CLASSES = {"reachable": frozenset(_ANSWERED), "blocked": frozenset(set(Verdict) - _ANSWERED - UNDECIDED - UNPROBED)}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")  # of a container or network: moby's RestrictedNameChars
_WORD = re.compile(r"\S+")


class Way(Enum):
    """How a target is reached. DIRECT is by its own address or by its name, whichever is better; ANY is what the
    word * means."""

    ANY = "any"
    DIRECT = "direct"
    ADDRESS = "address"
    NAME = "name"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Origin:
    """Which vantages: `name` of a container, of a network with `is_network`, or of a swarm's node with `is_node`; "client",
    "host", or "*" for all. A container that is called like a place has the name container:client (`container_word`)."""

    name: str
    is_network: bool = False
    is_node: bool = False


@dataclass(frozen=True)
class Destination:
    """Which targets: `name` as in Origin, "host" for the daemon's host; `port` None for all. With `address`, that very address,
    and the name is a label; with `network`, the container's there. `protocol` None for TCP and UDP."""

    name: str
    port: int | None
    way: Way = Way.DIRECT
    is_network: bool = False
    address: str = ""
    protocol: Protocol | None = Protocol.TCP
    network: str = ""


@dataclass(frozen=True)
class Rule:
    """`text`: the line's words as they were written. `allowed`: the verdicts that satisfy it; `status`: of the HTTP answer,
    None where none is asked for; `within`: milliseconds."""

    line: int
    text: str
    origin: Origin
    destination: Destination
    expect: str
    allowed: frozenset[Verdict]
    status: int | None = None
    within: float | None = None


def parse_policy(text: str, file: str) -> list[Rule]:
    """Raises UsageError that names `file`, the line and the word."""
    rules = [rule for number, line in enumerate(text.splitlines(), 1) for rule in _rule(line, number, file)]
    if not rules:
        raise UsageError(
            f"{file}: there is no rule in it", "a rule is FROM TO EXPECT, as in: client web:8080/published open"
        )
    return rules


def _rule(line: str, number: int, file: str) -> Iterator[Rule]:
    words = _words(line)
    if not words:
        return
    where = f"{file}, line {number}"
    if len(words) < 3:
        raise UsageError(f"{where}: {' '.join(words)!r} has {len(words)} of the three words FROM TO EXPECT")
    start, end, expect, *options = words
    status, within = _options(options, where)
    yield Rule(number, " ".join(words), _origin(start, where), _destination(end, where), expect,
               _allowed(expect, where), status, within)  # fmt: skip


def _words(line: str) -> list[str]:
    """Without the comment, which begins at a # before which there is a blank or nothing."""
    words = _WORD.findall(line)
    comment = next((place for place, word in enumerate(words) if word.startswith("#")), len(words))
    return words[:comment]


def _origin(word: str, where: str) -> Origin:
    is_network, is_node = word.startswith("@"), word.startswith("node:")
    name = word.removeprefix("node:" if is_node else CONTAINER if word.startswith(CONTAINER) else "@")
    if word not in ("*", "node:*") and not _NAME.fullmatch(name):
        raise UsageError(
            f"{where}: {word!r} is no place to probe from",
            "write client, host, a container's name, @NETWORK, node:NAME or *",
        )
    return Origin(container_word(name) if word.startswith(CONTAINER) else name, is_network, is_node)


_TARGET = (
    "write NAME:PORT, NAME@NETWORK:PORT, NAME:ADDRESS:PORT, @NETWORK:PORT or host:PORT; * is every name, or every port"
)


def _destination(word: str, where: str) -> Destination:
    if word == "*":
        return Destination("*", None, Way.ANY, protocol=None)
    target, *suffixes = word.split("/")
    way, protocol = _suffixes(suffixes, word, where)
    head, colon, port = target.rpartition(":")
    if not colon:
        raise UsageError(f"{where}: {word!r} has no port", _TARGET)
    number = _port(port, word, where)
    if protocol is None and number is not None:
        protocol = Protocol.TCP
    name, address = _name_and_address(head)
    if address:
        if number is None or way is not Way.DIRECT:
            raise UsageError(
                f"{where}: {word!r}: an address takes one port, and no way", "write it as in x:192.0.2.1:80"
            )
        return Destination(name, number, way, address=address, protocol=protocol)
    is_network, is_container = name.startswith("@"), name.startswith(CONTAINER)
    bare, at, network = name.removeprefix(CONTAINER if is_container else "@").partition("@")
    if at and (is_network or way is not Way.DIRECT or not _NAME.fullmatch(network)):
        raise UsageError(
            f"{where}: {word!r}: a network is one name behind a container's, and is a way by itself", _TARGET
        )
    if bare == "client" and not is_container:
        raise UsageError(
            f"{where}: {word!r}: client is where probes start, and none of their targets",
            "a container of that name is container:client",
        )
    if (bare != "*" or is_network or is_container) and not _NAME.fullmatch(bare):
        raise UsageError(f"{where}: {word!r} is no target", _TARGET)
    name = container_word(bare) if is_container else bare
    return Destination(name, number, Way.ADDRESS if at else way, is_network, protocol=protocol, network=network)


def _suffixes(words: Iterable[str], word: str, where: str) -> tuple[Way, Protocol | None]:
    """What stands behind the port: /udp or /tcp, and the way."""
    ways = {way.value: way for way in (Way.ADDRESS, Way.NAME, Way.PUBLISHED)}
    protocols = {"tcp": Protocol.TCP, "udp": Protocol.UDP}
    way, protocol = Way.DIRECT, None
    for suffix in words:
        if suffix in protocols:
            protocol = protocols[suffix]
        elif suffix in ways:
            way = ways[suffix]
        else:
            known = [*ways, *protocols]
            hint = meant(suffix, known).replace("mean ", "mean /") or f"write /{', /'.join(known)}"
            raise UsageError(f"{where}: {word!r}: /{suffix} is no way to reach a port", hint)
    return way, protocol


def _port(text: str, word: str, where: str) -> int | None:
    if text == "*":
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise UsageError(f"{where}: {word!r} has the port {text!r}, expected 1 to 65535 or *", _TARGET)
    return int(text)


def _name_and_address(head: str) -> tuple[str, str]:
    """ "web" is a name, "192.0.2.1" and "[2001:db8::1]" are addresses, "x:192.0.2.1" is both."""
    name, _, rest = head.partition(":")
    for label, text in (("", head), (name, rest)):
        try:
            return label, str(ipaddress.ip_address(text.removeprefix("[").removesuffix("]")))
        except ValueError:
            continue
    return head, ""


def _allowed(word: str, where: str) -> frozenset[Verdict]:
    negated = word.startswith("!")
    known = {verdict.value: frozenset({verdict}) for verdict in Verdict if verdict not in UNPROBED} | CLASSES
    found: set[Verdict] = set()
    for part in word.removeprefix("!").split("|"):
        if part not in known:
            hint = meant(part, known) or f"known are {', '.join(known)}, A|B for either, and !A for any other"
            context = f" in {word!r}" if part != word else ""
            raise UsageError(f"{where}: {part!r}{context} is no verdict", hint)
        found |= known[part]
    return frozenset(set(Verdict) - found - UNPROBED if negated else found)


def _options(words: Iterable[str], where: str) -> tuple[int | None, float | None]:
    """The status that http= asks for, and the milliseconds of within=."""
    status: int | None = None
    within: float | None = None
    for word in words:
        name, equals, value = word.partition("=")
        if name == "http" and re.fullmatch(r"[1-5][0-9][0-9]", value):
            status = int(value)
        elif name == "within" and (length := nanoseconds_of(value)) and length > 0:
            within = length / SECOND * 1000
        elif name in ("http", "within") and equals:
            right = "a status, as in http=200" if name == "http" else "a time, as in within=2s or within=500ms"
            raise UsageError(f"{where}: {word!r}: {value!r} is not {right}")
        else:
            raise UsageError(
                f"{where}: {word!r} is no option", meant(name, ["http", "within"]) or "known are http=200 and within=2s"
            )
    return status, within
