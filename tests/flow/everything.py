"""All that is read of the template with every type, found in it and sent through it, as text.

`python -m tests.flow.everything` writes it again into everything.txt: look at what changed before it is committed.
"""

import dataclasses
import json
from pathlib import Path

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.access import access
from cdk_event_flow.flow.dead_letters import dead_letters_of, hidden
from cdk_event_flow.flow.publishers import publishers

from .every_type import EVENTS, TEMPLATE

FILE = Path(__file__).parent / "everything.txt"


def text(value):
    """A value on one line, sets and mappings in one order."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {text(each)}" for key, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(text, value)) + "]"
        case set() | frozenset():
            return text(sorted(value))
        case str() if value.isprintable():
            return value or "''"
    if dataclasses.is_dataclass(value):
        given = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        default = {each.name: each.default for each in dataclasses.fields(value)}
        return text({name: each for name, each in given.items() if each not in (default[name], (), {}, "", None)})
    return json.dumps(value, default=str)


def read(flow):
    """Each node with what is not as by default; the properties of CloudFormation are left out."""
    for arn, node in sorted(flow.nodes.items()):
        yield f"{type(node).__name__} {arn}"
        for each in dataclasses.fields(node):
            value = getattr(node, each.name)
            if each.name not in ("properties", "arn", "document", "policy", "trust") and value not in (
                each.default,
                (),
                {},
                "",
                None,
            ):
                yield f"  {each.name}: {text(value)}"


def sent(flow):
    """Each delivery of an event sent to each node that takes one."""
    for name, event in EVENTS.items():
        yield f"to {name}: {text(event)}"
        yield from _deliveries(flow.send(name, event).root.next, 1)


def _deliveries(several, depth):
    for each in several:
        yield f"{'  ' * depth}{each.by.logical_id} → {each.receiver.logical_id}"
        for title, values in (("not, for", each.reasons), ("if", each.doubts)):
            yield from (f"{'  ' * depth}  {title} {value}" for value in values)
        yield f"{'  ' * depth}  gets {text(each.payload)}"
        if each.attributes:
            yield f"{'  ' * depth}  attributes {text(each.attributes)}"
        yield from _deliveries(each.next, depth + 1)


def said(flow):
    """What is found, who may do what, who publishes, and where dead letters go."""
    yield from (f"{each.id} {each.path}: {each.what} {each.fix}" for each in flow.check())
    yield from (f"may: {text(each)}" for each in access(flow))
    yield from (f"publishes: {function.path} to {receiver.path}, {why}" for function, receiver, why in publishers(flow))
    yield from (f"dead letters: {text(each)}" for each in dead_letters_of(flow))
    yield f"hidden: {text(hidden(flow))}"


def lines():
    """All of it."""
    flow = Flow.from_template(TEMPLATE)
    return ["# read", *read(flow), "", "# said", *said(flow), "", "# sent", *sent(flow)]


if __name__ == "__main__":
    FILE.write_text("\n".join(lines()) + "\n", "utf-8")
