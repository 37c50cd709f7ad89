"""The picture for Graphviz. Source: graphviz.org/doc/info/lang.html; an edge's sentence is its tooltip in dot -Tsvg."""

from __future__ import annotations

import re

from ..record import Result
from .picture import CLIENT_NODE, HOST_NODE, Tone, container_node, from_client, network_node, picture

_COLOURS = {Tone.GOOD: "#1a7f37", Tone.DOUBTFUL: "#b35900", Tone.BAD: "#c9252d", Tone.CUT: "#6e7781"}


def render(result: Result) -> str:
    drawn = picture(result, from_client(result))
    lines = [
        "digraph rawdock {",
        f"  rankdir=LR; fontname=sans; label={_quoted(drawn.title)};",
        "  node [shape=box, fontname=sans]; edge [fontname=sans, fontsize=10];",
        f"  {_quoted(CLIENT_NODE)} [label={_quoted('this machine')}];",
        "  subgraph cluster_host {",
        f"    label={_quoted(drawn.host)};",
    ]
    if any(HOST_NODE in (edge.source, edge.end) for edge in drawn.edges):
        lines.append(f"    {_quoted(HOST_NODE)} [label={_quoted(drawn.host)}];")
    lines += [f"    {_quoted(port.node)} [label={_quoted(f':{port.number}')}, style=rounded];" for port in drawn.ports]
    lines += [
        f"    {_quoted(network_node(network))} [label={_quoted(network)}, style=filled];" for network in drawn.networks
    ]
    for container in drawn.containers:
        name, text = container_node(container.name), "\n".join((container.name, *container.addresses))
        lines.append(f"    {_quoted(name)} [label={_quoted(text)}];")
        hangs = [network_node(end.network) for end in container.attachments]
        lines += [f"    {_quoted(network)} -> {_quoted(name)} [dir=none, color=gray];" for network in hangs]
    for port in drawn.ports:
        lines.append(f"    {_quoted(port.node)} -> {_quoted(container_node(port.container))} [dir=none, color=gray];")
    lines.append("  }")
    for edge in drawn.edges:
        style = "dashed" if edge.tone is Tone.CUT else "solid" if edge.measured else "dotted"
        colour = f'color="{_COLOURS[edge.tone]}", fontcolor="{_COLOURS[edge.tone]}", style={style}'
        colour += ", penwidth=4" * edge.differs
        told = f"label={_quoted(edge.label)}, tooltip={_quoted(edge.story)}"
        lines.append(f"  {_quoted(edge.source)} -> {_quoted(edge.end)} [{told}, {colour}];")
    return "\n".join([*lines, "}", ""])


def _quoted(text: str) -> str:
    r"""A quoted ID. A backslash begins an escape in labels (\N is the node's name), so it is doubled."""
    line = re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", " ", text)
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
