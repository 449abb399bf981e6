"""How each hop reshapes an event: what the next receiver sees. The local run delivers through the same functions."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cdk_event_flow.flow.model import InputTransformer, Target

DEFAULT_ID = "00000000-0000-4000-8000-000000000000"
DEFAULT_TIME = "2026-01-01T00:00:00Z"


def put_event(
    event: Mapping[str, Any], *, account: str, region: str, id: str = DEFAULT_ID, time: str = DEFAULT_TIME
) -> dict[str, Any]:
    """The whole event that a bus carries: from a `PutEvents` entry, or from an event that lacks parts of its envelope."""
    detail = event.get("detail", event.get("Detail", {}))
    return {
        "version": event.get("version", "0"),
        "id": event.get("id", id),
        "detail-type": event.get("detail-type", event.get("DetailType", "")),
        "source": event.get("source", event.get("Source", "")),
        "account": event.get("account", account),
        "time": event.get("time", event.get("Time", time)),
        "region": event.get("region", region),
        "resources": event.get("resources", event.get("Resources", [])),
        "detail": json.loads(detail) if isinstance(detail, str) else detail,
    }


def rule_target_payload(target: Target, event: Mapping[str, Any]) -> Any:
    """What a target receives: the event, its part at InputPath, the constant Input, or the filled template."""
    if target.input is not None:
        return _json_or_text(target.input)
    if target.input_path is not None:
        return at_path(event, target.input_path)
    if target.transformer is not None:
        return _transformed(target.transformer, event)
    return event


def at_path(event: Any, path: str) -> Any:
    """The value at a JSON path such as `$.detail.items[0]`; None where there is nothing."""
    for key, index in re.findall(r"\.([^.\[\]]+)|\[(\d+|'[^']+')\]", path):
        step = key or index.strip("'")
        if isinstance(event, list):
            event = event[int(step)] if step.isdigit() and int(step) < len(event) else None
        else:
            event = event.get(step) if isinstance(event, Mapping) else None
    return event


def _transformed(transformer: InputTransformer, event: Mapping[str, Any]) -> Any:
    """Fill `<name>`: inside quotes as bare text, elsewhere as JSON; absent values become empty or null."""
    values = {name: at_path(event, path) for name, path in transformer.paths.items()}
    values["aws.events.event.json"] = event
    values["aws.events.event"] = event

    def filled(found: re.Match[str]) -> str:
        if found[1] not in values:
            return found[0]
        value = values[found[1]]
        before = transformer.template[: found.start()]
        if len(re.findall(r'(?<!\\)"', before)) % 2:
            text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
            return json.dumps(text)[1:-1]
        return json.dumps(value)

    return _json_or_text(re.sub(r"<([^<>]+)>", filled, transformer.template))


def _json_or_text(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def sns_envelope(
    message: str,
    topic_arn: str,
    *,
    attributes: Mapping[str, Mapping[str, Any]] | None = None,
    id: str = DEFAULT_ID,
    time: str = DEFAULT_TIME,
    subject: str | None = None,
) -> dict[str, Any]:
    """What a subscription without raw delivery receives: the message is a string inside."""
    return {
        "Type": "Notification",
        "MessageId": id,
        "TopicArn": topic_arn,
        **({"Subject": subject} if subject else {}),
        "Message": message,
        "Timestamp": time,
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertURL": "EXAMPLE",
        "UnsubscribeURL": "EXAMPLE",
        **({"MessageAttributes": dict(attributes)} if attributes else {}),
    }


def sns_lambda_event(envelope: Mapping[str, Any], subscription_arn: str) -> dict[str, Any]:
    """What a function behind a topic receives."""
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription_arn}
    return {"Records": [{**record, "Sns": {**envelope, "MessageAttributes": envelope.get("MessageAttributes", {})}}]}


def sqs_record(body: str, queue_arn: str, *, id: str = DEFAULT_ID, receives: int = 1) -> dict[str, Any]:
    """One record as a function behind a queue receives it."""
    return {
        "messageId": id,
        "receiptHandle": id,
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(receives)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3] if queue_arn.count(":") >= 5 else "",
    }


def sqs_lambda_event(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a function behind a queue receives: a batch."""
    return {"Records": list(records)}


def as_text(payload: Any) -> str:
    """A payload as the body of a message."""
    return payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
