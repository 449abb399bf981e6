"""Which functions put events on which buses, topics and queues, as far as a template tells."""

from collections.abc import Iterator, Mapping
from typing import Any

from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Bus, EventSourceMapping, Function, Other, Queue, Topic

_ACTIONS = {Bus: "events:putevents", Topic: "sns:publish", Queue: "sqs:sendmessage"}


def publishers(flow: Flow) -> Iterator[tuple[Function, Bus | Topic | Queue, str]]:
    """(function, what it publishes to, how the template tells), each pair once.

    Told by its environment, where a variable is the receiver's name, ARN or URL, or by its role, where a policy allows it
    for that ARN. A queue that the function consumes is not published to for being named, and a statement for `*` or
    for a pattern of ARNs names nobody.
    """
    receivers: list[Bus | Topic | Queue] = [*flow.of(Bus), *flow.of(Topic), *flow.of(Queue)]
    called: dict[str, list[Bus | Topic | Queue]] = {}
    for receiver in receivers:
        names = {receiver.arn, *({receiver.name} if receiver.name != "default" else ())}
        for name in names | ({receiver.url} if isinstance(receiver, Queue) else set()):
            called.setdefault(name, []).append(receiver)
    allowed = _allowed(flow)
    consumed = {
        (each.source_arn, function.arn) for each in flow.of(EventSourceMapping) if (function := flow.function(each.function_arn))
    }
    for function in flow.of(Function):
        seen: set[str] = set()
        for variable, value in function.environment.items():
            for receiver in called.get(value, ()):
                if receiver.arn not in seen and (receiver.arn, function.arn) not in consumed:
                    seen.add(receiver.arn)
                    yield function, receiver, f"its variable {variable} names it"
        for action, arn in allowed.get(function.role_arn, ()):
            found = flow.nodes.get(arn)
            if isinstance(found, Bus | Topic | Queue) and arn not in seen and action in _actions(found):
                seen.add(arn)
                yield function, found, "its role allows it"


def _actions(receiver: Bus | Topic | Queue) -> tuple[str, str]:
    """What lets publish to it: the action, or all of its service."""
    action = _ACTIONS[type(receiver)]
    return action, action.partition(":")[0] + ":*"


def _allowed(flow: Flow) -> dict[str, list[tuple[str, str]]]:
    """Of each role, the (action in small letters, ARN) pairs that its policies in the templates allow."""
    allowed: dict[str, list[tuple[str, str]]] = {}
    for node in flow.of(Other):
        properties = node.properties
        if node.type == "AWS::IAM::Role":
            documents = [each.get("PolicyDocument") for each in _list(properties.get("Policies")) if isinstance(each, dict)]
            roles = [node.arn]
        elif node.type in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            documents = [properties.get("PolicyDocument")]
            roles = [f"arn:aws:iam::{flow.account}:role/{name}" for name in _list(properties.get("Roles"))]
        else:
            continue
        pairs = [pair for document in documents for pair in _pairs(document)]
        for role in roles:
            allowed.setdefault(role, []).extend(pairs)
    return allowed


def _pairs(document: Any) -> Iterator[tuple[str, str]]:
    statements = _list(document.get("Statement")) if isinstance(document, Mapping) else []
    for statement in statements:
        if isinstance(statement, dict) and statement.get("Effect") == "Allow":
            for action in _list(statement.get("Action")):
                for resource in _list(statement.get("Resource")):
                    yield str(action).lower(), str(resource)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
