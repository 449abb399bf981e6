"""Event source mappings: Lambda polls a source and invokes the function with batches of records."""

from datetime import timedelta

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import LAMBDA_QUOTAS, place, refuse, seconds, within
from cdk_event_flow.compose.functions.consumer import Consumes, consumer_of


def consume(
    queue: sqs.IQueue,
    to: Consumes | lambda_.FunctionBase,
    *,
    id: str = "Source",
    batch: int = 10,
    window: timedelta = timedelta(0),
) -> lambda_.CfnEventSourceMapping:
    """Let Lambda poll `queue` for `to`: batches of 1 to 10,000 (over 10 needs a window), `window` 0 to 5 minutes.

    The handler must return `batchItemFailures`: only failed records are received again.
    """
    consumer = consumer_of(to)
    problems = [
        *within("EF-MAPPING-BATCH", "batch", batch, 1, 10_000, unit="messages", source=LAMBDA_QUOTAS,
                fix="choose a batch in that range"),
        *within("EF-MAPPING-WINDOW", "window", seconds(window), 0, 300, unit="seconds", source=LAMBDA_QUOTAS,
                fix="choose a window in that range"),
    ]  # fmt: skip
    if batch > 10 and seconds(window) < 1:
        problems += within("EF-MAPPING-WINDOW", f"window of a batch of {batch}", 0, 1, 300, unit="seconds",
                           source=LAMBDA_QUOTAS, fix="give window at least one second, or a batch of at most 10")  # fmt: skip
    refuse(place(consumer.scope, id), problems)
    grant = queue.grants.consume_messages(consumer.role)  # type: ignore[attr-defined]
    mapping = lambda_.CfnEventSourceMapping(
        consumer.scope,
        id,
        function_name=consumer.arn,
        event_source_arn=queue.queue_arn,
        batch_size=batch,
        maximum_batching_window_in_seconds=seconds(window) or None,
        function_response_types=["ReportBatchItemFailures"],
    )
    grant.apply_before(mapping)
    acknowledge(mapping, Acknowledged.SQS_MAPPING_HAS_NO_DESTINATION)
    return mapping
