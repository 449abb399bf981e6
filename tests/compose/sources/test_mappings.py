"""Mappings of every source: what Lambda is told, what the function's role may do, and where failed records go."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
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
    PrivateNetwork,
    Queue,
    Retry,
    SelfManagedKafka,
    Shards,
    Stream,
    Table,
    Topic,
    consume,
)
from tests.compose.synthesis import flow_of, new_stack, policies, resources, template_of

MSK = "arn:aws:kafka:eu-west-1:111122223333:cluster/shop/7f0d-3"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


@pytest.fixture
def plain(stack):
    """A function of the CDK's, whose role has nothing but what consuming gives it."""
    code = lambda_.Code.from_inline("x")
    return lambda_.Function(stack, "Plain", code=code, handler="i.h", runtime=lambda_.Runtime.NODEJS_24_X)


@pytest.fixture
def ours(stack):
    return Function(stack, "Ours", code=lambda_.Code.from_inline("x"), handler="i.h", runtime="nodejs24.x")


def rights(template):
    """The actions that the roles' policies allow, with their resources, both sorted."""
    found = []
    for policy in policies(template):
        for statement in policy["Statement"]:
            actions, named = statement["Action"], statement["Resource"]
            found.append((tuple(sorted([actions] if isinstance(actions, str) else actions)), _named(named)))
    return sorted(found)


def _named(resource):
    """A logical id, or a text with logical ids in it."""
    match resource:
        case {"Ref": name} | {"Fn::GetAtt": [name, *_]}:
            return name
        case {"Fn::Join": [_, parts]}:
            return "".join(map(_named, parts))
        case [*several]:
            return " ".join(map(_named, several))
    return resource


def only(template, kind="AWS::Lambda::EventSourceMapping"):
    (found,) = resources(template, kind)
    return found


def test_a_queue_is_polled_with_exactly_three_actions_and_its_key(stack, plain):
    queue = Queue(stack, "Orders")
    consume(queue, plain, batch=25, window=timedelta(seconds=2), where={"body": {"kind": ["sold"]}}, polling=Concurrency(most=7))
    template = template_of(stack)
    mapping = only(template)
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (25, 2)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 7}
    assert [json.loads(each["Pattern"]) for each in mapping["FilterCriteria"]["Filters"]] == [{"body": {"kind": ["sold"]}}]
    assert {"StartingPosition", "DestinationConfig", "MaximumRetryAttempts"}.isdisjoint(mapping)
    orders = stack.get_logical_id(queue.queue.node.default_child)
    assert rights(template) == [
        (("kms:Decrypt",), stack.get_logical_id(queue.key.node.default_child)),
        (("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"), orders),
    ]


def test_the_mapping_is_made_after_the_role_may_read(stack, plain):
    consume(Queue(stack, "Orders"), plain)
    template = template_of(stack)
    (mapping,) = [each for each in template["Resources"].values() if each["Type"] == "AWS::Lambda::EventSourceMapping"]
    (policy,) = [name for name, each in template["Resources"].items() if each["Type"] == "AWS::IAM::Policy"]
    assert policy in mapping["DependsOn"]


def test_a_queue_waits_six_times_the_timeout_and_the_window_unless_it_was_told(stack, ours):
    ours.consume(Queue(stack, "Orders"), window=timedelta(seconds=5))
    ours.consume(Queue(stack, "Told", visibility=timedelta(minutes=10)))
    template = template_of(stack)
    visible = {each.get("VisibilityTimeout") for each in resources(template, "AWS::SQS::Queue")}
    assert visible == {185, 600, None}
    assert flow_of(stack).check() == []


def test_our_function_is_invoked_through_its_alias(stack, ours):
    ours.consume(Queue(stack, "Orders"))
    assert only(template_of(stack))["FunctionName"] == {"Ref": stack.get_logical_id(ours.alias.node.default_child)}


def test_provisioned_pollers_take_the_place_of_a_maximum_concurrency(stack, plain):
    consume(Queue(stack, "Orders", fifo=True), plain, polling=Pollers(least=3, most=9))
    mapping = only(template_of(stack))
    assert mapping["ProvisionedPollerConfig"] == {"MinimumPollers": 3, "MaximumPollers": 9}
    assert mapping["BatchSize"] == 10


def test_a_stream_is_read_from_its_oldest_record_and_gives_up_to_the_undelivered_queue(stack, plain):
    stream = Stream(stack, "Clicks")
    consume(stream, plain)
    template = template_of(stack)
    mapping = only(template)
    undelivered = stack.get_logical_id(stack.node.find_child("Undelivered").node.default_child)
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert (mapping["MaximumRetryAttempts"], mapping["BisectBatchOnFunctionError"], mapping["BatchSize"]) == (10, True, 100)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["DestinationConfig"] == {"OnFailure": {"Destination": {"Fn::GetAtt": [undelivered, "Arn"]}}}
    read = ("DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards")
    clicks, key = (stack.get_logical_id(each.node.default_child) for each in (stream.stream, stream.key))
    assert rights(template) == [
        (tuple(f"kinesis:{each}" for each in read), clicks),
        (("kms:Decrypt",), key),
        (("kms:Decrypt", "kms:GenerateDataKey"), key),
        (("sqs:SendMessage",), undelivered),
    ]


def test_what_a_stream_is_told_reaches_lambda(stack, plain):
    consume(
        Stream(stack, "Clicks"),
        plain,
        start=datetime(2026, 1, 1, tzinfo=UTC),
        retry=Retry(attempts=None, max_age=timedelta(hours=1), bisect=False),
        polling=Shards(parallel=4, tumbling=timedelta(minutes=1)),
        on_failure=None,
    )
    mapping = only(template_of(stack))
    assert (mapping["StartingPosition"], mapping["StartingPositionTimestamp"]) == ("AT_TIMESTAMP", 1767225600)
    assert (mapping["MaximumRecordAgeInSeconds"], mapping["ParallelizationFactor"]) == (3600, 4)
    assert mapping["TumblingWindowInSeconds"] == 60
    assert {"MaximumRetryAttempts", "BisectBatchOnFunctionError", "DestinationConfig"}.isdisjoint(mapping)


def test_a_consumer_with_throughput_of_its_own_is_subscribed_to(stack, plain):
    stream = kinesis.Stream(stack, "Clicks")
    consumer = kinesis.StreamConsumer(stack, "Fast", stream=stream, stream_consumer_name="fast")
    consume(consumer, plain)
    template = template_of(stack)
    assert only(template)["EventSourceArn"] == {"Fn::GetAtt": [stack.get_logical_id(consumer.node.default_child), "ConsumerARN"]}
    assert ("kinesis:DescribeStreamConsumer", "kinesis:SubscribeToShard") in [actions for actions, _ in rights(template)]
    flow = flow_of(stack)
    assert flow.send("Clicks", {"a": 1}).reaches("Plain")
    assert flow.check() == []


def test_a_table_is_read_by_its_stream(stack, plain):
    table = Table(stack, "Items", partition_key="id", sort_key=dynamodb.Attribute(name="at", type=dynamodb.AttributeType.NUMBER))
    consume(table, plain)
    template = template_of(stack)
    items = stack.get_logical_id(table.table.node.default_child)
    assert only(template)["EventSourceArn"] == {"Fn::GetAtt": [items, "StreamArn"]}
    read = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")
    assert (read, items) in rights(template)


DESTINATIONS = {
    "queue": (lambda stack: sqs.Queue(stack, "Failed"), [("sqs:SendMessage",)]),
    "our queue": (lambda stack: Queue(stack, "Failed", dead_letters=None), [("sqs:SendMessage",)]),
    "topic": (lambda stack: sns.Topic(stack, "Failed"), [("sns:Publish",)]),
    "our topic": (lambda stack: Topic(stack, "Failed"), [("sns:Publish",)]),
    "bucket": (lambda stack: s3.Bucket(stack, "Failed"), [("s3:PutObject",), ("s3:ListBucket",)]),
    "our bucket": (lambda stack: Bucket(stack, "Failed"), [("s3:PutObject",), ("s3:ListBucket",), ("kms:GenerateDataKey",)]),
}


@pytest.mark.parametrize("kind", DESTINATIONS)
def test_failed_records_are_told_to_every_kind_of_destination(stack, plain, kind):
    make, needed = DESTINATIONS[kind]
    consume(kinesis.Stream(stack, "Clicks"), plain, on_failure=make(stack))
    template = template_of(stack)
    destination = only(template)["DestinationConfig"]["OnFailure"]["Destination"]
    assert _named(destination).startswith("Failed")
    allowed = [actions for actions, _ in rights(template)]
    assert all(each in allowed for each in needed)
    (written,) = [named for actions, named in rights(template) if actions == ("s3:PutObject",)] or [None]
    assert written is None or written.endswith("/aws/lambda/*")
    assert [found for found in flow_of(stack).check() if found.severity == "error"] == []


def test_a_topic_of_msk_is_read_by_iam_with_a_group_that_the_role_names(stack, plain):
    consume(ManagedKafka(cluster=MSK, topic="orders"), plain)
    template = template_of(stack)
    mapping = only(template)
    assert (mapping["EventSourceArn"], mapping["Topics"]) == (MSK, ["orders"])
    assert mapping["AmazonManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": "Shop-Plain-1A57B744-orders"}
    assert {"FunctionResponseTypes", "DestinationConfig", "SourceAccessConfigurations"}.isdisjoint(mapping)
    inside = MSK.partition(":cluster/")
    assert rights(template) == [
        (("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"), "*"),
        (("kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"), f"{inside[0]}:group/{inside[2]}/Shop-Plain-1A57B744-orders"),
        (("kafka-cluster:Connect", "kafka-cluster:DescribeClusterDynamicConfiguration"), MSK),
        (("kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"), f"{inside[0]}:topic/{inside[2]}/orders"),
        (("kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers"), MSK),
    ]  # fmt: skip


def test_kafka_with_pollers_of_its_own_retries_and_reports_records(stack, plain):
    source = ManagedKafka(cluster=MSK, topic="orders", group="billing", secret=KafkaSecret(secret=secretsmanager.Secret(stack, "S")))
    consume(source, plain, polling=Pollers(least=1, most=4), retry=Retry(attempts=3), on_failure=sqs.Queue(stack, "Failed"))
    template = template_of(stack)
    mapping = only(template)
    assert mapping["AmazonManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": "billing"}
    assert mapping["ProvisionedPollerConfig"] == {"MinimumPollers": 1, "MaximumPollers": 4}
    assert (mapping["MaximumRetryAttempts"], mapping["BisectBatchOnFunctionError"]) == (3, True)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    (access,) = mapping["SourceAccessConfigurations"]
    assert access["Type"] == "SASL_SCRAM_512_AUTH"
    assert ("secretsmanager:GetSecretValue",) in [actions for actions, _ in rights(template)]
    assert not [actions for actions, _ in rights(template) if actions[0].startswith("kafka-cluster:")]


def test_a_kafka_cluster_of_ones_own_is_reached_in_its_network(stack, plain):
    subnet = ec2.Subnet.from_subnet_id(stack, "Subnet", "subnet-1")
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")
    secret = secretsmanager.Secret(stack, "Secret", encryption_key=kms.Key(stack, "Key"))
    consume(
        SelfManagedKafka(
            servers=["a:9092", "b:9092"],
            topic="orders",
            secret=KafkaSecret(secret=secret, by="BASIC_AUTH"),
            subnets=[subnet],
            security_group=group,
            root_certificate=secretsmanager.Secret(stack, "Root"),
        ),
        plain,
    )
    template = template_of(stack)
    mapping = only(template)
    assert mapping["SelfManagedEventSource"] == {"Endpoints": {"KafkaBootstrapServers": ["a:9092", "b:9092"]}}
    access = [(each["Type"], _named(each["URI"])) for each in mapping["SourceAccessConfigurations"]]
    assert access[1:3] == [("VPC_SUBNET", "subnet:subnet-1"), ("VPC_SECURITY_GROUP", "security_group:sg-1")]
    assert [kind for kind, _ in access] == ["BASIC_AUTH", "VPC_SUBNET", "VPC_SECURITY_GROUP", "SERVER_ROOT_CA_CERTIFICATE"]
    assert (("kms:Decrypt",), stack.get_logical_id(secret.encryption_key.node.default_child)) in rights(template)


def test_a_queue_of_a_broker_is_read_with_its_secret(stack, plain):
    broker = "arn:aws:mq:eu-west-1:111122223333:broker:shop:b-1"
    consume(BrokerQueue(broker=broker, queue="orders", secret=secretsmanager.Secret(stack, "S"), virtual_host="/shop"), plain)
    template = template_of(stack)
    mapping = only(template)
    assert (mapping["EventSourceArn"], mapping["Queues"]) == (broker, ["orders"])
    assert [each["Type"] for each in mapping["SourceAccessConfigurations"]] == ["BASIC_AUTH", "VIRTUAL_HOST"]
    assert "StartingPosition" not in mapping
    assert (("mq:DescribeBroker",), broker) in rights(template)


def test_changes_of_a_documentdb_database_are_read_with_its_secret(stack, plain):
    cluster = "arn:aws:rds:eu-west-1:111122223333:cluster:shop"
    secret = secretsmanager.Secret(stack, "S")
    consume(DocumentChanges(cluster=cluster, database="shop", collection="orders", secret=secret, full_document=True), plain)
    template = template_of(stack)
    mapping = only(template)
    assert mapping["DocumentDBEventSourceConfig"] == {
        "DatabaseName": "shop",
        "CollectionName": "orders",
        "FullDocument": "UpdateLookup",
    }
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert (("rds:DescribeDBClusters",), cluster) in rights(template)


def test_a_stream_and_a_queue_are_watched_and_a_function_of_two_streams_once(stack, plain):
    for source in (Stream(stack, "Clicks"), Stream(stack, "Views"), Queue(stack, "Orders", dead_letters=None)):
        consume(source, plain)
    metrics = sorted(each["MetricName"] for each in resources(template_of(stack), "AWS::CloudWatch::Alarm"))
    assert metrics == ["ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "IteratorAge"]


def test_imported_sources_are_polled_too(stack, plain):
    consume(sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:eu-west-1:111122223333:orders.fifo"), plain)
    consume(kinesis.Stream.from_stream_arn(stack, "Stream", "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks"), plain)
    sources = {each["EventSourceArn"] for each in resources(template_of(stack), "AWS::Lambda::EventSourceMapping")}
    assert sources == {"arn:aws:sqs:eu-west-1:111122223333:orders.fifo", "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks"}


def test_what_is_consumed_is_read_by_flow_without_a_finding(stack, ours):
    ours.consume(Queue(stack, "Orders", fifo=True))
    ours.consume(Stream(stack, "Clicks"), where={"data": {"kind": ["buy"]}})
    ours.consume(Table(stack, "Items", partition_key="id"), where={"eventName": ["INSERT"]})
    flow = flow_of(stack)
    assert flow.check() == []
    assert flow.send("Clicks", {"kind": "buy"}).reaches("Ours")
    assert not flow.send("Clicks", {"kind": "view"}).reaches("Ours")
    assert flow.send("Items", {"id": "1"}).reaches("Ours")
    assert flow.send("Orders", {"any": "thing"}).reaches("Ours")


def test_what_lambda_polls_needs_no_endpoint_in_the_functions_network_and_what_the_function_calls_does(stack):
    network, code = PrivateNetwork(stack, "Network"), lambda_.Code.from_inline("x")
    private = Function(stack, "Private", code=code, handler="i.h", runtime="nodejs24.x", network=network)
    read, written = Stream(stack, "Read"), Stream(stack, "Written")
    private.consume(read)
    private.consume(Queue(stack, "Orders"))
    assert "kinesis" not in network.services()
    written.allow_publishing(private)
    template = template_of(stack)
    names = [each["ServiceName"]["Fn::Join"][1][-1] for each in resources(template, "AWS::EC2::VPCEndpoint")]
    assert names == [".kinesis-streams"]
    assert flow_of(stack).check() == []
