"""By event source mappings, whatever the source."""

from collections.abc import Callable
from functools import partial
from typing import Any, get_args

from cdk_event_flow.flow.delivery import Delivery
from cdk_event_flow.flow.hops.filters import Judged, judge
from cdk_event_flow.flow.hops.hop import Sending, short
from cdk_event_flow.flow.model import EventSourceMapping, Unknown
from cdk_event_flow.flow.ways import Ways
from cdk_event_flow.match import FilterCriteria
from cdk_event_flow.match.criteria import Source


def by_mapping(
    sending: Sending,
    mapping: EventSourceMapping,
    at: Delivery,
    record: Any,
    source: Source,
    batch: Callable[[Any], Any] = lambda record: {"Records": [record]},
) -> Delivery:
    """The batch that a function gets: this one record, in the shape that `batch` gives it."""
    name = f"the filter of the mapping from {short(at.receiver)}"
    judged = judged_by(sending.ways, mapping.filters, name, record, source)
    off = () if mapping.enabled else (f"the mapping from {short(at.receiver)} is disabled",)
    given = record if isinstance(record, Unknown) else batch(record)
    return sending.hop(mapping.function_arn, mapping, given, (*off, *judged.reasons), judged.doubts, judgement=judged.judgement)


def judged_by(ways: Ways, filters: tuple[Any, ...], name: str, record: Any, source: Source) -> Judged:
    """One of the filters must match: the surest that passes decides, else the one that is nearest."""
    make = _MAKES[source]
    judged = [judge(ways, each, name, record, make, lambda compiled: compiled.explain(record)) for each in filters]
    return min(judged, key=lambda each: (len(each.reasons), len(each.doubts)), default=Judged())


def _of(source: Source, pattern: Any) -> FilterCriteria:
    return FilterCriteria([pattern], source)


# One maker a source, always the same: by it and the pattern, what was compiled is found again.
_MAKES: dict[Source, Callable[[Any], FilterCriteria]] = {source: partial(_of, source) for source in get_args(Source)}
