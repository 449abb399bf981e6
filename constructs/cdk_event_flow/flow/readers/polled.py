"""What event source mappings poll that is no resource of a template: Kafka topics, queues of brokers, changes of databases."""

from typing import Literal

from cdk_event_flow.flow.readers.resource import Identity, Resource, as_list, as_mapping, text_at
from cdk_event_flow.flow.sources import Polled

_ENGINES: dict[str, Literal["activemq", "rabbitmq"]] = {"ACTIVEMQ": "activemq", "RABBITMQ": "rabbitmq"}


def polled_by(resource: Resource) -> Polled | None:
    """What this mapping polls; None for a queue or stream, which are resources themselves."""
    cluster = resource.text("EventSourceArn")
    if topic := str(resource.maybe("Topics") or ""):
        if "SelfManagedEventSource" not in resource.properties:
            return Polled(**_identity(cluster, topic), type="AWS::MSK::Topic", kind="msk", cluster=cluster)
        endpoints = as_mapping(resource.mapping("SelfManagedEventSource").get("Endpoints"))
        servers = ",".join(map(str, as_list(endpoints.get("KafkaBootstrapServers"))))
        return Polled(**_identity(f"kafka://{servers}", topic), type="Kafka topic", kind="kafka", cluster=servers)
    if queue := str(resource.maybe("Queues") or ""):
        accesses = [as_mapping(each) for each in as_list(resource.properties.get("SourceAccessConfigurations"))]
        host = next((text_at(each, "URI") for each in accesses if each.get("Type") == "VIRTUAL_HOST"), None)
        kind = "rabbitmq" if host else _engine(resource, cluster)
        return Polled(**_identity(cluster, queue), type="AWS::AmazonMQ::Queue", kind=kind, cluster=cluster, virtual_host=host or "/")
    changes = resource.mapping("DocumentDBEventSourceConfig")
    if database := text_at(changes, "DatabaseName"):
        collection = text_at(changes, "CollectionName")
        name = f"{database}.{collection}" if collection else database
        return Polled(**_identity(cluster, name), type="AWS::DocDB::ChangeStream", kind="documentdb", cluster=cluster)
    return None


def _identity(cluster: str, name: str) -> Identity:
    """The same for all mappings that poll it."""
    return Identity(logical_id=name, arn=f"{cluster}/{name}", name=name, path=name, unknown={}, tags={})


def _engine(resource: Resource, broker: str) -> Literal["activemq", "rabbitmq", "mq"]:
    resolver = resource.resolver
    for logical_id in resolver.section("Resources"):
        if resolver.type(logical_id) == "AWS::AmazonMQ::Broker" and resolver.arn(logical_id) == broker:
            return _ENGINES.get(Resource(resolver, logical_id).text("EngineType").upper(), "mq")
    return "mq"
