"""`rawdock events`: `docker events`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ..standins import Step, looks
from ..text.duration import SECOND
from ..text.template_functions import compact_json
from .console import Console, printable
from .listing import listing_template
from .logs import TIME

HELP = "Print what happens on the daemon as it happens, until Ctrl-C or --until, as `docker events` does."
EXAMPLES = """examples:
  rawdock events
  rawdock events --since 10m --until 0s
  rawdock events --filter type=container --filter event=die --format '{{.Actor.Attributes.name}}'
  rawdock events --format json

exit codes: 0 --until is reached, 130 Ctrl-C, 2 usage, 4 or 5 the daemon refused, 6 no daemon there, 7 TLS failed,
  8 no Docker daemon or it broke off"""
FIELDS = {"status": "", "id": "", "from": "", "scope": "", "time": 0, "timeNano": 0}  # left out where they are empty


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-f", "--filter", metavar="NAME=VALUE", action="append", default=[], help="print what fits alone; repeatable"
    )
    parser.add_argument(
        "--format", metavar="FORMAT", default="", help="json, or a TEMPLATE: Go's, such as '{{.Type}} {{.Action}}'"
    )
    parser.add_argument("--since", metavar="TIME", default="", help=f"print the last ones since then: {TIME}")
    parser.add_argument("--until", metavar="TIME", default="", help="end then, at once if it has passed")


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    return looks.events(now=time.time(), since=options.since, until=options.until, wanted=options.filter)


def run(options: argparse.Namespace, console: Console) -> int:
    from .standin import fields_of, whole_client_of

    template = listing_template(options.format) if options.format not in ("", "json") else None
    named = {name.lower() for name in template.fields} if template else set()
    absent = {name: value for name, value in FIELDS.items() if name.lower() in named}
    request = steps(options, console)[0].request
    with whole_client_of(options, console) as client:
        # An event is no message of progress: one with an attribute named "error" is no failure.
        params = dict(request.query)
        with client.json_stream(request.method, request.path, raise_errors=False, params=params) as documents:
            for document in documents:
                event = fields_of(document, "the events")
                if template:
                    console.print(template.render({**absent, **event}, strict=True))
                else:
                    console.print(compact_json(event) if options.format else printable(_line(event)))
    return 0


def _line(event: Mapping[str, Any]) -> str:
    actor = event.get("Actor") or {}
    attributes = ", ".join(f"{name}={value}" for name, value in sorted((actor.get("Attributes") or {}).items()))
    moment = event.get("timeNano") or event.get("time", 0) * SECOND
    words = [_local(moment), event.get("Type", ""), event.get("Action", ""), actor.get("ID", "")]
    return " ".join([*words, *([f"({attributes})"] if attributes else [])])


def _local(nanoseconds: int) -> str:
    """RFC 3339 of local time, with all nine digits."""
    seconds, fraction = divmod(nanoseconds, SECOND)
    moment = datetime.fromtimestamp(seconds, timezone.utc).astimezone()
    zone = moment.strftime("%z")
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction:09}{'Z' if zone == '+0000' else f'{zone[:3]}:{zone[3:5]}'}"
