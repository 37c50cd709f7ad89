"""The documents of a pull, push, load or build as the docker CLI shows them: in place on a terminal, else in lines.

Source: moby pkg/jsonmessage, jsonmessage.go. What a build's commands write goes out as it came, as a log does; all other text
is the daemon's or a registry's, and steers no terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .units import human_size

BAR, BAR_NEEDS, TIME_NEEDS = 50, 110, 50  # columns


class ProgressText:
    """`feed` gives the text for one document. `width`: the terminal's columns, None for no terminal. `clean`: makes text from
    outside harmless. `now`: seconds since 1970."""

    def __init__(self, width: int | None, clean: Callable[[str], str], now: Callable[[], float]) -> None:
        self._width, self._clean, self._now = width, clean, now
        self._lines: dict[str, int] = {}  # from an identifier to its line, counted from the first that is shown

    def feed(self, document: Any) -> str:
        """The text, "" for a document that is not shown, such as `aux`."""
        if not isinstance(document, Mapping) or document.get("aux") is not None:
            return ""
        detail = document.get("progressDetail")
        name = str(document.get("id") or "")
        up = 0
        opening = ""
        if name and detail is not None:
            if name not in self._lines:
                self._lines[name] = len(self._lines)
                opening = "\n"
            up = len(self._lines) - self._lines[name]
        else:
            self._lines.clear()
        if self._width is None:
            return self._plain(document, name, detail)
        text = self._on_terminal(document, name, detail)
        return f"{opening}\x1b[{up}A{text}\x1b[{up}B" if up else text

    def _plain(self, document: Mapping[str, Any], name: str, detail: Any) -> str:
        if detail and progress_bar(detail, 0, 0):
            return ""
        return self._line(document, name)

    def _on_terminal(self, document: Mapping[str, Any], name: str, detail: Any) -> str:
        if detail is None or document.get("stream"):
            return self._line(document, name)
        assert self._width is not None
        label = f"{self._clean(name)}: " if name else ""
        bar = progress_bar(detail, self._width, self._now())
        return f"\x1b[2K\r{label}{self._clean(str(document.get('status') or ''))} {bar}\r"

    def _line(self, document: Mapping[str, Any], name: str) -> str:
        label = f"{self._clean(name)}: " if name else ""
        if stream := document.get("stream"):
            return f"{label}{stream}"
        return f"{label}{self._clean(str(document.get('status') or ''))}\n"


def progress_bar(detail: Mapping[str, Any], width: int, now: float) -> str:
    """ "[====>   ]  1.2MB/3.4MB": of a progressDetail, on a terminal of `width` columns; "" where nothing is counted."""
    current, total, start = (_number(detail.get(name)) for name in ("current", "total", "start"))
    units = detail.get("units") if isinstance(detail.get("units"), str) else ""
    if current <= 0 and total <= 0:
        return ""
    if total <= 0:
        return f"{current:g} {units}" if units else f"{human_size(current, 4):>8}"
    done = min(int(current / total * 100) // 2, BAR)
    bar = f"[{'=' * done}>{' ' * (BAR - done)}] " if width > BAR_NEEDS else ""
    numbers = ""
    if not detail.get("hidecounts"):
        counted = f"{current:g}" if units else f"{human_size(current, 4):>8}"
        whole = f"{total:g}" if units else human_size(total, 4)
        numbers = counted if current > total else f"{counted}/{whole}"
        numbers += f" {units}" if units else ""
    left = ""
    if width > TIME_NEEDS and current > 0 and start > 0 and done < BAR:
        left = f" {_duration((now - start) / current * (total - current))}"
    return bar + numbers + left


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) else 0


def _duration(seconds: float) -> str:
    """ "1h2m3s", as Go has it."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if whole >= 60 else "") + f"{whole % 60}s"
