"""To workers, which poll a queue themselves."""

from typing import Any

from cdk_event_flow.flow.delivery import Delivery
from cdk_event_flow.flow.hops.hop import Sending
from cdk_event_flow.flow.model import Unknown
from cdk_event_flow.flow.payload import sqs_lambda_event
from cdk_event_flow.flow.workers import Workers, consumed_by


def by_workers(sending: Sending, workers: Workers, at: Delivery, record: Any) -> Delivery:
    """A handler under our runner gets a batch; of another program it is known that it gets the message."""
    given = at.payload
    if workers.runner:
        given = record if isinstance(record, Unknown) else sqs_lambda_event([record])
    consumed = next(each for each in consumed_by(sending.flow, workers) if each.arn == at.receiver.arn)
    idle = ("it may have no task: its greatest capacity is 0",) if workers.scales and workers.scales.most == 0 else ()
    return sending.hop(workers.arn, workers, given, (*idle, *consumed.refused), consumed.doubts)
