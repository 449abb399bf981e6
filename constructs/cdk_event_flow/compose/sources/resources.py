"""How the CDK's own queues, streams and tables are polled."""

from collections.abc import Callable
from typing import Any

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.sources.polled import (
    CONSUMER_READING,
    QUEUE_READING,
    STREAM_READING,
    TABLE_READING,
    Pollable,
    Polled,
    Right,
    decrypting,
)
from cdk_event_flow.errors import ConstructError, Problem
from constructs import Construct

SOURCES = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html)"

PollSource = Pollable | sqs.IQueue | kinesis.IStream | kinesis.IStreamConsumer | dynamodb.ITable | dynamodb.ITableV2


def polled_of(source: PollSource, scope: Construct) -> Polled:
    """`source`, ours or the CDK's, as its mapping sees it.

    Raises ConstructError: EF-MAPPING-SOURCE (Lambda does not poll it), EF-MAPPING-STREAM (a table without a stream).
    """
    given: Any = source
    if hasattr(type(given), "polled"):
        polled: Polled = given.polled(scope)
        return polled
    # By the attribute that gives its ARN: imported resources have classes of their own.
    for attribute, how in _BY_ARN.items():
        if hasattr(given, attribute):
            return how(given)
    fix = "give a queue, stream, stream consumer, table, Kafka topic, broker or DocumentDB database"
    if hasattr(given, "topic_arn") or hasattr(given, "topic"):
        fix = "give it a queue of its messages by Topic.fan_out: a FIFO topic delivers to queues only"
    raise ConstructError(
        f"{scope.node.path}/consume",
        Problem(code="EF-MAPPING-SOURCE", given=f"the source is a {type(given).__name__}",
                allowed=f"{SOURCES} polls queues, streams, tables' streams, Kafka, MQ brokers and DocumentDB", fix=fix),
    )  # fmt: skip


def polled_queue(queue: sqs.IQueue, id: str | None = None) -> Polled:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
    return polled(arn=queue.queue_arn, fifo=queue.fifo, key=queue.encryption_master_key, id=id or queue.node.id)


def polled(*, arn: str, fifo: bool, key: kms.IKey | None, id: str) -> Polled:
    """A queue of which all this is known."""
    return Polled(
        kind="sqs",
        what="a FIFO queue" if fifo else "an SQS queue",
        id=f"From{id}",
        properties={"event_source_arn": arn},
        rights=[Right(QUEUE_READING, [arn]), *decrypting(key)],
        usual_batch=10,
        fifo=fifo,
        starts=False,
        partial=True,
        instead="gives up a message by the queue's own redrive policy; it tells destinations of streams and Kafka only",
    )


def polled_stream(stream: kinesis.IStream, id: str | None = None) -> Polled:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html"""
    return Polled(
        kind="kinesis",
        what="a Kinesis stream",
        id=f"From{id or stream.node.id}",
        properties={"event_source_arn": (arn := stream.stream_arn)},
        rights=_of_stream(stream, arn),
        partial=True,
        retries=True,
    )


def polled_consumer(consumer: kinesis.IStreamConsumer) -> Polled:
    """A consumer with throughput of its own (enhanced fan-out)."""
    own = Right(CONSUMER_READING, [consumer.stream_consumer_arn])
    return Polled(
        kind="kinesis",
        what="a consumer of a Kinesis stream",
        id=f"From{consumer.node.id}",
        properties={"event_source_arn": consumer.stream_consumer_arn},
        rights=[own, *_of_stream(consumer.stream, consumer.stream.stream_arn)],
        partial=True,
        retries=True,
    )


def polled_table(table: dynamodb.ITable | dynamodb.ITableV2, id: str | None = None) -> Polled:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html. Raises ConstructError (EF-MAPPING-STREAM)."""
    stream = table.table_stream_arn
    if stream is None:
        raise ConstructError(
            table.node.path,
            Problem(code="EF-MAPPING-STREAM", given="the table has no stream", allowed=f"{SOURCES} polls the streams of tables",
                    fix="give the table a stream, or import it with table_stream_arn"),
        )  # fmt: skip
    return Polled(
        kind="dynamodb",
        what="a DynamoDB stream",
        id=f"From{id or table.node.id}",
        properties={"event_source_arn": stream},
        rights=[Right(TABLE_READING, [stream]), *decrypting(table.encryption_key)],
        partial=True,
        retries=True,
    )


def _of_stream(stream: kinesis.IStream, arn: str) -> list[Right]:
    return [Right(STREAM_READING, [arn]), *decrypting(stream.encryption_key)]


_BY_ARN: dict[str, Callable[[Any], Polled]] = {
    "queue_arn": polled_queue,
    "stream_consumer_arn": polled_consumer,
    "stream_arn": polled_stream,
    "table_stream_arn": polled_table,
}
