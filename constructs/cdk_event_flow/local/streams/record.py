"""One record on its way to one of those who read its stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdk_event_flow.local.trace import Delivery


@dataclass(kw_only=True, slots=True, eq=False)
class Record:
    """A record for `reader` (an ARN), as the reader's function sees it (`shown`). `number` counts the reader's records.

    `key` is the partition key, `arrived` in epoch seconds, `size` in bytes.
    """

    number: int
    reader: str
    shard: str
    sequence: str
    key: str
    shown: Mapping[str, Any]
    arrived: float
    size: int
    delivery: Delivery

    @property
    def id(self) -> str:
        """What it is kept by."""
        return f"{self.reader} {self.number:012d}"
