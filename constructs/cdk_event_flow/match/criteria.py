"""Filters of Lambda event source mappings and of Pipes: a few patterns, of which one must match."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal, get_args

from cdk_event_flow.errors import EventError, PatternError, Problem
from cdk_event_flow.match import jsons
from cdk_event_flow.match.dialects import MAPPING, PIPES, Dialect
from cdk_event_flow.match.event_pattern import EventPattern
from cdk_event_flow.match.operators.exists import wants_absence
from cdk_event_flow.match.operators.numeric import Numeric
from cdk_event_flow.match.verdict import Verdict

Source = Literal["sqs", "kinesis", "dynamodb", "kafka", "mq", "documentdb"]

# https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
USUAL_FILTERS = 5
MAX_FILTERS = 10  # by quota

# Where each source's records carry the payload, which filters see decoded, and parsed when it is a JSON object.
_PAYLOADS: Mapping[str, tuple[str, ...]] = {"sqs": ("body",), "kinesis": ("data",), "mq": ("data",), "kafka": ("value", "key")}
_BASE64 = frozenset({"kinesis", "mq", "kafka"})
# What else a filter may name; None is all that the record has.
_ONLY: Mapping[str, str] = {"sqs": "body", "mq": "data"}


class FilterCriteria:
    """The filters of one mapping; no filter lets all through. Raises PatternError for what AWS refuses."""

    dialect: ClassVar[Dialect] = MAPPING
    most: ClassVar[int] = MAX_FILTERS

    def __init__(self, filters: Sequence[dict[str, Any] | str], source: Source = "sqs") -> None:
        if source not in get_args(Source):
            fix = f"use one of {', '.join(get_args(Source))}"
            raise PatternError(f"{source} is no source whose records can be filtered", fix=fix)
        if len(filters) > self.most:
            fix = f"{self.dialect.name} takes at most {self.most}; join them with $or"
            raise PatternError(f"Too many filters: {len(filters)}", fix=fix)
        self.source = source
        self.patterns = tuple(EventPattern(each, self.dialect) for each in filters)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What AWS accepts and nobody means."""
        found = [warning for pattern in self.patterns for warning in pattern.warnings]
        if len(self.patterns) > USUAL_FILTERS:
            given = f"there are {len(self.patterns)} filters"
            fix = "join them with $or, or ask for the quota"
            found.append(Problem(code="EF-FILTER-COUNT", given=given, allowed=f"{USUAL_FILTERS} are the default quota", fix=fix))
        for pattern in self.patterns:
            found += _of_source(pattern, self.source)
        return tuple(found)

    def matches(self, record: dict[str, Any]) -> bool:
        """Whether the record would be passed on."""
        if not self.patterns:
            return True
        seen = self._seen(record)
        return any(pattern.matches(seen) for pattern in self.patterns)

    def explain(self, record: dict[str, Any]) -> Verdict:
        """The verdict of the filter that matches, or of the nearest miss."""
        if not self.patterns:
            return Verdict(True, ())
        seen = self._seen(record)
        verdicts = [pattern.explain(seen) for pattern in self.patterns]
        nearest = min(verdicts, key=lambda verdict: (not verdict.matched, len(verdict.misses)))
        return nearest if nearest.matched else replace(nearest, notes=(*nearest.notes, *self._mismatched(seen)))

    def _seen(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record as a filter sees it: of SQS and MQ the payload alone."""
        keys = _PAYLOADS.get(self.source)
        if keys is None:
            return record
        holder = record.get("kinesis", record) if self.source == "kinesis" else record
        payloads = {key: _parsed(holder[key], self.source in _BASE64) for key in keys if key in holder}
        return payloads if self.source in _ONLY else {**record, **payloads}

    def _mismatched(self, seen: dict[str, Any]) -> Iterator[str]:
        """A JSON body against a pattern for text, or the other way round: the record is dropped."""
        for key in _PAYLOADS.get(self.source, ()):
            for wanted in {isinstance(pattern.pattern.get(key), dict) for pattern in self.patterns if key in pattern.pattern}:
                if wanted and isinstance(seen.get(key), str):
                    yield f"the {key} is plain text, the filter reads it as a JSON object"
                elif not wanted and isinstance(seen.get(key), dict):
                    yield f"the {key} is a JSON object, the filter reads it as plain text"


class PipeFilters(FilterCriteria):
    """The filters of a pipe: at most five, without `wildcard` and without operators inside `anything-but`."""

    dialect = PIPES
    most = USUAL_FILTERS


def _parsed(payload: Any, encoded: bool) -> Any:
    if encoded and isinstance(payload, str):
        try:
            payload = base64.b64decode(payload, validate=True).decode()
        except ValueError:
            pass
    try:
        parsed = jsons.parse(payload) if isinstance(payload, str | bytes) else payload
    except EventError:
        return payload
    return parsed if isinstance(parsed, dict) else payload


def _of_source(pattern: EventPattern, source: Source) -> Iterator[Problem]:
    only = _ONLY.get(source)
    for path, leaves in {item for alternative in pattern.alternatives for item in alternative.items()}:
        parts = path.split(".")
        if only and parts[0] != only:
            yield Problem(
                code="EF-FILTER-KEY",
                given=f"{path} is no part of what a filter sees",
                allowed=f"of {source} records filters see {only} alone",
                fix=f"filter on {only}, or in the function",
            )
        elif source == "dynamodb" and parts[-1] == "N" and any(isinstance(leaf, Numeric) for leaf in leaves):
            yield Problem(
                code="EF-FILTER-TYPE",
                given=f"{path} is compared as a number",
                allowed="DynamoDB's numbers are strings in the record, so it never matches",
                fix="compare the exact text, or filter in the function",
            )
        elif source == "dynamodb" and parts[-2:-1] in (["NewImage"], ["OldImage"]) and any(map(wants_absence, leaves)):
            yield Problem(
                code="EF-FILTER-EXISTS",
                given=f"{path} must be absent",
                allowed="an attribute is an object of its type, so exists: false on its name is always true",
                fix=f"write it on the type: {path}.S",
            )
