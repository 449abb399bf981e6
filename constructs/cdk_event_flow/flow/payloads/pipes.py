"""What a pipe reads, and what it sends.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
"""

import base64
import json
from typing import Any

from cdk_event_flow.flow.payload import DEFAULT_ID, DEFAULT_TIME, at_path, filled
from cdk_event_flow.flow.sources import Pipe


def record_of(record: dict[str, Any]) -> dict[str, Any]:
    """A source's record as a pipe sees it: of Kinesis, what Lambda nests stands at the top."""
    if record.get("eventSource") == "aws:kinesis":
        return {**record["kinesis"], **{name: value for name, value in record.items() if name != "kinesis"}}
    return record


def transformed(pipe: Pipe, template: str | None, record: Any) -> Any:
    """The record, or the template with its `<$.path>` filled in: `body` and `data` are read as JSON where they are."""
    if template is None:
        return record
    seen = _parsed(record)
    constants = {
        "aws.pipes.pipe-name": pipe.name,
        "aws.pipes.pipe-arn": pipe.arn,
        "aws.pipes.source-arn": pipe.source_arn,
        "aws.pipes.target-arn": pipe.target_arn,
        "aws.pipes.enrichment-arn": pipe.enrichment_arn,
        "aws.pipes.event": record,
        "aws.pipes.event.json": record,
        "aws.pipes.event.ingestion-time": DEFAULT_TIME,
    }

    def value(name: str) -> tuple[bool, Any]:
        return (True, at_path(seen, name)) if name.startswith("$") else (name in constants, constants.get(name))

    return filled(template, value)


def bus_event(pipe: Pipe, payload: Any, record: Any, *, account: str, region: str) -> dict[str, Any]:
    """The event that a pipe puts on a bus: what it sends is the detail."""
    source = record.get("eventSource", "") if isinstance(record, dict) else ""
    return {
        "version": "0",
        "id": DEFAULT_ID,
        "detail-type": dynamic(pipe.detail_type, record) or f"Event from {source}",
        "source": dynamic(pipe.event_source, record) or f"Pipe {pipe.name}",
        "account": account,
        "time": DEFAULT_TIME,
        "region": region,
        "resources": [],
        "detail": payload,
    }


def dynamic(given: str | None, record: Any) -> Any:
    """A parameter of a target: one that is a path as a whole is read from the record, not from what the template made of it."""
    return at_path(_parsed(record), given) if given and given.startswith("$.") else given


def _parsed(record: Any) -> Any:
    if not isinstance(record, dict):
        return record
    seen = dict(record)
    for key in ("body", "data"):
        text = seen.get(key)
        if isinstance(text, str):
            try:
                seen[key] = json.loads(base64.b64decode(text, validate=True) if key == "data" else text)
            except (ValueError, RecursionError):
                pass
    return seen
