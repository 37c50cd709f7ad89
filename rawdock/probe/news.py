"""What happens on the daemon that may change who reaches whom: its events, heard in a thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from ..client import SyncClient
from ..errors import ConnectionLostError, RawdockError
from .helper import LABEL

_TYPES = ["container", "network"]
_ACTIONS = {
    "container": {"start", "die", "died", "pause", "unpause", "rename", "destroy", "remove"},  # died, remove: Podman's
    "network": {"create", "connect", "disconnect", "destroy", "remove", "update"},
}
_PATIENCE = 10.0  # seconds for the daemon to answer


class News:
    """Use with `with`: from then on nothing is missed. `lost`: why no more is heard, None while it is. Raises RawdockError
    where the daemon gives no events."""

    def __init__(self, client: SyncClient) -> None:
        self._client = client
        self._heard = threading.Event()
        self._open = threading.Event()
        self._ours: set[str] = set()
        self._ended = False
        self.lost: RawdockError | None = None

    def __enter__(self) -> News:
        # It ends with its connection, or with this process: nothing else wakes a thread that reads.
        threading.Thread(target=self._listen, daemon=True, name="news").start()
        self._open.wait(_PATIENCE)
        if self.lost:
            raise self.lost
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True

    def wait(self, seconds: float | None) -> bool:
        """Whether something happened since it was last asked, or happens within `seconds`; or nothing more will be heard."""
        if not self._heard.wait(seconds):
            return False
        self._heard.clear()
        return True

    def _listen(self) -> None:
        try:
            with self._client.events(filters={"type": _TYPES}) as events:
                self._open.set()
                for event in events:
                    if self._ended:
                        return
                    if isinstance(event, dict) and self._matters(event):
                        self._heard.set()
            self.lost = ConnectionLostError("the daemon ended its events")
        except RawdockError as error:
            self.lost = error
        finally:
            self._open.set()
            self._heard.set()

    def _matters(self, event: Mapping[str, Any]) -> bool:
        """Helpers of ours, and of another probe, are told by their label, and by their ID where a network is joined."""
        actor = event.get("Actor") or {}
        attributes = actor.get("Attributes") or {}
        if LABEL in attributes:
            self._ours.add(str(actor.get("ID")))
            return False
        if self._ours & {str(actor.get("ID")), str(attributes.get("container"))}:
            return False
        return str(event.get("Action")) in _ACTIONS.get(str(event.get("Type")), ())
