"""The last stop of a delivery: a dead-letter queue, or a destination."""

from collections.abc import Awaitable

from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.post import Parcel, RefusedError
from cdk_event_flow.local.queues import LocalQueue
from cdk_event_flow.local.trace import Delivery, State, Trace


def lay_down(hub: Hub, arn: str, parcel: Parcel, origin: Delivery, *, via: str) -> None:
    """Put what became of `origin` at `arn`.

    In a queue that nothing here consumes it stays, and `origin` has ended with it; anywhere else it goes on as a child.
    A refusal is traced as a dropped child, never raised.
    """
    receiver = hub.post.find(arn)
    child: Delivery | None = None
    try:
        if isinstance(receiver, LocalQueue) and not receiver.consumed:
            receiver.keep(parcel, origin)
            return
        child = _child(hub, arn, parcel, origin, via)
        if (taking := hub.post.deliver(arn, parcel, child)) is not None:
            hub.clock.spawn(_await(hub, taking, child))
    except RefusedError as refusal:
        child = child or _child(hub, arn, parcel, origin, via)
        hub.trace.end(child, State.DROPPED, f"{refusal.code}: {refusal.message}")


async def _await(hub: Hub, taking: Awaitable[None], child: Delivery) -> None:
    try:
        await taking
    except RefusedError as refusal:
        hub.trace.end(child, State.DROPPED, f"{refusal.code}: {refusal.message}")


def _child(hub: Hub, arn: str, parcel: Parcel, origin: Delivery, via: str) -> Delivery:
    kind, name = hub.post.kind_and_name(arn)
    return hub.trace.child(origin, kind, arn, name, parcel.body, via=via)


def processed(trace: Trace, delivery: Delivery) -> None:
    """It is over, or was handed on by a pipe: then its children carry on."""
    if delivery.children:
        trace.forward(delivery)
    else:
        trace.end(delivery, State.PROCESSED)
