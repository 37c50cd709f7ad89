"""The floor below any client in Python: one request's bytes again and again, each answer in one read that nobody looks into."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl

from bench_parts.clients.common import Done, Timer, main

READ_SIZE = 65536  # bytes


def request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: docker\r\n\r\n".encode()


def address() -> tuple[str, str]:
    """(scheme, what follows it)."""
    scheme, _, rest = os.environ["DOCKER_HOST"].partition("://")
    return scheme, rest


def context() -> ssl.SSLContext | None:
    if "DOCKER_TLS_VERIFY" not in os.environ:
        return None
    folder = os.environ["DOCKER_CERT_PATH"]
    found = ssl.create_default_context(cafile=f"{folder}/ca.pem")
    found.verify_flags &= ~ssl.VERIFY_X509_STRICT  # as every client of docker-machine's certificates must
    found.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
    return found


def body_size(answers: int, total: int, first: bytes) -> int:
    """Bytes of the bodies: all heads are as long as the first."""
    return total - answers * (first.index(b"\r\n\r\n") + 4)


def connected() -> socket.socket:
    scheme, rest = address()
    if scheme == "unix":
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(rest)
        return peer
    host, _, port = rest.rpartition(":")
    peer = socket.create_connection((host, int(port)))
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    secure = context()
    return secure.wrap_socket(peer, server_hostname=host) if secure else peer


def blocking(path: str, count: str) -> Done:
    number, size, asked = int(count), 0, request(path)
    with connected() as peer:
        peer.sendall(asked)
        first = peer.recv(READ_SIZE)
        timer = Timer()
        for _ in range(number):
            peer.sendall(asked)
            size += len(peer.recv(READ_SIZE))
        return timer.done(number, body_size(number, size, first))


def watched(path: str, count: str) -> Done:
    return asyncio.run(_watched(request(path), int(count)))


async def _watched(asked: bytes, number: int) -> Done:
    """From the callback of an event loop that watches the socket: no task, no future but for the end."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Done] = loop.create_future()
    left, size = number, 0

    def answered() -> None:
        nonlocal left, size
        try:
            size += len(peer.recv(READ_SIZE))
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        left -= 1
        if left:
            peer.sendall(asked)
        else:
            loop.remove_reader(peer)
            done.set_result(timer.done(number, body_size(number, size, first)))

    with connected() as peer:
        peer.sendall(asked)
        first = peer.recv(READ_SIZE)
        peer.setblocking(False)
        loop.add_reader(peer, answered)
        timer = Timer()
        peer.sendall(asked)
        return await done


if __name__ == "__main__":
    main(blocking=blocking, watched=watched)
