"""What `flow.send` and the local run say of the same thing sent into the same topology."""

import base64
import json
from collections import Counter

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Bus, Function, Queue, Rule, Schedule, Table, Topic
from cdk_event_flow.flow.sources import Bucket, Stream
from tests.local import world as w

# What is made up anew for each delivery, or stands in one and not in the other by nature; `responsePayload` is what a
# handler answers, which no template tells.
VOLATILE = {
    *("id", "time", "messageId", "receiptHandle", "md5OfBody", "attributes", "messageAttributes"),
    *("MessageId", "Timestamp", "Signature", "SignatureVersion", "SigningCertURL", "UnsubscribeURL"),
    *("SigningCertUrl", "UnsubscribeUrl", "MessageAttributes", "Subject", "at"),
    *("timestamp", "requestId", "executedVersion", "responsePayload"),
    *("eventTime", "x-amz-request-id", "sequencer", "request-id", "eTag", "etag", "size"),
    *("partitionKey", "sequenceNumber", "approximateArrivalTimestamp", "eventID", "SequenceNumber", "ApproximateCreationDateTime"),
}
DEDUPLICATION_IS_OVER = 301


def flow_of(template):
    """The flow of a topology, in the account of the local tests."""
    return Flow.from_template(template, stack="Shop", account=w.ACCOUNT, region=w.REGION)


def starts(flow):
    """Where something can be sent in, or goes off by itself."""
    sources = Bus | Topic | Queue | Function | Schedule | Stream | Table | Bucket
    own = [node for node in flow.nodes.values() if isinstance(node, sources)]
    return [*own, *(rule for rule in flow.of(Rule) if rule.schedule)]


def predicted(flow, start, given):
    """(receiver, payload) of every queue and function, as the flow says."""
    sent = flow.send(start.arn, given)
    ends = [sent.root] if isinstance(start, Function) else []
    ends += [each for each in sent.deliveries if isinstance(each.receiver, Queue | Function)]
    return Counter((each.receiver.name, _shape(each.payload)) for each in ends)


async def observed(flow, sendings):
    """The same as the local run did it, one (start, what is sent) after the other."""
    found = []
    async with w.engine(*flow.nodes.values()) as engine:
        arrived = _arrivals(engine)
        for start, given in sendings:
            engine.invoker.calls.clear()
            if _sent(engine, start, given):
                await engine.settle()
            if isinstance(start, Queue):
                del arrived[0]
            found.append(Counter((name, _shape(payload)) for name, payload in [*arrived, *engine.invoker.calls]))
            arrived.clear()
            await engine.hub.clock.advance(DEDUPLICATION_IS_OVER)
    return found


def _arrivals(engine):
    """The list that gets (name, body) of each message which a queue takes in; a duplicate is not taken in."""
    arrived = []

    def recording(queue, put):
        def recorded(message, wait):
            arrived.append((queue.name, message.body))
            put(message, wait)

        return recorded

    for queue in engine.queues:
        queue._put = recording(queue, queue._put)
    return arrived


def _sent(engine, start, given):
    """The root of what follows; None for what is switched off."""
    match start:
        case Bus():
            return w.put(engine, given, on=start.name)[0]
        case Schedule():
            return engine.schedules.fire_schedule(start, engine.hub.clock.now()) if start.enabled else None
        case Rule():
            return engine.schedules.fire_rule(start) if start.enabled else None
        case _:
            ordered = {"group_id": "a", "deduplication_id": "1"} if getattr(start, "fifo", False) else {}
            return w.send(engine, start, json.dumps(given), **ordered)


def _shape(payload):
    """A payload without what is made up for each delivery, as text."""
    return json.dumps(_stable(payload), sort_keys=True)


def _stable(value):
    if isinstance(value, str):
        try:
            parsed = json.loads(value)
        except ValueError:
            return value
        return value if isinstance(parsed, str) else _stable(parsed)
    if isinstance(value, dict):
        return {key: _stable(_decoded(inner) if key == "data" else inner) for key, inner in value.items() if key not in VOLATILE}
    return [_stable(inner) for inner in value] if isinstance(value, list) else value


def _decoded(data):
    """The data of a Kinesis record; what is no base64 stays."""
    try:
        return base64.b64decode(data, validate=True).decode()
    except (TypeError, ValueError):
        return data
