"""Which functions put events on which buses, topics and queues, as far as a template tells."""

from collections.abc import Iterator, Mapping

from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Bus, EventSourceMapping, Function, Queue, Topic
from cdk_event_flow.flow.readers.resource import several
from cdk_event_flow.flow.ways import handed_on

# What lets publish: the action, or all of its service.
_ACTIONS = {
    Bus: ("events:putevents", "events:*"),
    Topic: ("sns:publish", "sns:*"),
    Queue: ("sqs:sendmessage", "sqs:*"),
}


def publishers(flow: Flow) -> Iterator[tuple[Function, Bus | Topic | Queue, str]]:
    """(function, what it publishes to, how the template tells), each pair once.

    Told by its environment, where a variable is the receiver's name, ARN or URL, or by its role, where a policy allows it
    for that ARN. A queue that the function consumes is not published to for being named, and a statement for `*` or
    for a pattern of ARNs names nobody. Dead letters and destinations of its asynchronous invokes are Lambda's to send.
    """
    receivers: list[Bus | Topic | Queue] = [*flow.of(Bus), *flow.of(Topic), *flow.of(Queue)]
    called: dict[str, list[Bus | Topic | Queue]] = {}
    for receiver in receivers:
        names = {receiver.arn, *({receiver.name} if receiver.name != "default" else ())}
        for name in names | ({receiver.url} if isinstance(receiver, Queue) else set()):
            called.setdefault(name, []).append(receiver)
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
        told = handed_on(flow, function)
        for action, arn in allowed(flow, function.role_arn):
            found = flow.nodes.get(arn)
            if isinstance(found, Bus | Topic | Queue) and arn not in seen | told and action in _ACTIONS[type(found)]:
                seen.add(arn)
                yield function, found, "its role allows it"


def allowed(flow: Flow, role_arn: str) -> Iterator[tuple[str, str]]:
    """The (action in small letters, ARN) pairs that the policies of a role allow, as they are written."""
    for statement in flow.policies.of_role(role_arn):
        body = statement.body
        if isinstance(body, Mapping) and body.get("Effect") == "Allow":
            for action in several(body.get("Action")):
                for resource in several(body.get("Resource")):
                    yield str(action).lower(), str(resource)
