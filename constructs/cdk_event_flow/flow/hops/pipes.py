"""By EventBridge pipes: filter, enrichment, template, target."""

from collections.abc import Iterator
from typing import Any

from cdk_event_flow.flow.delivery import Delivery
from cdk_event_flow.flow.hops.hop import Sending, short
from cdk_event_flow.flow.hops.mappings import judged_by
from cdk_event_flow.flow.model import Bus, Function, Queue, Topic, Unknown
from cdk_event_flow.flow.payload import as_text
from cdk_event_flow.flow.payloads.pipes import bus_event, record_of, transformed
from cdk_event_flow.flow.sources import Pipe
from cdk_event_flow.match.criteria import Source

_SOURCES: dict[str, Source] = {"aws:kinesis": "kinesis", "aws:dynamodb": "dynamodb"}  # all else is as of a queue


def by_pipe(sending: Sending, pipe: Pipe, record: Any) -> Iterator[Delivery]:
    """What the enrichment gets, if there is one, and what the target gets. Functions get a batch, all others one record."""
    name = f"the filter of the pipe {short(pipe)}"
    if not isinstance(record, Unknown):
        record = record_of(record)
    source = _SOURCES.get(record.get("eventSource", "") if isinstance(record, dict) else "", "sqs")
    judged = judged_by(sending.ways, pipe.filters, name, record, source)
    off = () if pipe.enabled else (f"the pipe {short(pipe)} is stopped",)
    reasons = (*off, *judged.reasons)
    if pipe.enrichment_arn:
        given = record if isinstance(record, Unknown) else transformed(pipe, pipe.enrichment_template, record)
        enriched = sending.hop(
            pipe.enrichment_arn,
            pipe,
            _shaped(sending, pipe, pipe.enrichment_arn, given, record),
            reasons,
            judged.doubts,
            judgement=judged.judgement,
        )
        yield enriched
        reasons = enriched.reasons
        record = Unknown(f"what the enrichment of the pipe {short(pipe)} makes of it")
    given = record if isinstance(record, Unknown) else transformed(pipe, pipe.template, record)
    yield sending.hop(
        pipe.target_arn,
        pipe,
        _shaped(sending, pipe, pipe.target_arn, given, record),
        reasons,
        judged.doubts,
        judgement=judged.judgement,
    )


def _shaped(sending: Sending, pipe: Pipe, arn: str, given: Any, record: Any) -> Any:
    receiver = sending.flow.receiver(arn)
    if isinstance(receiver, Bus):
        return bus_event(pipe, given, record, account=sending.flow.account, region=sending.flow.region)
    if isinstance(given, Unknown):
        return given
    if isinstance(receiver, Function) or ":states:" in arn:
        return [given]
    return as_text(given) if isinstance(receiver, Queue | Topic) else given
