"""Who takes a batch of records: a function, or a pipe on its way to its target."""

from collections.abc import Sequence
from typing import Protocol

from cdk_event_flow.local.invocation import Invocation
from cdk_event_flow.local.trace import Attempt, Delivery


class Caller(Protocol):
    """Takes a batch, and answers as a function does: a fault, or which records are to come again."""

    def name(self, arn: str) -> str:
        """How it is shown."""
        ...

    async def call(
        self, arn: str, payload: str, deliveries: Sequence[Delivery], *, trace_header: str = ""
    ) -> tuple[Invocation, list[Attempt]]:
        """Give `arn` the batch once, for `deliveries`, each of which gets an Attempt. The caller holds the clock."""
        ...

    def comes_again(self, arn: str, deliveries: Sequence[Delivery]) -> bool:
        """Whether what was just processed is to be delivered once more, a fault put in on purpose."""
        ...
