"""Who listens to the tap: writes the lines and the HAR file, one exchange after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from ..endpoint import Endpoint
from ..errors import RawdockError, UsageError
from ..har import entry_of
from ..text.secrets import without_secrets
from ..wire.exchange import Exchange
from .har_file import HarFile
from .lines import PRINTERS, FrameLines, begun_line, ended_line, request_of


class Recorder:
    """A Listener. `say` gets each line; `printed` is a name of PRINTERS, or None for a line an exchange; `started`: the time
    of day at which the clock of the exchanges showed `clock`."""

    def __init__(
        self,
        endpoint: Endpoint,
        say: Callable[[str], None],
        started: datetime,
        clock: float,
        *,
        har: HarFile | None = None,
        printed: str | None = None,
        frames: bool = False,
        blank: bool = True,
    ) -> None:
        self._endpoint = endpoint
        self._base = f"{'https' if endpoint.tls else 'http'}://{endpoint.authority}"
        self._say = say
        self._started = started.astimezone(timezone.utc)
        self._clock = clock
        self._har = har
        self._print = PRINTERS[printed] if printed else None
        self._frames: dict[int, FrameLines] | None = {} if frames else None
        self._blank = blank
        self._mutex = threading.Lock()
        self.trouble: RawdockError | None = None  # of the HAR file, of which no more is written then

    def answered(self, exchange: Exchange) -> None:
        if self._print is None:
            with self._mutex:
                self._say(begun_line(exchange))

    def piece(self, exchange: Exchange, direction: str, data: bytes) -> None:
        if self._frames is None:
            return
        with self._mutex:
            lines = self._frames.get(id(exchange)) or FrameLines(exchange)
            self._frames[id(exchange)] = lines
            for line in lines.lines(direction, data):
                self._say(line)

    def ended(self, exchange: Exchange) -> None:
        with self._mutex:
            if self._frames is not None:
                for line in lines.end() if (lines := self._frames.pop(id(exchange), None)) else ():
                    self._say(line)
            try:
                self._say(self._line(exchange))
                if self._har is not None and self.trouble is None:
                    moment = self._started + timedelta(seconds=exchange.begun - self._clock)
                    self._har.add(entry_of(exchange, self._base, moment, blank=self._blank))
            except RawdockError as error:
                self.trouble = error
            finally:
                exchange.give_back()

    def _line(self, exchange: Exchange) -> str:
        if self._print is None:
            return ended_line(exchange)
        try:
            return self._print(self._endpoint, request_of(exchange), None)
        except UsageError as error:  # a header that comes twice is no dict's
            return f"# {exchange.ask.method} {without_secrets(exchange.ask.target)}: {error}"
