"""EventBridge Pipes."""

from cdk_event_flow.flow.readers.functions import filters_of
from cdk_event_flow.flow.readers.resource import Resource, text_at
from cdk_event_flow.flow.sources import Pipe


def pipe(resource: Resource) -> Pipe:
    """A pipe from its source through filter and enrichment to its target."""
    properties = resource.properties
    bus = ("TargetParameters", "EventBridgeEventBusParameters")
    return Pipe(
        **resource.identity(),
        type=resource.type,
        properties=properties,
        source_arn=resource.text("Source"),
        target_arn=resource.text("Target"),
        role_arn=resource.text("RoleArn"),
        dead_letter_arn=_dead_letters(resource),
        awaits=text_at(properties, "TargetParameters", "StepFunctionStateMachineParameters", "InvocationType") == "REQUEST_RESPONSE",
        filters=filters_of(resource.mapping("SourceParameters").get("FilterCriteria")),
        enrichment_arn=text_at(properties, "Enrichment"),
        enrichment_template=text_at(properties, "EnrichmentParameters", "InputTemplate"),
        template=text_at(properties, "TargetParameters", "InputTemplate"),
        enabled=resource.text("DesiredState") != "STOPPED",
        event_source=text_at(properties, *bus, "Source"),
        detail_type=text_at(properties, *bus, "DetailType"),
    )


def _dead_letters(resource: Resource) -> str | None:
    """Where failed batches of a stream go; a queue as source has its own dead letters."""
    parameters = resource.mapping("SourceParameters")
    ends = (text_at(parameters, kind, "DeadLetterConfig", "Arn") for kind in ("DynamoDBStreamParameters", "KinesisStreamParameters"))
    return next((arn for arn in ends if arn is not None), None)
