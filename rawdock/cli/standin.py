"""What the stand-ins for the docker CLI's commands share."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ..standins import Step
from .console import Console
from .endpoint_options import find_endpoint

if TYPE_CHECKING:
    from ..client import Response, SyncClient


def client_of(options: argparse.Namespace, console: Console) -> SyncClient:
    """The client of the daemon that the options name. Raises EndpointError."""
    from ..client import SyncClient

    return SyncClient(find_endpoint(options, console))


def send(client: SyncClient, step: Step, **saved: str) -> Response:
    """Make the step's call; `saved` fills in its path. Raises RawdockError, StatusError among them."""
    request = step.request
    return client.request(
        request.method,
        request.path.format(**saved) if saved else request.path,
        params=dict(request.query) or None,
        headers=dict(request.headers) or None,
        content=request.body,
    ).raise_for_status()


def ask(options: argparse.Namespace, console: Console, step: Step) -> Any:
    """The JSON that one step gives."""
    with client_of(options, console) as client:
        return send(client, step).json()
