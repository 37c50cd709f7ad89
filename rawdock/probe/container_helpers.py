"""A helper container in each container's network: where the one that enters them all is refused, and nothing else is known to
be missing. It holds no capability at all, and is run anew for each batch. Source: NetworkMode "container:ID" and "host" of
POST /containers/create.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from ..client import SyncClient
from ..errors import ConflictError, NotFoundError, ProtocolError
from ..wire.stdcopy import StdcopyDecoder, Stream
from .agent_lines import Report, read_report, without_version
from .helper import Helper, field_of, uninterrupted
from .inventory import Container
from .many import Many
from .segments import Segment, refusal, unavailable

# Whatever the daemon's defaults are: the lines must be readable, and none of them rotated away or dropped.
_LOGS = {
    "Type": "json-file",
    "Config": {"max-size": "1g", "max-file": "1", "compress": "false", "mode": "blocking"},
}


class ContainerHelpers(Helper):
    """A Prober."""

    def __init__(self, client: SyncClient, architecture: str, containers: Sequence[Container]) -> None:
        super().__init__(client, architecture, [])
        self._ids = {container.sandbox: container.id for container in containers}
        self._many = Many(self._ask)

    def _stand(self) -> None:
        """Each batch brings its own containers."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._many.end()
        finally:
            super().__exit__(kind, error, trace)

    def namespace(self, sandbox: str) -> str:
        return self._ids[sandbox]

    def start(self, words: Sequence[str]) -> None:
        self._many.start(words)

    def collect(self) -> Report:
        return self._many.collect()

    def _ask(self, segment: Segment) -> Report:
        # The log is text, and would change the kernel's own messages: /proc/net tells the same.
        words = ["listen=250" if word.startswith("diag=") else word for word in segment.words]
        settings = self._settings(["/agent", *words])
        mode = f"container:{segment.place}" if segment.place else "host"
        settings["HostConfig"] |= {"NetworkMode": mode, "Binds": [], "CapAdd": [], "LogConfig": _LOGS}
        try:
            with uninterrupted():
                response = self._call("POST", "/containers/create", json=settings)
            container = f"/containers/{field_of(response, 'Id')}"
            self._call("POST", f"{container}/start")
        except (ConflictError, NotFoundError) as error:  # it stopped, or is gone
            return unavailable(segment, refusal(segment, error))
        status = field_of(self._call("POST", f"{container}/wait"), "StatusCode")
        output = _demultiplex(self._call("GET", f"{container}/logs", params={"stdout": 1, "stderr": 1}).content)
        if status != "0":
            raise ProtocolError(f"the probe's agent ended with status {status}: {output[Stream.STDERR][-200:]!r}")
        self._remove(container)
        return read_report(without_version(output[Stream.STDOUT]))


def _demultiplex(content: bytes) -> dict[Stream, bytes]:
    decoder = StdcopyDecoder()
    found = dict.fromkeys(Stream, b"")
    for frame in decoder.feed(content):
        found[frame.stream] += frame.data
    decoder.close()
    if found[Stream.SYSTEMERR]:
        raise ProtocolError(f"the daemon lost the agent's output: {found[Stream.SYSTEMERR][:200]!r}")
    return found
