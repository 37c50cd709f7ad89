"""A headless Chromium, spoken to over its debugging pipe: JSON messages, each ended by a NUL, on descriptors 3 and 4.

Source: the Chrome DevTools Protocol; --remote-debugging-pipe in content/browser/devtools. Nothing is fetched: pages come as
files, and every name is resolved to nowhere.
"""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


class Page:
    """One tab. A call that fails raises AssertionError with the browser's words."""

    def __init__(self, into: int, answers: io.FileIO) -> None:
        self._into, self._out, self._number, self._session = into, answers, 0, ""
        self._rest = b""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        os.write(
            self._into, json.dumps(message | ({"sessionId": self._session} if self._session else {})).encode() + b"\0"
        )
        while True:
            answer = self._message()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = self._out.read(65536)
            assert more, "the browser has ended"
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def open(self, page: Path | str) -> None:
        """Return once the page, a file or an address within the browser, is loaded."""
        self.call("Page.navigate", url=page if isinstance(page, str) else page.as_uri())
        while self._message().get("method") != "Page.loadEventFired":
            pass

    def evaluate(self, expression: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str, code: int) -> None:
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))


def program() -> str:
    """Skip where there is no Chromium; scripts/test installs it where apt-get can."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no chromium: the page was not tried in a browser (Debian: apt-get install chromium)")
    return found


@contextmanager
def chromium(profile: Path) -> Iterator[Page]:
    to_read, into = os.pipe()
    out, to_write = os.pipe()
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--window-size=1280,900"]
    options += [
        f"--user-data-dir={profile}",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--disable-background-networking",
    ]
    # The browser wants the pipe's ends as 3 and 4, whatever they are here; sh counts to 9 only.
    words = f'exec 3</dev/fd/{to_read} 4>/dev/fd/{to_write}; exec "$@"'
    try:
        started = subprocess.Popen(
            ["sh", "-c", words, "sh", program(), *options, "about:blank"],
            pass_fds=(to_read, to_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    finally:
        os.close(to_read)
        os.close(to_write)
    with started:
        answers = io.FileIO(out)
        try:
            yield Page(into, answers)
        finally:
            started.kill()
            os.close(into)
            answers.close()
