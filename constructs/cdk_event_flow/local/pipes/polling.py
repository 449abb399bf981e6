"""A pipe that polls a queue does it as a mapping does."""

from typing import Any

from cdk_event_flow.flow.model import EventSourceMapping
from cdk_event_flow.flow.sources import Pipe


def mapping_of(pipe: Pipe) -> EventSourceMapping:
    """The mapping that a pipe is for its queue; what it calls is the pipe itself."""
    given: dict[str, Any] = (pipe.properties.get("SourceParameters") or {}).get("SqsQueueParameters") or {}
    return EventSourceMapping(
        logical_id=pipe.logical_id,
        arn=pipe.arn,
        name=pipe.name,
        path=pipe.path,
        source_arn=pipe.source_arn,
        function_arn=pipe.arn,
        enabled=pipe.enabled,
        batch_size=int(given.get("BatchSize") or 10),
        window=int(given.get("MaximumBatchingWindowInSeconds") or 0),
        filters=pipe.filters,
        partial_failures=True,
    )
