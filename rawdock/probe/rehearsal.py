"""A probe's calls to the daemon without a probe: what reads is asked, what would change something is written down and taken for
done, and no packet goes to anything but the daemon.

So the calls are those of the probe's own code, but for one: no script can speak to an agent's input and listen to it, so a
container is run for each batch. What a helper finds is not known before it ran: the listeners, hence some of what is asked
then, and whether there is more to ask of what timed out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import as_file, files
from shlex import quote
from typing import TYPE_CHECKING, Any

from ..client import Response, SyncClient
from ..client.params import texts
from ..request import Request
from ..standins import Step
from ..wire.http1 import Head
from .agent_lines import Report
from .asks import Ask
from .helper import Helper, agent_of
from .observation import Observation, Outcome

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..client import Options
    from ..endpoint import Endpoint

CONTAINER = "helper"  # the name of its Id in the script


class Rehearsal(SyncClient):
    """A client that changes nothing. `steps`: the calls until now, in their order."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self.steps: list[Step] = []
        self._architecture = ""

    def request(self, method: str, path: str, **options: Unpack[Options]) -> Response:
        request = _noted(method, path, options)
        created = (method, path) == ("POST", "/containers/create")
        fed = packed(self._architecture) if request.body_file else ""
        self.steps.append(Step(request, saves=CONTAINER if created else "", fed=fed))
        if method == "GET" and "{" not in path:
            response = super().request(method, path, **options)
            if path == "/version" and response.status_code == 200:
                self._architecture = str(response.json().get("Arch"))
            return response
        if method == "GET":
            return _done(b"")
        document = {"Id": f"{{{CONTAINER}}}"} if created else {"StatusCode": 0}
        return _done(json.dumps(document).encode())


def _noted(method: str, path: str, options: Any) -> Request:
    query = tuple(texts(options.get("params") or {}))
    headers = tuple((options.get("headers") or {}).items())
    if options.get("content") is not None:
        return Request(method, path, query, headers, body_file="-")
    if options.get("json") is None:
        return Request(method, path, query, headers)
    body = json.dumps(options["json"]).encode()
    return Request(method, path, query, (*headers, ("Content-Type", "application/json")), body)


def _done(content: bytes) -> Response:
    return Response(Head("1.1", 200, "OK", (), True), content)


def packed(architecture: str) -> str:
    """What a shell packs the helper's image by, as helper.py does."""
    with as_file(files("rawdock.probe") / "agent" / agent_of(architecture)) as path:
        return f'(cd "$(mktemp -d)" && cp {quote(str(path))} agent && chmod 555 agent && tar -cf - agent)'


class RehearsedHelper(Helper):
    """A container for each batch, and what it says read from its log."""

    def _stand(self) -> None:
        """Each batch brings its own container."""

    def start(self, words: Sequence[str]) -> None:
        self._files = [index for index, word in enumerate(words, 1) if word.startswith("diag=")]
        self._call("POST", "/containers/create", json=self._settings(["/agent", *words]))
        self._call("POST", f"{_PATH}/start")

    def collect(self) -> Report:
        self._call("POST", f"{_PATH}/wait")
        self._call("GET", f"{_PATH}/logs", params={"stdout": 1, "stderr": 1})
        self._remove(_PATH)
        return Report(files=dict.fromkeys(self._files, b""))  # or another way to the same would be looked for


_PATH = f"/containers/{{{CONTAINER}}}"


def nothing_sent(asks: Sequence[Ask], timeout: float) -> list[Observation]:
    """In the place of `sweep`."""
    return [Observation(Outcome.ERROR) for _ in asks]
