"""The last stop of a delivery: a dead-letter queue, or a destination."""

from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.post import Parcel, RefusedError
from cdk_event_flow.local.queues import LocalQueue
from cdk_event_flow.local.trace import Delivery, State


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
        hub.post.deliver(arn, parcel, child)
    except RefusedError as refusal:
        child = child or _child(hub, arn, parcel, origin, via)
        hub.trace.end(child, State.DROPPED, f"{refusal.code}: {refusal.message}")


def _child(hub: Hub, arn: str, parcel: Parcel, origin: Delivery, via: str) -> Delivery:
    kind, name = hub.post.kind_and_name(arn)
    return hub.trace.child(origin, kind, arn, name, parcel.body, via=via)
