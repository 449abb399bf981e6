"""The front doors of a run: HTTP and REST APIs and the URLs of functions, each on a port of its own on 127.0.0.1."""

from cdk_event_flow.local.doors.doors import Door, Doors

__all__ = ["Door", "Doors"]
