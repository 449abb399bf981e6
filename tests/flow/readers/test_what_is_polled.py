"""What mappings poll that is no resource of a template: its name, its cluster, and the engine of a broker."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.sources import Polled

MSK = "arn:aws:kafka:us-east-1:123456789012:cluster/shop/1-2"
BROKER = "arn:aws:mq:us-east-1:123456789012:broker:shop:b-1"
CLUSTER = "arn:aws:rds:us-east-1:123456789012:cluster:shop"


def flow(properties, **more):
    """A function that polls, and what stands beside it."""
    mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": "billing", **properties}}
    return Flow.from_template({"Resources": {"Mapping": mapping, **more}})


def polled(properties, **more):
    """What a mapping polls."""
    (node,) = flow(properties, **more).of(Polled)
    return node


EXPECTED = [
    ({"EventSourceArn": MSK, "Topics": ["orders", "other"]}, "AWS::MSK::Topic", "msk", MSK, f"{MSK}/orders", "orders"),
    (
        {"SelfManagedEventSource": {"Endpoints": {"KafkaBootstrapServers": ["a:1", "b:2"]}}, "Topics": ["orders"]},
        "Kafka topic", "kafka", "a:1,b:2", "kafka://a:1,b:2/orders", "orders",
    ),
    ({"SelfManagedEventSource": {}, "Topics": ["orders"]}, "Kafka topic", "kafka", "", "kafka:///orders", "orders"),
    ({"EventSourceArn": BROKER, "Queues": ["jobs"]}, "AWS::AmazonMQ::Queue", "mq", BROKER, f"{BROKER}/jobs", "jobs"),
    (
        {"EventSourceArn": CLUSTER, "DocumentDBEventSourceConfig": {"DatabaseName": "shop", "CollectionName": "orders"}},
        "AWS::DocDB::ChangeStream", "documentdb", CLUSTER, f"{CLUSTER}/shop.orders", "shop.orders",
    ),
    (
        {"EventSourceArn": CLUSTER, "DocumentDBEventSourceConfig": {"DatabaseName": "shop"}},
        "AWS::DocDB::ChangeStream", "documentdb", CLUSTER, f"{CLUSTER}/shop", "shop",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("properties", "type", "kind", "cluster", "arn", "name"), EXPECTED)
def test_what_is_polled_has_a_name_and_an_arn_of_its_cluster(properties, type, kind, cluster, arn, name):
    node = polled(properties)
    assert (node.type, node.kind, node.cluster, node.virtual_host) == (type, kind, cluster, "/")
    assert (node.arn, node.name, node.path, node.logical_id) == (arn, name, name, name)
    assert node.unknown == node.tags == {}


@pytest.mark.parametrize(
    ("engine", "kind"), [("ACTIVEMQ", "activemq"), ("ActiveMQ", "activemq"), ("RABBITMQ", "rabbitmq"), ("OTHER", "mq"), (None, "mq")]
)
def test_the_engine_of_a_queue_is_that_of_its_broker(engine, kind):
    other = {"Type": "AWS::AmazonMQ::Broker", "Properties": {"EngineType": "RABBITMQ" if kind == "activemq" else "ACTIVEMQ"}}
    broker = {"Type": "AWS::AmazonMQ::Broker", "Properties": {"EngineType": engine}}
    node = polled({"EventSourceArn": {"Fn::GetAtt": ["Broker", "Arn"]}, "Queues": ["jobs"]}, Other=other, Broker=broker)
    assert node.kind == kind


def test_what_is_no_broker_has_no_engine():
    thing = {"Type": "AWS::Some::Thing", "Properties": {"EngineType": "ACTIVEMQ"}}
    assert polled({"EventSourceArn": {"Fn::GetAtt": ["Thing", "Arn"]}, "Queues": ["jobs"]}, Thing=thing).kind == "mq"


def test_a_virtual_host_is_of_rabbitmq():
    access = [{"Type": "BASIC_AUTH", "URI": "arn:secret"}, {"Type": "VIRTUAL_HOST", "URI": "/shop"}]
    broker = {"Type": "AWS::AmazonMQ::Broker", "Properties": {"EngineType": "ACTIVEMQ"}}
    source = {"Fn::GetAtt": ["Broker", "Arn"]}
    node = polled({"EventSourceArn": source, "Queues": ["jobs"], "SourceAccessConfigurations": access}, Broker=broker)
    assert (node.kind, node.virtual_host) == ("rabbitmq", "/shop")


def test_what_several_mappings_poll_is_there_once():
    again = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {"EventSourceArn": MSK, "Topics": ["orders"], "FunctionName": "f"},
    }
    assert polled({"EventSourceArn": MSK, "Topics": ["orders"]}, Second=again).name == "orders"


def test_a_queue_or_stream_is_a_resource_itself():
    assert flow({"EventSourceArn": "arn:aws:sqs:us-east-1:1:q"}).of(Polled) == ()
