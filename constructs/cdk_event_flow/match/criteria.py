"""Filters of Lambda event source mappings and of Pipes: up to five patterns, of which one must match."""

import base64
import json
from typing import Any, Literal

from cdk_event_flow.match import fields
from cdk_event_flow.match.pattern import EventPattern
from cdk_event_flow.match.verdict import Verdict

Source = Literal["sqs", "kinesis", "dynamodb", "kafka", "mq", "documentdb"]

# Where each source's records carry the payload that a filter sees parsed.
_PAYLOAD = {"sqs": "body", "kinesis": "data", "mq": "data", "kafka": "value"}
_BASE64 = frozenset({"kinesis", "mq", "kafka"})


class FilterCriteria:
    """The filters of one mapping; no filter lets all through. Raises PatternError for what AWS refuses."""

    def __init__(self, filters: list[dict[str, Any] | str], source: Source = "sqs") -> None:
        self.source = source
        self._patterns = [EventPattern(each) for each in filters]

    def matches(self, record: dict[str, Any]) -> bool:
        """Whether Lambda would pass the record on."""
        return not self._patterns or any(verdict.matched for verdict in self._verdicts(record))

    def explain(self, record: dict[str, Any]) -> Verdict:
        """The verdict of the filter that matches, or of the nearest miss."""
        if not self._patterns:
            return Verdict(True, ())
        return min(self._verdicts(record), key=lambda verdict: (not verdict.matched, len(verdict.misses)))

    def _verdicts(self, record: dict[str, Any]) -> list[Verdict]:
        seen = self._seen(record)
        return [_verdict(pattern, seen) for pattern in self._patterns]

    def _seen(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record as a filter sees it: of SQS the body alone, the payload decoded and parsed when it is JSON."""
        key = _PAYLOAD.get(self.source)
        if key is None:
            return record
        holder = record.get("kinesis", record) if self.source == "kinesis" else record
        payload = holder.get(key, "")
        if self.source in _BASE64 and isinstance(payload, str):
            try:
                payload = base64.b64decode(payload, validate=True).decode()
            except ValueError:
                pass
        return {**({} if self.source == "sqs" else record), key: _parsed(payload)}


def _parsed(payload: Any) -> Any:
    try:
        parsed = json.loads(payload)
    except (TypeError, ValueError, RecursionError):
        return payload
    return parsed if isinstance(parsed, dict) else payload


def _verdict(pattern: EventPattern, seen: dict[str, Any]) -> Verdict:
    """A string payload never matches a pattern of an object, nor an object one of a string: paths differ."""
    return pattern.explain(fields.load(seen))
