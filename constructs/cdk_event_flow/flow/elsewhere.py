"""What a template names by its ARN and does not make, as an imported topic: what its service does with events is known."""

from cdk_event_flow.flow.model import Node, Queue, Topic, Unknown
from cdk_event_flow.flow.sources import Stream


def elsewhere(arn: str) -> Node:
    """What has this ARN, or is the endpoint of a subscription, and is not of the flow."""
    parts = arn.split(":")
    service, name = (parts[2], parts[5]) if len(parts) == 6 else ("", arn)
    fifo = name.endswith(".fifo")
    unknown = {"ContentBasedDeduplication": Unknown(f"{name} is outside the template")} if fifo else {}
    match service:
        case "sqs":
            return Queue(logical_id=arn, arn=arn, name=name, path=arn, url="", fifo=fifo, unknown=unknown)
        case "sns":
            return Topic(logical_id=arn, arn=arn, name=name, path=arn, fifo=fifo, unknown=unknown)
        case "kinesis" if name.startswith("stream/"):
            return Stream(logical_id=arn, arn=arn, name=name.removeprefix("stream/"), path=arn, type="AWS::Kinesis::Stream")
    return Node(logical_id=arn, arn=arn, name=arn, path=arn)
