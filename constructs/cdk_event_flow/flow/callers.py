"""Which functions call which, as far as a template tells."""

from collections.abc import Iterator

from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Function
from cdk_event_flow.flow.publishers import allowed
from cdk_event_flow.flow.ways import handed_on

_ACTIONS = ("lambda:invokefunction", "lambda:*")


def callers(flow: Flow) -> Iterator[tuple[Function, Function, str]]:
    """(function, the one that it calls, how the template tells), each pair once.

    Told by its environment, where a variable is the ARN of the other or of an alias of it, or by its role, where a policy
    lets it invoke that ARN. Destinations of its asynchronous invokes are Lambda's to call.
    """
    for function in flow.of(Function):
        told = {each.arn for arn in handed_on(flow, function) if (each := flow.function(arn))}
        seen = {function.arn, *told}
        named = [(value, f"its variable {variable} names it") for variable, value in function.environment.items()]
        permitted = [(arn, "its role allows it") for action, arn in allowed(flow, function.role_arn) if action in _ACTIONS]
        for arn, how in (*named, *permitted):
            called = flow.function(arn)
            if called is not None and called.arn not in seen:
                seen.add(called.arn)
                yield function, called, how
