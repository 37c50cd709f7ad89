"""A request as a line for rawdock's own command: `rawdock post /path name==value Field=text Field:=json Header:value`.

Source of the items: HTTPie's command line.
"""

from __future__ import annotations

import json as jsonlib
import re
import shlex
from urllib.parse import urlencode

from ..endpoint import Endpoint
from ..errors import UsageError
from ..request import Request
from .job import Job, document_of
from .print import printf

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def rawdock_line(job: Job) -> str:
    """The line, ending with a line feed. Raises UsageError for certificates that the command cannot be given."""
    request = job.request
    words = [*_environment(job.endpoint), "rawdock", "-H", job.endpoint.url, request.method.lower()]
    words += ["-i"] if job.include and request.method != "HEAD" else []
    words += ["--timeout", f"{job.timeout:g}"] if job.timeout is not None else []
    named = all(_PLAIN_NAME.fullmatch(name) and _sayable(value) for name, value in request.query)
    words.append(request.path + ("" if named or not request.query else f"?{urlencode(request.query)}"))
    if named:
        words += [f"{name}=={_escaped(value)}" for name, value in request.query]
    fed, items = _rawdock_body(request)
    is_json = bool(items) and items[0] != "--input"
    words += [
        f"{name}:{_escaped(value)}" if value else f"{name};"
        for name, value in request.headers
        if not (is_json and name.lower() == "content-type") and name.lower() != "accept"
    ]
    out = "" if job.output is None else f" > {shlex.quote(job.output)}"
    return fed + shlex.join([*words, *items]) + out + "\n"


def _environment(endpoint: Endpoint) -> list[str]:
    if endpoint.tls is None:
        return []
    files = endpoint.tls
    folder = (files.ca or "").rpartition("/")[0] or "."
    if (files.ca, files.cert, files.key) not in (
        (f"{folder}/ca.pem", f"{folder}/cert.pem", f"{folder}/key.pem"),
        ("ca.pem", "cert.pem", "key.pem"),
    ):
        raise UsageError(
            f"rawdock's command finds certificates by DOCKER_CERT_PATH, and {files.ca}, {files.cert} and {files.key} are not "
            "ca.pem, cert.pem and key.pem of one folder",
            "put them into one under these names",
        )
    return ["env", "DOCKER_TLS_VERIFY=1", f"DOCKER_CERT_PATH={folder}"]


def _rawdock_body(request: Request) -> tuple[str, list[str]]:
    """What feeds standard input, and the items: fields of a JSON object, or --input."""
    if request.body_file is not None:
        return "", ["--input", request.body_file]
    if request.body is None:
        return "", []
    document = document_of(request)
    if isinstance(document, dict):
        told = {
            name: (f"{name}=", value)
            if isinstance(value, str) and value.isprintable()
            else (f"{name}:=", jsonlib.dumps(value, ensure_ascii=False))
            for name, value in document.items()
        }
        if all(_PLAIN_NAME.fullmatch(name) and _sayable(value) for name, (_, value) in told.items()):
            return "", [start + _escaped(value) for start, value in told.values()]
    return printf(request.body), ["--input", "-"]


def _escaped(value: str) -> str:
    """A value whose first character would make another separator of the one before it: `=@` reads a file."""
    return f"\\{value}" if value[:1] in ("@", "=") else value


def _sayable(value: str) -> bool:
    """Whether no backslash in it would be taken for an escape."""
    return not re.search(r"\\[:;=@]", value)
