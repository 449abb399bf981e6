"""What every part of the delivery engine works with."""

from dataclasses import dataclass

from cdk_event_flow.local.clock import Clock
from cdk_event_flow.local.ids import Ids
from cdk_event_flow.local.keeper import Keeper
from cdk_event_flow.local.post import Post
from cdk_event_flow.local.trace import Trace


@dataclass(frozen=True, slots=True)
class Hub:
    """The clock, the identifiers, the trace, the post office and the memory of one run."""

    clock: Clock
    ids: Ids
    trace: Trace
    post: Post
    keep: Keeper
