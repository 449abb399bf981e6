"""What changes from one flow to another, as Mermaid text for pull requests."""

from cdk_event_flow.flow.diff import Difference
from cdk_event_flow.render.mermaid import escaped

_LINES = {"added": "==", "removed": "-.", "changed": "--"}
_ENDS = {"added": "==>", "removed": ".->", "changed": "-->"}
_STYLES = {"added": "stroke:#1a7f37", "removed": "stroke:#cf222e", "changed": "stroke:#9a6700"}


def mermaid(difference: Difference) -> str:
    """A flowchart of the hops that changed: thick lines came, dotted ones went, thin ones changed; each says so in words too."""
    lines, styles = ["flowchart LR"], []
    ids: dict[str, str] = {}
    for number, hop in enumerate(difference.hops):
        ends = []
        for name in (hop.source, hop.target):
            known = name in ids
            ends.append(ids.setdefault(name, f"n{len(ids)}"))
            if not known:
                lines.append(f'  {ids[name]}["{escaped(name)}"]')
        by = f": {hop.by}" if hop.by not in (hop.source, hop.target) else ""
        label = escaped(f"{hop.kind}{by}")
        lines.append(f'  {ends[0]} {_LINES[hop.kind]} "{label}" {_ENDS[hop.kind]} {ends[1]}')
        styles.append(f"  linkStyle {number} {_STYLES[hop.kind]}")
    return "\n".join([*lines, *styles]) + "\n"
