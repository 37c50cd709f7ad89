"""Docker for Mac's vpnkit, imitated: one process with a foot in the client's network namespace, in the VM's and in the one
between them, where the host aliases live. A program of its own, started by desktop.py:

    forwarder.py READY CLIENT VM BETWEEN ALIAS_ADDRESS RESOLVER RELAY_PORT NAME,… ADDRESS:PORT…

- A published port on the client's localhost is accepted first and dialled in the VM afterwards: so it opens even where
  nobody listens in the container, and is closed without a byte.
- A name server on RESOLVER knows the NAMEs, which have ALIAS_ADDRESS, and no other.
- A TCP connection to any port of ALIAS_ADDRESS, which netfilter turns to RELAY_PORT, is dialled on the client's localhost;
  where nobody listens there, it is reset (after the handshake: vpnkit itself would refuse).

Sources: docker/vpnkit, src/hostnet/slirp.ml and forward.ml; setns(2); SO_ORIGINAL_DST of linux/netfilter_ipv4.h; RFC 1035.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import socket
import struct
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

_SO_ORIGINAL_DST = 80
_LIBC = ctypes.CDLL(None, use_errno=True)


def inside(namespace: str, make: Callable[[], socket.socket]) -> socket.socket:
    """What `make()` returns, made in that network namespace: a socket stays where it was made."""
    with open("/proc/self/ns/net") as home, open(namespace) as there:
        _enter(there.fileno())
        try:
            return make()
        finally:
            _enter(home.fileno())


def _enter(number: int) -> None:
    if _LIBC.setns(number, 0):
        raise OSError(ctypes.get_errno(), "cannot enter the network namespace")


def listener(address: str, port: int) -> socket.socket:
    """One for all addresses is one for both families."""
    if address in ("", "0.0.0.0"):
        return socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    return socket.create_server((address, port))


def localhost_socket() -> socket.socket:
    made = socket.socket()
    made.setblocking(False)
    return made


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, namespace: str, port: int) -> bool:
    """Join an accepted connection to localhost:port in the namespace; False where nobody listens there."""
    there = inside(namespace, localhost_socket)
    try:
        await asyncio.get_running_loop().sock_connect(there, ("127.0.0.1", port))
        far_reader, far_writer = await asyncio.open_connection(sock=there)
    except OSError:
        there.close()
        return False
    await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
    far_writer.close()
    return True


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:  # docker-proxy resets where it was sent a word that nobody takes: the other side sees the end
        writer.close()


async def serve(made: socket.socket, namespace: str, port: int | None) -> None:
    """`port` None: the one that the connection was meant for."""

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw = writer.get_extra_info("socket")
        meant = port
        if meant is None:
            meant = struct.unpack_from("!2xH", raw.getsockopt(socket.SOL_IP, _SO_ORIGINAL_DST, 16))[0]
        if not await relay(reader, writer, namespace, meant) and port is None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close() sends a reset
        writer.close()

    await asyncio.start_server(accepted, sock=made)


class NameServer(asyncio.DatagramProtocol):
    """Answers a question for an A record of one of the names with the address; another with NXDOMAIN."""

    def __init__(self, names: list[str], address: str) -> None:
        self._names, self._address = names, socket.inet_aton(address)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # the loop's class is none by descent

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        labels, position = [], 12
        while position < len(data) and data[position]:
            labels.append(data[position + 1 : position + 1 + data[position]].decode("ascii", "replace"))
            position += 1 + data[position]
        question = data[12 : position + 5]
        known = ".".join(labels).lower() in self._names
        answers = b""
        if known and question[-4:-2] == b"\0\1":
            answers = b"\xc0\x0c" + struct.pack(">2HIH", 1, 1, 60, 4) + self._address
        flags = 0x8180 if known else 0x8183
        head = data[:2] + struct.pack(">5H", flags, 1, bool(answers), 0, 0)
        self._transport.sendto(head + question + answers, addr)


async def main(words: list[str]) -> None:
    ready, client, vm, between, alias_address, resolver, relay_port, names, *published = words
    for word in published:
        address, _, port = word.rpartition(":")
        await serve(inside(client, partial(listener, address, int(port))), vm, int(port))
    await serve(inside(between, lambda: listener("", int(relay_port))), client, None)

    def name_socket() -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((resolver, 53))
        return made

    server = NameServer(names.split(","), alias_address)
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: server, sock=inside(between, name_socket))
    Path(ready).write_text(f"{os.getpid()}\n")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
