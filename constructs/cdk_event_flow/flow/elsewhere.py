"""What a template names by its ARN and does not make, as an imported topic: what its service does with events is known."""

from typing import Any

from cdk_event_flow.flow.arns import url_suffix
from cdk_event_flow.flow.model import Node, Queue, Topic
from cdk_event_flow.flow.sources import Stream


def elsewhere(arn: str) -> Node:
    """What has this ARN, or is the endpoint of a subscription, and is not of the flow."""
    match arn.split(":"):
        case [_, _, "sqs", region, account, name]:
            url = f"https://sqs.{region}.{url_suffix(region)}/{account}/{name}"
            return Queue(logical_id=arn, arn=arn, name=name, path=arn, url=url, **_fifo(name))
        case [_, _, "sns", _, _, name]:
            return Topic(logical_id=arn, arn=arn, name=name, path=arn, **_fifo(name))
        case [_, _, "kinesis", _, _, name] if name.startswith("stream/"):
            return Stream(logical_id=arn, arn=arn, name=name.removeprefix("stream/"), path=arn, type="AWS::Kinesis::Stream")
    return Node(logical_id=arn, arn=arn, name=arn, path=arn)


def _fifo(name: str) -> dict[str, Any]:
    """Its name tells that it is FIFO; neither its policy nor whether it tells duplicates by their content is told anywhere."""
    fifo = name.endswith(".fifo")
    untold = ("Policy", "ContentBasedDeduplication") if fifo else ("Policy",)
    return {"fifo": fifo, "unknown": dict.fromkeys(untold, f"{name} is outside the template")}
