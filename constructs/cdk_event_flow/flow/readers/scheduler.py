"""EventBridge Scheduler."""

from dataclasses import replace

from cdk_event_flow.flow.model import Schedule
from cdk_event_flow.flow.readers.events import target
from cdk_event_flow.flow.readers.resource import Resource, text_at, whole


def schedule(resource: Resource) -> Schedule:
    """A schedule with its one target."""
    window = resource.mapping("FlexibleTimeWindow")
    raw = resource.mapping("Target")
    return Schedule(
        **resource.identity(),
        expression=resource.text("ScheduleExpression"),
        timezone=resource.text("ScheduleExpressionTimezone", "UTC"),
        enabled=resource.text("State") != "DISABLED",
        target=replace(
            target(raw),
            event_source=text_at(raw, "EventBridgeParameters", "Source"),
            detail_type=text_at(raw, "EventBridgeParameters", "DetailType"),
        ),
        flexible_minutes=whole(window.get("MaximumWindowInMinutes"), 0),
    )
