"""What Lambda would refuse of a mapping is refused at synth: each limit just inside and just outside, with the reason."""

from datetime import UTC, datetime, timedelta

import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs

from cdk_event_flow import (
    BrokerQueue,
    Bucket,
    Concurrency,
    DocumentChanges,
    Function,
    KafkaSecret,
    ManagedKafka,
    Pollers,
    Queue,
    Retry,
    SelfManagedKafka,
    Shards,
    Stream,
    Table,
    Topic,
    consume,
)
from cdk_event_flow.errors import ConstructError
from tests.compose.synthesis import new_stack

MSK = "arn:aws:kafka:eu-west-1:111122223333:cluster/shop/7f0d-3"
BROKER = "arn:aws:mq:eu-west-1:111122223333:broker:shop:b-1234"
CLUSTER = "arn:aws:rds:eu-west-1:111122223333:cluster:shop"


@pytest.fixture
def stack():
    return new_stack()


def function(stack, id="Plain", **more):
    return lambda_.Function(stack, id, code=lambda_.Code.from_inline("x"), handler="i.h", runtime=lambda_.Runtime.NODEJS_24_X, **more)


def secret(stack):
    return secretsmanager.Secret(stack, "Secret")


SOURCES = {
    "queue": lambda stack: Queue(stack, "Orders"),
    "fifo": lambda stack: Queue(stack, "Orders", fifo=True),
    "stream": lambda stack: Stream(stack, "Clicks"),
    "table": lambda stack: Table(stack, "Items", partition_key="id"),
    "msk": lambda stack: ManagedKafka(cluster=MSK, topic="orders"),
    "kafka": lambda stack: SelfManagedKafka(servers=["a:9092"], topic="orders", secret=KafkaSecret(secret=secret(stack))),
    "mq": lambda stack: BrokerQueue(broker=BROKER, queue="orders", secret=secret(stack)),
    "documents": lambda stack: DocumentChanges(cluster=CLUSTER, database="shop", secret=secret(stack)),
}
ONE = {"body": {"a": [1]}}
AGO, AHEAD = datetime(2026, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)

# Source, just inside, just outside, the code, what is said.
LIMITS = [
    ("queue", {"batch": 10}, {"batch": 11}, "EF-MAPPING-WINDOW", "window of a batch of 11 is 0 seconds"),
    ("queue", {"batch": 11, "window": timedelta(seconds=1)}, {"batch": 0}, "EF-MAPPING-BATCH", "batch is"),
    ("queue", {"batch": 10_000, "window": timedelta(seconds=1)}, {"batch": 10_001, "window": timedelta(seconds=1)},
     "EF-MAPPING-BATCH", "1 records to 10,000 records"),
    ("queue", {"window": timedelta(minutes=5)}, {"window": timedelta(seconds=301)}, "EF-MAPPING-WINDOW", "5 minutes"),
    ("fifo", {"batch": 10}, {"batch": 11}, "EF-MAPPING-BATCH", "batch of a FIFO queue is 11 messages"),
    ("fifo", {}, {"window": timedelta(seconds=1)}, "EF-MAPPING-WINDOW", "for standard queues only"),
    ("queue", {"polling": Concurrency(most=2)}, {"polling": Concurrency(most=1)}, "EF-MAPPING-CONCURRENCY", "2 invocations to"),
    ("queue", {"polling": Concurrency(most=1_000)}, {"polling": Concurrency(most=1_001)}, "EF-MAPPING-CONCURRENCY", "1,001"),
    ("queue", {"polling": Pollers(least=2)}, {"polling": Pollers(least=1)}, "EF-MAPPING-POLLERS", "least is 1 pollers"),
    ("queue", {"polling": Pollers(least=200)}, {"polling": Pollers(least=201, most=300)}, "EF-MAPPING-POLLERS", "201"),
    ("queue", {"polling": Pollers(most=10_000)}, {"polling": Pollers(most=10_001)}, "EF-MAPPING-POLLERS", "10,000 pollers"),
    ("queue", {"polling": Pollers(least=9, most=9)}, {"polling": Pollers(least=9, most=8)}, "EF-MAPPING-POLLERS", "exchange them"),
    ("queue", {}, {"polling": Shards(parallel=2)}, "EF-MAPPING-POLLING", "DynamoDB streams and Kinesis"),
    ("queue", {"where": [ONE] * 10}, {"where": [ONE] * 11}, "EF-FILTER-COUNT", "number of filters is 11"),
    ("queue", {"where": ONE}, {"where": {"body": {"a": [{"numerik": [">", 1]}]}}}, "EF-FILTER", "did you mean numeric?"),
    ("queue", {"where": ONE}, {"where": {"messageAttributes": {"a": ["x"]}}}, "EF-FILTER-KEY", "filters see body alone"),
    ("table", {"where": {"eventName": ["INSERT"]}}, {"where": {"dynamodb": {"NewImage": {"n": {"N": [{"numeric": [">", 1]}]}}}}},
     "EF-FILTER-TYPE", "strings in the record"),
    ("queue", {}, {"start": "LATEST"}, "EF-MAPPING-START", "from their oldest message"),
    ("queue", {}, {"retry": Retry()}, "EF-MAPPING-RETRY", "redrive policy"),
    ("mq", {}, {"retry": Retry()}, "EF-MAPPING-RETRY", "leaves it to the broker"),
    ("documents", {}, {"retry": Retry()}, "EF-MAPPING-RETRY", "the change stream"),
    ("stream", {"retry": Retry(attempts=0)}, {"retry": Retry(attempts=-1)}, "EF-MAPPING-RETRIES", "or None for as long"),
    ("stream", {"retry": Retry(attempts=10_000)}, {"retry": Retry(attempts=10_001)}, "EF-MAPPING-RETRIES", "10,001 attempts"),
    ("stream", {"retry": Retry(max_age=timedelta(seconds=60))}, {"retry": Retry(max_age=timedelta(seconds=59))},
     "EF-MAPPING-AGE", "59 seconds"),
    ("table", {"retry": Retry(max_age=timedelta(days=7))}, {"retry": Retry(max_age=timedelta(seconds=604_801))},
     "EF-MAPPING-AGE", "7 days"),
    ("stream", {"polling": Shards(parallel=10)}, {"polling": Shards(parallel=11)}, "EF-MAPPING-PARALLEL", "more shards"),
    ("stream", {"polling": Shards(parallel=1)}, {"polling": Shards(parallel=0)}, "EF-MAPPING-PARALLEL", "parallel is 0"),
    ("table", {"polling": Shards(tumbling=timedelta(minutes=15))}, {"polling": Shards(tumbling=timedelta(seconds=901))},
     "EF-MAPPING-TUMBLING", "15 minutes"),
    ("stream", {"start": AGO}, {"start": AHEAD}, "EF-MAPPING-START", "in the future"),
    ("stream", {"start": "LATEST"}, {"start": AGO.replace(tzinfo=None)}, "EF-MAPPING-START", "without a time zone"),
    ("stream", {"start": "TRIM_HORIZON"}, {"start": "OLDEST"}, "EF-MAPPING-START", "knows TRIM_HORIZON and LATEST"),
    ("table", {"start": "LATEST"}, {"start": AGO}, "EF-MAPPING-START", "all sources but DynamoDB"),
    ("stream", {}, {"polling": Concurrency(most=5)}, "EF-MAPPING-POLLING", "has that for SQS queues"),
    ("msk", {"polling": Pollers(least=1)}, {"polling": Pollers(least=0)}, "EF-MAPPING-POLLERS", "least is 0"),
    ("msk", {"polling": Pollers(most=2_000)}, {"polling": Pollers(most=2_001)}, "EF-MAPPING-POLLERS", "2,000 pollers"),
    ("msk", {"polling": Pollers(), "retry": Retry()}, {"retry": Retry()}, "EF-MAPPING-RETRY", "provisioned mode"),
    ("kafka", {"start": AGO}, {"polling": Shards()}, "EF-MAPPING-POLLING", "Shards for a Kafka topic"),
    ("mq", {"batch": 10_000}, {"start": "LATEST"}, "EF-MAPPING-START", "queue of an MQ broker"),
    ("documents", {"start": "LATEST"}, {"polling": Pollers()}, "EF-MAPPING-POLLING", "a DocumentDB database"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "inside", "outside", "code", "said"), LIMITS)
def test_a_limit_holds_just_inside_and_refuses_just_outside(stack, source, inside, outside, code, said):
    to, polled = function(stack), SOURCES[source](stack)
    with pytest.raises(ConstructError) as refused:
        consume(polled, to, **outside)
    assert refused.value.code == code
    assert refused.value.at.startswith("Shop/Plain/From")
    assert said in str(refused.value)
    assert consume(polled, to, **inside).cfn_resource_type == "AWS::Lambda::EventSourceMapping"


@pytest.mark.parametrize("source", ["queue", "fifo", "mq", "documents"])
def test_a_destination_is_refused_where_lambda_tells_none(stack, source):
    with pytest.raises(ConstructError, match="EF-MAPPING-DESTINATION at Shop/Plain/From.*: on_failure for a"):
        consume(SOURCES[source](stack), function(stack), on_failure=Queue(stack, "Failed"))


@pytest.mark.parametrize(
    ("destination", "said"),
    [
        (lambda stack: Queue(stack, "Failed", fifo=True), "a FIFO queue, .* standard queues and topics only"),
        (lambda stack: Topic(stack, "Failed", fifo=True), "a FIFO topic, .* standard queues and topics only"),
        (lambda stack: function(stack, "Other"), "on_failure is a Function, .* tells queues, topics and buckets"),
    ],
)
def test_a_destination_that_lambda_cannot_tell_is_refused(stack, destination, said):
    with pytest.raises(ConstructError, match=f"EF-MAPPING-DESTINATION at Shop/Plain/FromClicks: .*{said}"):
        consume(Stream(stack, "Clicks"), function(stack), on_failure=destination(stack))


def test_a_topic_is_not_polled_and_a_fifo_topic_reaches_a_function_by_its_queue_only(stack):
    with pytest.raises(ConstructError, match="EF-MAPPING-SOURCE at .*a FIFO topic delivers to queues only"):
        consume(Topic(stack, "Orders", fifo=True), function(stack))


def test_a_bucket_is_not_polled(stack):
    with pytest.raises(ConstructError, match="EF-MAPPING-SOURCE at .*the source is a Bucket"):
        consume(Bucket(stack, "Uploads"), function(stack))


def test_a_table_without_a_stream_is_refused(stack):
    with pytest.raises(ConstructError, match="EF-MAPPING-STREAM at Shop/Items/Table: the table has no stream"):
        consume(Table(stack, "Items", partition_key="id", stream=None), function(stack))


def test_the_same_source_twice_needs_an_id(stack):
    to, queue = function(stack), Queue(stack, "Orders")
    consume(queue, to, where=ONE)
    with pytest.raises(ConstructError, match="EF-MAPPING-TWICE at Shop/Plain/FromOrders"):
        consume(queue, to)
    assert consume(queue, to, id="Others").node.id == "Others"


@pytest.mark.parametrize(
    ("reserved", "earlier", "given", "inside"),
    [
        (5, (), None, True),
        (4, (), None, False),
        (50, (), Concurrency(most=50), True),
        (49, (), Concurrency(most=50), False),
        (60, (Concurrency(most=50),), Concurrency(most=10), True),
        (59, (Concurrency(most=50),), Concurrency(most=10), False),
        (40, (), Pollers(most=4), True),
        (39, (), Pollers(most=4), False),
    ],
)
def test_mappings_may_not_invoke_more_often_than_is_reserved(stack, reserved, earlier, given, inside):
    to = Function(stack, "Billing", code=lambda_.Code.from_inline("x"), handler="i.h", runtime="nodejs24.x", reserved=reserved)
    for number, each in enumerate(earlier):
        to.consume(Queue(stack, f"Earlier{number}"), polling=each)
    if inside:
        to.consume(Queue(stack, "Orders"), polling=given)
        return
    with pytest.raises(ConstructError, match=f"EF-MAPPING-RESERVED at Shop/Billing/FromOrders: .* {reserved} are reserved"):
        to.consume(Queue(stack, "Orders"), polling=given)


def test_the_reserved_concurrency_of_a_function_made_elsewhere_counts_too(stack):
    to = function(stack, reserved_concurrent_executions=3)
    with pytest.raises(ConstructError, match="EF-MAPPING-RESERVED"):
        consume(sqs.Queue(stack, "Orders"), to)
    assert consume(sqs.Queue(stack, "Others"), to, polling=Concurrency(most=3))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"servers": []}, "EF-KAFKA-SERVERS"),
        ({"secret": None}, "EF-KAFKA-AUTHENTICATION"),
        ({"subnets": [object()]}, "EF-KAFKA-NETWORK"),
    ],
)
def test_a_kafka_cluster_that_cannot_be_reached_is_refused(stack, given, code):
    kafka = {"servers": ["a:9092"], "topic": "orders", "secret": KafkaSecret(secret=secret(stack))}
    with pytest.raises(ConstructError, match=f"{code} at Shop/Plain/Fromorders"):
        consume(SelfManagedKafka(**{**kafka, **given}), function(stack))


def test_an_imported_function_without_its_role_is_refused(stack):
    imported = lambda_.Function.from_function_arn(stack, "Imported", "arn:aws:lambda:eu-west-1:111122223333:function:x")
    with pytest.raises(ConstructError, match="EF-FUNCTION-ROLE"):
        consume(Queue(stack, "Orders"), imported)


def test_an_imported_table_needs_the_arn_of_its_stream(stack):
    arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/items"
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/consumer")
    to = lambda_.Function.from_function_attributes(
        stack, "Imported", function_arn="arn:aws:lambda:eu-west-1:111122223333:function:x", role=role
    )
    with pytest.raises(ConstructError, match="EF-MAPPING-STREAM"):
        consume(dynamodb.Table.from_table_arn(stack, "Items", arn), to)
    stream = dynamodb.Table.from_table_attributes(stack, "Streamed", table_arn=arn, table_stream_arn=f"{arn}/stream/2026")
    assert consume(stream, to).event_source_arn == f"{arn}/stream/2026"
