"""`rawdock stats` without --no-stream: the table anew and anew, a thread for each container's stream of figures."""

from __future__ import annotations

import argparse
import threading
import time
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ..errors import RawdockError, StatusError
from ..standins import Step, looks
from ..text.table import short_id
from ..text.usage import UNKNOWN
from .console import Console
from .exit_codes import ExitCode
from .listing import Row
from .standin import fields_of
from .stats import container_ids, row, show, unknown_row

if TYPE_CHECKING:
    from ..client import SyncClient

PAUSE = 1.0  # seconds between two tables; the daemon sends figures as often
FIRST = 3.0  # seconds to wait for the first figures of all
CLEAR, HOME, LINE_END, REST = b"\x1b[H\x1b[2J", b"\x1b[H", b"\x1b[K\n", b"\x1b[J"  # ECMA-48


class Board:
    """The rows by container, which threads keep up to date. `over`: whether no more will come; `failure`: why, if that is an
    error. `listening`: set once the daemon sends events, or will not."""

    def __init__(self, client: SyncClient, full: bool) -> None:
        self._client = client
        self._full = full
        self._rows: dict[str, Row | None] = {}  # None before the first figures
        self._ended: dict[str, StatusError | None] = {}
        self._changed = threading.Condition()
        self.listening = threading.Event()
        self.over = False
        self.failure: RawdockError | None = None

    def add(self, name: str) -> None:
        """Watch a container from now on."""
        with self._changed:
            if name in self._rows:
                return
            self._rows[name] = None
        step = looks.stats([name], stream=True)[0]
        threading.Thread(target=self._follow, args=(name, step), daemon=True).start()

    def remove(self, name: str) -> None:
        with self._changed:
            self._rows.pop(name, None)

    def rows(self) -> list[Row]:
        with self._changed:
            return [found or unknown_row(name) for name, found in self._rows.items()]

    def refused(self, names: list[str]) -> list[StatusError]:
        """What the daemon answered instead of figures, of these names."""
        with self._changed:
            return [error for name in names if (error := self._ended.get(name))]

    def all_ended(self, names: list[str]) -> bool:
        with self._changed:
            return all(name in self._ended for name in names)

    def await_first(self) -> None:
        """Return once every container has figures or none will come, or it took too long."""
        deadline = time.monotonic() + FIRST
        with self._changed:
            self._changed.wait_for(
                lambda: self.over or all(found or name in self._ended for name, found in self._rows.items()),
                deadline - time.monotonic(),
            )

    def end(self, error: RawdockError | None) -> None:
        with self._changed:
            self.over, self.failure = True, error
            self._changed.notify_all()
        self.listening.set()

    def heed(self, every: bool) -> None:
        """Add and remove containers by what happens on the daemon, until it sends no more events."""
        step = looks.events(now=0, since="", until="", wanted=["type=container"])[0]
        adding = ("start", "create") if every else ("start",)
        removing = ("destroy", "remove") if every else ("destroy", "remove", "die")  # "remove" is Podman's
        failure = None
        try:
            with self._documents(step) as events:
                self.listening.set()
                for document in events:
                    event = fields_of(document, "the events")
                    identifier = short_id((event.get("Actor") or {}).get("ID", ""))
                    if event.get("Action") in adding:
                        self.add(identifier)
                    elif event.get("Action") in removing:
                        self.remove(identifier)
        except RawdockError as error:
            failure = error
        self.end(failure)

    def _follow(self, name: str, step: Step) -> None:
        refused = None
        try:
            with self._documents(step) as documents:
                for document in documents:
                    self._put(name, row(name, document, self._full))
        except StatusError as error:
            refused = error
        except RawdockError as error:
            self.end(error)
        with self._changed:
            self._ended[name] = refused
            if name in self._rows:
                self._rows[name] = {**(self._rows[name] or unknown_row(name)), **UNKNOWN}
            self._changed.notify_all()

    def _put(self, name: str, found: Row) -> None:
        with self._changed:
            if name in self._rows:
                self._rows[name] = found
                self._changed.notify_all()

    def _documents(self, step: Step) -> Any:
        request = step.request
        return self._client.json_stream(request.method, request.path, raise_errors=False, params=dict(request.query))


def watch(client: SyncClient, options: argparse.Namespace, console: Console) -> int:
    """Show the figures until Ctrl-C, or until the containers that were named are gone. Raises RawdockError."""
    client.negotiate()
    board = Board(client, options.no_trunc)
    if not options.names:
        threading.Thread(target=board.heed, args=(options.all,), daemon=True).start()
        board.listening.wait()  # or a container that starts between listing and listening would be missed
    for name in options.names or container_ids(client, options.all):
        board.add(name)
    board.await_first()
    if refused := board.refused(options.names):
        for error in refused:
            console.talk(f"rawdock: {error}")
        return ExitCode.REFUSED
    if console.out_is_terminal:
        console.write(CLEAR)
    while not board.over:
        _draw(console, options, board.rows())
        if options.names and board.all_ended(options.names):
            return ExitCode.OK
        time.sleep(PAUSE)
    if board.failure:
        raise board.failure
    return ExitCode.OK


def _draw(console: Console, options: argparse.Namespace, rows: list[Row]) -> None:
    """Over the table before on a terminal, where a line may have been longer and rows more."""
    page = BytesIO()
    show(console._replace(out=page), options, rows)
    if console.out_is_terminal:
        console.write(HOME + page.getvalue().replace(b"\n", LINE_END) + REST)
    else:
        console.write(page.getvalue())
