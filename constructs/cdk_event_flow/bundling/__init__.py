"""A Python function's code as one zip, without Docker, the same bytes on every machine."""

from cdk_event_flow.bundling.bundle import Bundle, bundle, unpack
from cdk_event_flow.bundling.platform import Platform
from cdk_event_flow.bundling.source import Source

__all__ = ["Bundle", "Platform", "Source", "bundle", "unpack"]
