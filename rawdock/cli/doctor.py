"""`rawdock doctor`: the socket tester."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterable
from typing import Any

from ..doctor import Layer, State
from ..endpoint import Endpoint
from .console import Console, printable
from .endpoint_options import find_endpoint, seconds
from .exit_codes import ExitCode

HELP = """Test the way to the daemon layer by layer: the socket or the name, the connection, TLS, HTTP, /_ping and the API
versions. The first broken layer gets the cause and a remedy."""
EXAMPLES = """examples:
  rawdock doctor
  rawdock doctor -H tcp://192.168.99.100:2376
  docker-machine env dev | rawdock doctor --machine-env -
  rawdock doctor --all
  rawdock doctor --json

exit codes: 0 every layer is well (with --all: of one daemon at least), 1 one is broken, 2 usage"""

_COLOURS = {State.OK: "green", State.BROKEN: "red", State.NOT_REACHED: "dim"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of lines")
    parser.add_argument(
        "-a", "--all", action="store_true", help="test every daemon that could be meant, not only the one that is"
    )
    parser.add_argument("--timeout", type=seconds, default=5.0, metavar="SECONDS", help="for each layer (default: 5)")


def curl_script(options: argparse.Namespace, console: Console) -> Iterable[str]:
    from .curl_option import ALIVE, alive_lines, lines_to

    if not options.all:
        return lines_to(find_endpoint(options, console), ALIVE)
    from .doctor_all import candidates_of

    return alive_lines(candidates_of(options, console))


def run(options: argparse.Namespace, console: Console) -> int:
    from ..doctor import examine
    from ..net.blocking import BlockingDriver
    from ..net.blocking import run as drive

    if options.all:
        from .doctor_all import run_all

        return run_all(options, console)
    endpoint = find_endpoint(options, console)
    layers = drive(examine(endpoint, BlockingDriver(), timeout=options.timeout, environ=console.environ))
    if options.json:
        console.print(json.dumps(document(endpoint, layers), indent=2))
    else:
        console.print(f"{console.paint(printable(endpoint.url), 'bold')} from {printable(endpoint.origin)}")
        for note in endpoint.notes:
            console.print(f"  note: {printable(note)}")
        for layer in layers:
            _print_layer(layer, console)
    return ExitCode.OK if all(layer.state is State.OK for layer in layers) else ExitCode.BROKEN


def document(endpoint: Endpoint, layers: list[Layer]) -> dict[str, Any]:
    """The examination as JSON for machines."""
    return {
        "endpoint": endpoint.url,
        "origin": endpoint.origin,
        "notes": endpoint.notes,
        "layers": [layer.record() for layer in layers],
    }


def _print_layer(layer: Layer, console: Console) -> None:
    took = "" if layer.milliseconds is None else f"{layer.milliseconds:.1f} ms"
    state = console.paint(f"{layer.state.value:<11}", _COLOURS[layer.state])
    width = console.width if console.out_is_terminal else 10_000  # in a pipe a layer is a line
    indent = 34 if width >= 80 else 4  # with little room beside it, the detail goes below
    first, *more = _wrapped(layer.detail, width - indent) or [""]
    if indent == 4:
        first, more = "", [first, *more] if first else []
    console.print(f"  {layer.name:<8} {state} {took:>10}  {first}".rstrip())
    for line in more:
        console.print(f"{'':{indent}}{line}")
    texts = [("unsafe:", warning) for warning in layer.warnings]
    if layer.state is State.BROKEN:
        texts += [("cause:", layer.cause), ("remedy:", layer.remedy)]
    print_texts(texts, console, indent=4)


def print_texts(texts: Iterable[tuple[str, str]], console: Console, indent: int) -> None:
    """Lines such as "cause:  …", wrapped on a terminal; in a pipe a text is a line."""
    width = console.width if console.out_is_terminal else 10_000
    for name, text in texts:
        for number, line in enumerate(_wrapped(text, width - indent - 8)):
            console.print(f"{'':{indent}}{name if number == 0 else '':<8}{line}")


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(printable(text), max(20, width), break_on_hyphens=False, break_long_words=False)
