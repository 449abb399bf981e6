"""StartMessageMoveTask: messages of a dead-letter queue go back where they came from, or elsewhere."""

from cdk_event_flow.local.messages import Message, Place
from cdk_event_flow.local.post import Parcel, Post, RefusedError
from cdk_event_flow.local.queues import LocalQueue
from cdk_event_flow.local.trace import Trace


def move_messages(queue: LocalQueue, destination_arn: str | None, *, post: Post, trace: Trace) -> int:
    """Move every visible message; returns how many. Each is a new message at its destination, as in SQS.

    Without `destination_arn` a message goes to the queue it was dead-lettered from. Raises RefusedError.
    """
    moved = 0
    for message in [m for m in queue if m.place is Place.VISIBLE]:
        target = post.find(destination_arn or message.source_arn)
        if not isinstance(target, LocalQueue):
            raise RefusedError("ResourceNotFoundException", "The message has no source queue in this run to go back to.", retry=False)
        _move(queue, message, target, trace)
        moved += 1
    return moved


def _move(queue: LocalQueue, message: Message, target: LocalQueue, trace: Trace) -> None:
    origin = message.origin
    kind, arn, name = target.kind, target.node.arn, target.name
    if message.delivery is not None:
        delivery = trace.child(message.delivery, kind, arn, name, message.body, via="redrive")
        trace.forward(message.delivery)
    elif origin is not None:
        trace.redrive(origin)
        delivery = trace.child(origin, kind, arn, name, message.body, via="redrive")
    else:
        delivery = trace.begin(kind, arn, name, message.body, origin="redrive")
    queue.withdraw(message)
    parcel = Parcel(
        body=message.body,
        attributes=message.attributes,
        group_id=message.group_id,
        # A new id: the first one may still be inside the five minutes in which it counts as a duplicate.
        deduplication_id=f"{message.id}-redriven" if message.deduplication_id else None,
        trace_header=message.trace_header,
    )
    target.send(parcel, delivery, delay=0)
