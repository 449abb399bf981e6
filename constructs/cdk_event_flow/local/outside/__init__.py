"""What leaves AWS: API destinations and HTTP subscriptions. Called on this machine, else shown and not sent."""

from cdk_event_flow.local.outside.api_destinations import LocalApiDestination
from cdk_event_flow.local.outside.subscribers import WebSubscriber
from cdk_event_flow.local.outside.web import Web

__all__ = ["LocalApiDestination", "Web", "WebSubscriber"]
