"""What has only state, as delivery needs it: a stream that takes a record, a bucket that takes an object."""

from collections import Counter
from typing import Protocol


class Storage(Protocol):
    """Where records and objects lie that the run itself puts there. Raises RefusedError."""

    def put_record(self, stream: str, key: str, data: bytes) -> tuple[str, str]:
        """Put `data` into the stream of this name; returns its shard and sequence number."""
        ...

    def put_object(self, bucket: str, key: str, body: bytes) -> None:
        """Put an object into the bucket of this name."""
        ...


class Nowhere:
    """Keeps nothing: for an engine by itself. A stream has one shard."""

    def __init__(self) -> None:
        self._sequences: Counter[str] = Counter()

    def put_record(self, stream: str, key: str, data: bytes) -> tuple[str, str]:  # noqa: ARG002
        """See Storage."""
        self._sequences[stream] += 1
        return "shardId-000000000000", str(self._sequences[stream])

    def put_object(self, bucket: str, key: str, body: bytes) -> None:
        """See Storage."""
