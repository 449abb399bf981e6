"""The new custom event bus: buses, and subscribers with their one target.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eventsv2-subscriber.html
"""

from cdk_event_flow.flow.known import known
from cdk_event_flow.flow.model import Target
from cdk_event_flow.flow.readers.resource import Resource, as_list, as_mapping, text_at, whole
from cdk_event_flow.flow.sources import CustomBus, EventFilter, Subscriber


def bus(resource: Resource) -> CustomBus:
    """A custom event bus."""
    return CustomBus(**resource.identity(), type=resource.type)


def subscriber(resource: Resource) -> Subscriber:
    """A subscriber: filters, one target, its role, retries, and a queue for what fails."""
    retry = resource.mapping("RetryPolicy")
    properties = resource.properties
    filters = [as_mapping(each) for each in as_list(resource.mapping("FilterConfiguration").get("Filters"))]
    return Subscriber(
        **resource.identity(),
        type=resource.type,
        bus_arn=resource.text("EventBusArn"),
        target=Target(
            id=resource.text("Name"),
            arn=text_at(properties, "InvokeConfiguration", "TargetArn") or "",
            max_attempts=whole(retry.get("MaxRetryAttempts"), 185),
            max_age=whole(retry.get("MaxEventAgeInSeconds"), 86_400),
            dead_letter_arn=text_at(properties, "OnFailureConfiguration", "Arn"),
            role_arn=text_at(properties, "InvokeConfiguration", "RoleArn"),
        ),
        filters=tuple(
            EventFilter(pattern=pattern, scope=text_at(each, "Scope") or "DATA")
            for each in filters
            if (pattern := known(as_mapping(each.get("Pattern"))))
        ),
        enabled=resource.text("State") != "STOPPED",
        sends=text_at(properties, "Transformer", "Type") or "RAW",
    )
