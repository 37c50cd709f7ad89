"""The picture as SVG: the client on the left, the daemon's host as a box with published ports on its edge, networks as bars,
containers hung on them. It reads in light and dark, and an edge's sentence is its title.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..inventory import Container
from ..record import Result
from .picture import (
    CLIENT_NODE,
    HOST_NODE,
    Edge,
    Picture,
    Tone,
    container_node,
    from_client,
    network_node,
    picture,
)
from .xml_text import escaped

STYLE = """
.drawing { color-scheme: light dark; --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --box: #f6f8fa; --line: #c4ccd4;
  --good: #1a7f37; --doubtful: #a04c00; --bad: #c9252d; --cut: #6e7781; background: var(--paper);
  font: 13px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { .drawing { --paper: #0d1117; --ink: #e6edf3; --soft: #9198a1; --box: #161b22;
  --line: #3d444d; --good: #3fb950; --doubtful: #e3963e; --bad: #ff7b72; --cut: #8b949e; } }
.drawing text { fill: var(--ink); }
.drawing text.soft { fill: var(--soft); font-size: 11px; }
.drawing .box { fill: var(--box); stroke: var(--line); }
.drawing .host { fill: none; stroke: var(--soft); }
.drawing .port { fill: var(--paper); stroke: var(--soft); }
.drawing .bar { fill: var(--soft); }
.drawing .hang { stroke: var(--line); stroke-width: 2; fill: none; }
.edge path.seen { fill: none; stroke-width: 2; stroke: var(--tone); }
.edge path.grip { fill: none; stroke: transparent; stroke-width: 9; }
.edge path.tip { fill: var(--tone); }
.edge.good { --tone: var(--good); } .edge.doubtful { --tone: var(--doubtful); }
.edge.bad { --tone: var(--bad); } .edge.cut { --tone: var(--cut); }
.edge.doubtful path.seen { stroke-dasharray: 9 3; } .edge.bad path.seen { stroke-dasharray: 5 3; }
.edge.cut path.seen { stroke-dasharray: 2 4; }
.edge.inferred path.seen { stroke-width: 1.2; }
.edge.differs path.seen { stroke-width: 5; }
.edge text { fill: var(--tone); font-size: 11px; paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }
.edge:hover path.seen, .edge:focus path.seen { stroke-width: 7; }
.edge:focus { outline: none; }
.crowded .edge text { display: none; }
.crowded .edge:hover text, .crowded .edge:focus text { display: inline; }
"""
_CLIENT_X, _CLIENT_W, _HOST_X, _PORT_W, _BARS_X, _BAR_STEP = 16, 130, 490, 64, 600, 34
_BOX_W, _ROW, _TOP = 200, 62, 84


@dataclass
class _Layout:
    """Where things are, in pixels. `left`, `right`: the points of a node at which an edge ends or starts."""

    left: dict[str, tuple[float, float]] = field(default_factory=dict)
    right: dict[str, tuple[float, float]] = field(default_factory=dict)
    width: float = 0
    height: float = 0


def render(result: Result) -> str:
    drawn = picture(result, from_client(result))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{drawing(drawn, style=STYLE)}\n'


def drawing(drawn: Picture, style: str = "", crowded: bool = False) -> str:
    """The svg element. `crowded`: lines show their words only below the pointer or under focus. Each edge is a group of the
    class edge with its vantage and verdict in data attributes."""
    parts: list[str] = []
    place = _Layout()
    order = sorted(drawn.containers, key=lambda each: (sorted(end.network for end in each.attachments), each.name))
    tops: dict[str, float] = {}
    rows: dict[str, float] = {}
    y = float(_TOP)
    for container in order:
        own = [port for port in drawn.ports if port.container == container.name]
        tops[container.name], rows[container.name] = y, max(_ROW, 34 * len(own) + 14)
        y += rows[container.name]
    boxes_x = _BARS_X + _BAR_STEP * len(drawn.networks) + 16
    place.width, place.height = boxes_x + _BOX_W + 300, y + 16
    host_w = boxes_x + _BOX_W + 90 - _HOST_X
    parts.append(f'<rect class="host" x="{_HOST_X}" y="34" width="{host_w}" height="{y - 26}" rx="8"/>')
    parts.append(_text(_HOST_X + 12, 54, drawn.host))
    place.left[HOST_NODE] = place.right[HOST_NODE] = (_HOST_X, 48)
    boxes = list(_client(place, (_TOP + y) / 2 - 24))
    for container in order:
        top, row = tops[container.name], rows[container.name]
        parts += _hangs(container, drawn, boxes_x, top, row)
        boxes += _container(container, drawn, boxes_x, top, row, place)
    parts += _bars(drawn, order, tops, rows, place)
    parts += _edges(drawn, place)
    parts += boxes  # last, so that no line runs through a word
    size = f'width="{place.width:.0f}" height="{place.height:.0f}" viewBox="0 0 {place.width:.0f} {place.height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="drawing{" crowded" * crowded}" {size}>'
    title = f"<title>{escaped(drawn.title)}</title>"
    return "\n".join([head, title, *([f"<style>{style}</style>"] if style else []), *parts, "</svg>"])


def _client(place: _Layout, y: float) -> Iterator[str]:
    yield f'<rect class="box" x="{_CLIENT_X}" y="{y}" width="{_CLIENT_W}" height="48" rx="6"/>'
    yield _text(_CLIENT_X + 12, y + 29, "this machine")
    place.left[CLIENT_NODE] = place.right[CLIENT_NODE] = (_CLIENT_X + _CLIENT_W, y + 24)


def _bars(
    drawn: Picture, order: list[Container], tops: dict[str, float], rows: dict[str, float], place: _Layout
) -> Iterator[str]:
    for number, network in enumerate(drawn.networks):
        x = _BARS_X + number * _BAR_STEP
        on_it = [container.name for container in order if container.on(network)]
        first, last = tops[on_it[0]] - 4, tops[on_it[-1]] + rows[on_it[-1]] - 8
        yield f'<rect class="bar" x="{x}" y="{first}" width="8" height="{last - first}" rx="4"/>'
        yield _text(x - 4, first - 5, network, "soft")
        place.left[network_node(network)] = place.right[network_node(network)] = (x, first + 8)


def _hangs(container: Container, drawn: Picture, x: float, top: float, row: float) -> Iterator[str]:
    """The lines by which a container hangs on its networks and its ports on it."""
    middle = top + (row - 10) / 2
    for end in container.attachments:
        bar = _BARS_X + drawn.networks.index(end.network) * _BAR_STEP + 8
        yield f'<path class="hang" d="M{bar} {middle} H{x}"/>'
    own = [port for port in drawn.ports if port.container == container.name]
    for number in range(len(own)):
        y = middle + 34 * (number - (len(own) - 1) / 2)
        yield f'<path class="hang" stroke-dasharray="1 4" d="M{_HOST_X + _PORT_W / 2} {y} L{x} {middle}"/>'


def _container(container: Container, drawn: Picture, x: float, top: float, row: float, place: _Layout) -> Iterator[str]:
    middle = top + (row - 10) / 2
    own = [port for port in drawn.ports if port.container == container.name]
    for number, port in enumerate(own):
        y = middle + 34 * (number - (len(own) - 1) / 2)
        edge = _HOST_X - _PORT_W / 2
        yield f'<rect class="port" x="{edge}" y="{y - 13}" width="{_PORT_W}" height="26" rx="13"/>'
        yield _text(_HOST_X, y + 4.5, f":{port.number}", anchor="middle")
        place.left[port.node], place.right[port.node] = (edge, y), (edge + _PORT_W, y)
    yield f'<rect class="box" x="{x}" y="{top}" width="{_BOX_W}" height="{row - 14}" rx="6"/>'
    state = "" if container.state == "running" else f" ({container.state})"
    yield _text(x + 12, middle - 4, _short(container.name, 25) + state)
    yield _text(x + 12, middle + 13, _short(" ".join(container.addresses), 32), "soft")
    node = container_node(container.name)
    place.left[node], place.right[node] = (x, middle), (x + _BOX_W, middle)


def _edges(drawn: Picture, place: _Layout) -> Iterator[str]:
    counts: dict[tuple[str, str], int] = {}
    # What was cut off lies below, and carries no words: there is much of it.
    for edge in sorted(drawn.edges, key=lambda edge: edge.tone is not Tone.CUT):
        number = counts.get((edge.source, edge.end), 0)
        counts[edge.source, edge.end] = number + 1
        yield _edge(edge, number, place)


def _edge(edge: Edge, number: int, place: _Layout) -> str:
    """A curve: from outside into a left side, between containers around their right side."""
    from_container = edge.source.startswith("container:")
    shift = 9 * number
    if from_container and edge.end.startswith("container:"):
        (x, y), (to_x, to_y) = place.right[edge.source], place.right[edge.end]
        bend = min(30 + abs(to_y - y) / 3, 130) + shift
        path = f"M{x} {y + 6} C{x + bend} {y + 6} {to_x + bend} {to_y - 6} {to_x} {to_y - 6}"
        at, tip = (x + bend * 0.75 + 4, (y + to_y) / 2), f"M{to_x} {to_y - 6} l9 -4.5 v9 z"
    elif from_container:
        (x, y), (to_x, to_y) = place.left[edge.source], place.right[edge.end]
        path = f"M{x} {y + shift} C{x - 60} {y + shift} {to_x + 60} {to_y + shift} {to_x} {to_y + shift}"
        at, tip = (to_x + 12, to_y - 5 + shift), f"M{to_x} {to_y + shift} l9 -4.5 v9 z"
    else:
        (x, y), (to_x, to_y) = place.right[edge.source], place.left[edge.end]
        to_y += shift - (4.5 if number else 0)
        path = f"M{x} {y} C{(x + to_x) / 2} {y + 3 * shift} {(x + to_x) / 2 - 20} {to_y} {to_x} {to_y}"
        at, tip = (to_x - 13, to_y - 5 + shift * 2), f"M{to_x} {to_y} l-9 -4.5 v9 z"
    words = f"{edge.tone.value}{'' if edge.measured else ' inferred'}{' differs' * edge.differs}"
    told = escaped(edge.story)
    data = f'data-vantage="{escaped(edge.vantage.label)}" data-verdict="{edge.verdict.value}"'
    seen = f'<path class="grip" d="{path}"/><path class="seen" d="{path}"/><path class="tip" d="{tip}"/>'
    said = edge.verdict.value if edge.end.startswith("port:") and from_container else _short(edge.label, 46)
    label = "" if edge.tone is Tone.CUT else _text(*at, said, anchor="" if from_container else "end")
    return (
        f'<g class="edge {words}" tabindex="0" role="img" aria-label="{told}" {data}>'
        f"<title>{told}</title>{seen}{label}</g>"
    )


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "") -> str:
    said = f' class="{kind}"' if kind else ""
    side = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x}" y="{y}"{said}{side}>{escaped(text)}</text>'


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
