"""By event source mappings, whatever the source."""

from typing import Any, Literal

from cdk_event_flow.flow.delivery import Delivery
from cdk_event_flow.flow.hops.filters import Judged, judge
from cdk_event_flow.flow.hops.hop import Sending, short
from cdk_event_flow.flow.model import EventSourceMapping, Unknown
from cdk_event_flow.flow.ways import Ways
from cdk_event_flow.match import FilterCriteria

Source = Literal["sqs", "kinesis", "dynamodb"]


def by_mapping(sending: Sending, mapping: EventSourceMapping, at: Delivery, record: Any, source: Source) -> Delivery:
    """The batch that a function gets: this one record."""
    name = f"the filter of the mapping from {short(at.receiver)}"
    judged = judged_by(sending.ways, mapping.filters, name, record, source)
    off = () if mapping.enabled else (f"the mapping from {short(at.receiver)} is disabled",)
    given = record if isinstance(record, Unknown) else {"Records": [record]}
    return sending.hop(mapping.function_arn, mapping, given, (*off, *judged.reasons), judged.doubts)


def judged_by(ways: Ways, filters: tuple[Any, ...], name: str, record: Any, source: Source) -> Judged:
    """One of the filters must match: the surest that passes decides, else the one that is nearest."""
    makes = {"sqs": _of_sqs, "kinesis": _of_kinesis, "dynamodb": _of_dynamodb}
    judged = [judge(ways, each, name, record, makes[source], lambda compiled: compiled.explain(record)) for each in filters]
    return min(judged, key=lambda each: (len(each.reasons), len(each.doubts)), default=Judged())


def _of_sqs(pattern: Any) -> FilterCriteria:
    return FilterCriteria([pattern], "sqs")


def _of_kinesis(pattern: Any) -> FilterCriteria:
    return FilterCriteria([pattern], "kinesis")


def _of_dynamodb(pattern: Any) -> FilterCriteria:
    return FilterCriteria([pattern], "dynamodb")
