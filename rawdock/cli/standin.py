"""What the stand-ins for the docker CLI's commands share."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..errors import NotDockerError, ProtocolError
from ..standins import Step
from .console import Console
from .endpoint_options import find_endpoint

if TYPE_CHECKING:
    from ..client import Response, SyncClient, SyncVerbs
    from ..wire.stdcopy import Frame
    from .output import Write


def client_of(options: argparse.Namespace, console: Console) -> SyncVerbs:
    """A client of the daemon that the options name, for plain requests. Raises EndpointError."""
    from ..client import SyncVerbs

    return SyncVerbs(find_endpoint(options, console))


def whole_client_of(options: argparse.Namespace, console: Console) -> SyncClient:
    """The same with all calls, which cost 25 ms to import. Raises EndpointError."""
    from ..client import SyncClient

    return SyncClient(find_endpoint(options, console))


def send(client: SyncVerbs, step: Step, **saved: str) -> Response:
    """Make the step's call; `saved` fills in its path. Raises RawdockError, StatusError among them."""
    request = step.request
    return client.request(
        request.method,
        request.path.format(**saved) if saved else request.path,
        params=request.query or None,
        headers=dict(request.headers) or None,
        content=request.body,
    ).raise_for_status()


def answer(client: SyncVerbs, step: Step, **saved: str) -> Any:
    """The JSON that the step gives. Raises what `send` does, and NotDockerError for what is no JSON."""
    return document(send(client, step, **saved))


def ask(options: argparse.Namespace, console: Console, step: Step) -> Any:
    """The JSON that one step gives."""
    with client_of(options, console) as client:
        return answer(client, step)


def document(response: Response) -> Any:
    """The JSON of an answer. Raises NotDockerError."""
    try:
        return response.json()
    except ValueError as error:
        raise NotDockerError(
            f"{response.asked} gave no JSON, but {response.text[:40]!r}", "give the address of a Docker daemon"
        ) from error


def fields_of(found: object, asked: str) -> dict[str, Any]:
    """A document that must be an object. Raises ProtocolError."""
    if not isinstance(found, dict):
        raise ProtocolError(f"{asked}: {str(found)[:60]!r} is no JSON object")
    return found


def pass_on(frames: Iterable[Frame], out: Write, err: Write) -> None:
    """What a container wrote, to where it wrote it. Raises BrokenPipeError, UsageError."""
    from ..wire.stdcopy import Stream

    for frame in frames:
        (err if frame.stream is Stream.STDERR else out)(frame.data)
