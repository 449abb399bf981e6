"""EventBridge Scheduler."""

from cdk_event_flow.flow.model import Schedule
from cdk_event_flow.flow.readers.events import target
from cdk_event_flow.flow.readers.resource import Resource, whole


def schedule(resource: Resource) -> Schedule:
    """A schedule with its one target."""
    window = resource.mapping("FlexibleTimeWindow")
    return Schedule(
        **resource.identity(),
        expression=resource.text("ScheduleExpression"),
        timezone=resource.text("ScheduleExpressionTimezone", "UTC"),
        enabled=resource.text("State", "ENABLED") != "DISABLED",
        target=target(resource.mapping("Target")),
        flexible_minutes=whole(window.get("MaximumWindowInMinutes"), 0),
    )
