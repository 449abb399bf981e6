"""What a template names by its ARN and does not make, as an imported topic: what its service does with events is known."""

from cdk_event_flow.flow.arns import url_suffix
from cdk_event_flow.flow.model import Node, Queue, Topic
from cdk_event_flow.flow.sources import Stream


def elsewhere(arn: str) -> Node:
    """What has this ARN, or is the endpoint of a subscription, and is not of the flow."""
    parts = arn.split(":")
    service, region, account, name = parts[2:] if len(parts) == 6 else ("", "", "", arn)
    fifo = name.endswith(".fifo")
    unknown = dict.fromkeys(["Policy", *(["ContentBasedDeduplication"] if fifo else [])], f"{name} is outside the template")
    match service:
        case "sqs":
            return Queue(
                logical_id=arn,
                arn=arn,
                name=name,
                path=arn,
                url=f"https://sqs.{region}.{url_suffix(region)}/{account}/{name}",
                fifo=fifo,
                unknown=unknown,
            )
        case "sns":
            return Topic(logical_id=arn, arn=arn, name=name, path=arn, fifo=fifo, unknown=unknown)
        case "kinesis" if name.startswith("stream/"):
            return Stream(logical_id=arn, arn=arn, name=name.removeprefix("stream/"), path=arn, type="AWS::Kinesis::Stream")
    return Node(logical_id=arn, arn=arn, name=arn, path=arn)
