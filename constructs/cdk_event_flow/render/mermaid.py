"""A flow as Mermaid text, for pull requests and wikis that draw it themselves."""

from cdk_event_flow.flow import Flow
from cdk_event_flow.render.graph import Link, Vertex, graph_of
from cdk_event_flow.render.text import printable

# Each kind's shape, so that kinds differ without colours; every label begins with the kind's word all the same.
_SHAPES = {
    "bus": ("[[", "]]"),
    "rule": ("{{", "}}"),
    "topic": (">", "]"),
    "filter": ("([", "])"),
    "queue": ("[(", ")]"),
    "dead letters": ("[(", ")]"),
    "function": ("[", "]"),
    "schedule": ("((", "))"),
    "pipe": ("[/", "/]"),
    "archive": ("[(", ")]"),
    "bucket": ("[(", ")]"),
    "table": ("[(", ")]"),
    "stream": ("[[", "]]"),
    "api": ("[/", "/]"),
    "client": ("([", "])"),
    "service": ("[", "]"),
}
_LINES = {"delivers": "-->", "calls": "-. calls .->", "publishes": "-. publishes .->", "dead letters": "-. dead letters .->"}


def mermaid(flow: Flow, *, dead_letters: bool = False) -> str:
    """A left-to-right Mermaid flowchart; the same graph as the picture's. Raises TemplateError (EF-DIAGRAM-EMPTY)."""
    graph = graph_of(flow, dead_letters=dead_letters)
    names = {vertex.id: f"n{number}" for number, vertex in enumerate(graph.vertices)}
    lines = [f"  {names[vertex.id]}{_node(vertex)}" for vertex in graph.vertices]
    lines += [_edge(link, names) for link in graph.links]
    return "\n".join(["flowchart LR", *lines]) + "\n"


def _node(vertex: Vertex) -> str:
    opening, closing = _SHAPES[vertex.kind]
    where = "/".join(filter(None, (vertex.scope, vertex.name)))
    kind = " · ".join(filter(None, (vertex.kind, vertex.remark)))
    rows = [escaped(row) for row in (where, kind, *vertex.lines, vertex.mark) if row]
    return f'{opening}"{"<br/>".join(rows)}"{closing}'


def _edge(link: Link, names: dict[str, str]) -> str:
    return f"  {names[link.source]} {_LINES[link.kind]} {names[link.target]}"


def escaped(words: str) -> str:
    """Mermaid reads character codes between # and ;, and Markdown between backticks: all but plain signs become codes."""
    return "".join(char if char.isalnum() or char in " _-./:,·|=()?*+→≤≥≠" else f"#{ord(char)};" for char in printable(words))
