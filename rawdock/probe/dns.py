"""One DNS question and its answer, as a probe puts it to a daemon's name server. Source: RFC 1035, section 4."""

from __future__ import annotations

import ipaddress
import struct
from typing import NamedTuple

_QUERY_ID = 0x7264
_A, _AAAA = 1, 28


class Answer(NamedTuple):
    """`code` is the RCODE (0 no error, 3 no such name); `addresses` the A and AAAA records as text."""

    code: int
    addresses: list[str]


def is_name(name: str) -> bool:
    """Whether DNS can carry the name. The daemon accepts container names that it cannot, without a limit of length."""
    labels = name.split(".")
    return name.isascii() and len(name) <= 253 and all(0 < len(label) <= 63 for label in labels)


def query(name: str, version: int = 4) -> bytes:
    """The question for the addresses of `name`, of IP `version` 4 or 6. Raises ValueError for a name that DNS cannot carry."""
    if not is_name(name):
        raise ValueError(f"{name!r} is no DNS name")
    labels = [label.encode("ascii") for label in name.split(".")]
    question = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return (
        struct.pack(">6H", _QUERY_ID, 0x0100, 1, 0, 0, 0)
        + question
        + struct.pack(">2H", _A if version == 4 else _AAAA, 1)
    )


def name_in(question: bytes) -> str:
    """The name whose A records a `query` asks for; "" where the bytes are none."""
    labels = []
    position = 12
    while position < len(question) and (length := question[position]):
        labels.append(question[position + 1 : position + 1 + length])
        position += length + 1
    asked = ".".join(label.decode("ascii", "replace") for label in labels)
    return asked if is_name(asked) and query(asked) == question else ""


def read_answer(data: bytes) -> Answer:
    """Raises ValueError when the bytes are no answer to `query`."""
    try:
        number, flags, questions, answers, _, _ = struct.unpack_from(">6H", data)
        if number != _QUERY_ID or not flags & 0x8000:
            raise ValueError("no answer to our question")
        position = 12
        for _ in range(questions):
            position = _skip_name(data, position) + 4
        addresses = []
        for _ in range(answers):
            position = _skip_name(data, position)
            kind, _, _, length = struct.unpack_from(">2HIH", data, position)
            position += 10
            if (kind, length) in ((_A, 4), (_AAAA, 16)) and position + length <= len(data):
                addresses.append(str(ipaddress.ip_address(data[position : position + length])))
            position += length
    except (struct.error, IndexError) as error:
        raise ValueError("a truncated DNS answer") from error
    if position > len(data):
        raise ValueError("a truncated DNS answer")
    return Answer(flags & 15, addresses)


def _skip_name(data: bytes, position: int) -> int:
    while length := data[position]:
        if length >= 0xC0:  # a pointer ends a name
            return position + 2
        position += length + 1
    return position + 1
