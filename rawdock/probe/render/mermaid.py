"""The picture as a Mermaid flowchart, which GitHub and GitLab draw. Source: mermaid.js.org/syntax/flowchart.html."""

from __future__ import annotations

import re

from ..record import Result
from .picture import CLIENT_NODE, HOST_NODE, Picture, Tone, container_node, from_client, network_node, picture

_COLOURS = {Tone.GOOD: "#1a7f37", Tone.DOUBTFUL: "#b35900", Tone.BAD: "#c9252d", Tone.CUT: "#6e7781"}


def render(result: Result) -> str:
    drawn = picture(result, from_client(result))
    names = _names(drawn)
    lines = [
        "flowchart LR",
        f"  {names[CLIENT_NODE]}[{_quoted('this machine')}]",
        f"  subgraph vm[{_quoted(drawn.host)}]",
    ]
    if any(HOST_NODE in (edge.source, edge.end) for edge in drawn.edges):
        lines.append(f"    {names[HOST_NODE]}[{_quoted(drawn.host)}]")
    lines += [f"    {names[port.node]}({_quoted(f':{port.number}')})" for port in drawn.ports]
    lines += [f"    {names[network_node(network)]}[[{_quoted(network)}]]" for network in drawn.networks]
    for container in drawn.containers:
        text = "<br>".join(map(_escaped, (container.name, *container.addresses)))
        lines.append(f'    {names[container_node(container.name)]}["{text}"]')
    for container in drawn.containers:
        name = names[container_node(container.name)]
        hangs = [names[network_node(end.network)] for end in container.attachments]
        lines += [f"    {network} --- {name}" for network in hangs]
    lines += [f"    {names[port.node]} --- {names[container_node(port.container)]}" for port in drawn.ports]
    lines.append("  end")
    first = sum(" --- " in line for line in lines)
    for edge in drawn.edges:
        arrow = "-.->" if edge.tone is Tone.CUT or not edge.measured else "-->"
        lines.append(f"  {names[edge.source]} {arrow}|{_quoted(edge.label)}| {names[edge.end]}")
    for number, edge in enumerate(drawn.edges, first):
        width = ",stroke-width:5px" * edge.differs
        lines.append(f"  linkStyle {number} stroke:{_COLOURS[edge.tone]},color:{_COLOURS[edge.tone]}{width}")
    return "\n".join([*lines, ""])


def _names(drawn: Picture) -> dict[str, str]:
    """Names without a meaning, since Mermaid reads some words (end, graph) as its own."""
    nodes = [CLIENT_NODE, HOST_NODE, *(port.node for port in drawn.ports)]
    nodes += [*map(network_node, drawn.networks), *(container_node(each.name) for each in drawn.containers)]
    ends = [end for edge in drawn.edges for end in (edge.source, edge.end)]
    return {node: f"n{number}" for number, node in enumerate(dict.fromkeys([*nodes, *ends]))}


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """As entities, which Mermaid writes #NUMBER;."""
    return re.sub(r"[^\w .,:()/\[\]-]|[\x00-\x1f]", lambda found: f"#{ord(found[0])};", text)
