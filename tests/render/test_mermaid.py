"""Mermaid text: every node declared once, every edge between declared nodes, and no name that breaks out."""

import re

from cdk_event_flow.render import mermaid
from tests.render.templates import Template

NODE = re.compile(r'  (n\d+)\W+"([^"]*)"\W+')
EDGE = re.compile(r"  (n\d+) (-->|-\. publishes \.->|-\. dead letters \.->) (n\d+)")


def test_the_reference_app_as_text(flow):
    first, *lines = mermaid(flow).splitlines()
    assert first == "flowchart LR"
    nodes = [found for line in lines if (found := NODE.fullmatch(line))]
    edges = [found for line in lines if (found := EDGE.fullmatch(line))]
    assert len(nodes) + len(edges) == len(lines)
    names = {found[1]: found[2].partition("<br/>")[0] for found in nodes}
    assert len(names) == len(nodes)
    assert ("Packing", "-. publishes .->", "Orders") in {(names[found[1]], found[2], names[found[3]]) for found in edges}


def test_dead_letters_are_drawn_when_asked_for(flow):
    assert "Undelivered" not in mermaid(flow)
    assert "-. dead letters .->" in mermaid(flow, dead_letters=True)


def test_names_cannot_break_out_of_their_labels():
    template = Template()
    template.bus("Orders")
    template.rule("R", "Orders", {"source": ['"]; click n0 "x" `<b>#quot;\n%%']}, template.queue("Q"))
    lines = mermaid(template.flow()).splitlines()[1:]
    assert all(NODE.fullmatch(line) or EDGE.fullmatch(line) for line in lines)
    assert not any(re.search(r"`|<b>|%%", line) for line in lines)
