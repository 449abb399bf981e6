"""What makes cold starts long: the size of each function's package, and the time its imports take on this machine."""

from cdk_event_flow.local.coldstarts.overview import Overview, Ready, overview_of

__all__ = ["Overview", "Ready", "overview_of"]
