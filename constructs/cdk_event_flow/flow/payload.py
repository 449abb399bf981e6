"""How each hop reshapes an event: what the next receiver sees. The local run delivers through the same functions."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cdk_event_flow.errors import EventError, Problem
from cdk_event_flow.flow.arns import place, url_suffix
from cdk_event_flow.flow.model import InputTransformer, Rule, Target

DEFAULT_ID = "00000000-0000-4000-8000-000000000000"
DEFAULT_TIME = "2026-01-01T00:00:00Z"
EPOCH_MS = 1767225600000  # the same


def put_event(
    event: Mapping[str, Any], *, account: str, region: str, id: str = DEFAULT_ID, time: str = DEFAULT_TIME
) -> dict[str, Any]:
    """The whole event that a bus carries: from a `PutEvents` entry, or from an event that lacks parts of its envelope.

    Raises EventError for what is no object, or whose detail is text that is no JSON.
    """
    if not isinstance(event, Mapping):
        raise EventError("the event", _no_event(f"{as_text(event)[:80]} was sent to a bus"))
    detail = event.get("detail", event.get("Detail", {}))
    if isinstance(detail, str):
        try:
            detail = json.loads(detail)
        except (ValueError, RecursionError):
            raise EventError("the event's detail", _no_event(f"{detail[:80]!r} is no JSON")) from None
    return {
        "version": event.get("version", "0"),
        "id": event.get("id", id),
        "detail-type": event.get("detail-type", event.get("DetailType", "")),
        "source": event.get("source", event.get("Source", "")),
        "account": event.get("account", account),
        "time": event.get("time", event.get("Time", time)),
        "region": event.get("region", region),
        "resources": event.get("resources", event.get("Resources", [])),
        "detail": detail,
    }


def _no_event(given: str) -> Problem:
    return Problem(code="EF-EVENT", given=given, allowed="a bus takes an event, an object with source, detail-type and detail",
                   fix='give {"source": "shop.orders", "detail-type": "OrderSubmitted", "detail": {…}}')  # fmt: skip


def rule_target_payload(target: Target, event: Mapping[str, Any], rule: Rule | None = None) -> Any:
    """What a target receives: the event, its part at InputPath, the constant Input, or the filled template.

    `rule` is what `<aws.events.rule-name>` and `<aws.events.rule-arn>` stand for.
    """
    if target.input is not None:
        return json_or_text(target.input)
    if target.input_path is not None:
        return at_path(event, target.input_path)
    if target.transformer is not None:
        return _transformed(target.transformer, event, rule)
    return event


def at_path(event: Any, path: str) -> Any:
    """The value at a JSON path such as `$.detail.items[0]`; None where there is nothing."""
    for key, index in re.findall(r"\.([^.\[\]]+)|\[(\d+|'[^']+')\]", path):
        step = key or index.strip("'")
        if isinstance(event, list):
            event = event[int(step)] if step.isdecimal() and int(step) < len(event) else None
        else:
            event = event.get(step) if isinstance(event, Mapping) else None
    return event


def _transformed(transformer: InputTransformer, event: Mapping[str, Any], rule: Rule | None) -> Any:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html"""
    values = {name: at_path(event, path) for name, path in transformer.paths.items()}
    values |= {
        "aws.events.event.json": event,
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.ingestion-time": event.get("time"),
    }
    if rule is not None:
        values |= {"aws.events.rule-arn": rule.arn, "aws.events.rule-name": rule.name}
    return filled(transformer.template, lambda name: (name in values, values.get(name)))


def filled(template: str, value: Callable[[str], tuple[bool, Any]]) -> Any:
    """Fill `<name>`: inside quotes as bare text, elsewhere as JSON; absent values become empty or null.

    `value(name)` is whether the name is known, and its value; an unknown name stays as it is written.
    """
    quoted = False

    def replaced(found: re.Match[str]) -> str:
        nonlocal quoted
        if found[0] == '"':
            quoted = not quoted
        if not found[1]:
            return found[0]
        known, given = value(found[1])
        if not known:
            return found[0]
        if quoted:
            text = "" if given is None else given if isinstance(given, str) else json.dumps(given, default=str)
            return json.dumps(text)[1:-1]
        return json.dumps(given, default=str)

    return json_or_text(re.sub(r'\\.|"|<([^<>]+)>', replaced, template))


def json_or_text(text: Any) -> Any:
    """The value of a JSON text; any other text, or what is no text, as it is."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def sns_envelope(
    message: str,
    topic_arn: str,
    *,
    attributes: Mapping[str, Mapping[str, Any]] | None = None,
    id: str = DEFAULT_ID,
    time: str = DEFAULT_TIME,
    subject: str | None = None,
    subscription_arn: str = "",
) -> dict[str, Any]:
    """What a subscription without raw delivery receives: the message is a string inside.

    https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
    """
    region, _ = place(topic_arn)
    site = f"https://sns.{region}.{url_suffix(region)}/"
    return {
        "Type": "Notification",
        "MessageId": id,
        "TopicArn": topic_arn,
        **({"Subject": subject} if subject else {}),
        "Message": message,
        "Timestamp": time,
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertURL": f"{site}SimpleNotificationService-EXAMPLE.pem",
        "UnsubscribeURL": f"{site}?Action=Unsubscribe&SubscriptionArn={subscription_arn}",
        **({"MessageAttributes": dict(attributes)} if attributes else {}),
    }


def sns_lambda_event(envelope: Mapping[str, Any], subscription_arn: str) -> dict[str, Any]:
    """What a function behind a topic receives: there the addresses are spelt in another way, and nothing is left out.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
    """
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription_arn}
    told = {name.replace("URL", "Url"): value for name, value in envelope.items()}
    return {"Records": [{**record, "Sns": {"Subject": None, "MessageAttributes": {}, **told}}]}


def sqs_record(body: str, queue_arn: str, *, id: str = DEFAULT_ID, receives: int = 1) -> dict[str, Any]:
    """One record as a function behind a queue receives it.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """
    region, account = place(queue_arn)
    return {
        "messageId": id,
        "receiptHandle": id,
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": str(receives),
            "SentTimestamp": str(EPOCH_MS),
            "SenderId": account,
            "ApproximateFirstReceiveTimestamp": str(EPOCH_MS),
        },
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    }


def sqs_lambda_event(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a function behind a queue receives: a batch."""
    return {"Records": list(records)}


def as_json(payload: Any) -> str:
    """What EventBridge hands on, as the body of a message: JSON always, so a string keeps its quotes."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


class OpenText(str):
    """The text of a `payload` in which something is unknown: there it says so, and filters must not read it as a value."""

    payload: Any


def as_text(payload: Any) -> str:
    """A payload as the body of a message; OpenText where something in it is unknown."""
    if isinstance(payload, str):
        return payload
    unknown: list[Any] = []

    def said(value: Any) -> str:
        unknown.append(value)
        return str(value)

    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), default=said)
    if not unknown:
        return text
    opened = OpenText(text)
    opened.payload = payload
    return opened
