"""`--state DIR`: what a run accepted outlives its process."""

from cdk_event_flow.local.state.restore import restore
from cdk_event_flow.local.state.store import Store

__all__ = ["Store", "restore"]
