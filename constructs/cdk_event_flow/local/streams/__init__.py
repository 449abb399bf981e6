"""Kinesis streams and the streams of tables: their records, and the mappings and pipes that read them."""

from cdk_event_flow.local.streams.reader import Reader
from cdk_event_flow.local.streams.record import Record
from cdk_event_flow.local.streams.stream import LocalStream, LocalTable

__all__ = ["LocalStream", "LocalTable", "Reader", "Record"]
