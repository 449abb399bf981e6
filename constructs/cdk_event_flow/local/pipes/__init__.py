"""EventBridge pipes: source, filter, enrichment, target."""

from cdk_event_flow.local.pipes.caller import PipeCaller
from cdk_event_flow.local.pipes.polling import mapping_of

__all__ = ["PipeCaller", "mapping_of"]
