"""First in, first out: what a FIFO topic or queue may be told."""

from dataclasses import dataclass
from datetime import timedelta

from cdk_event_flow.compose.edge import seconds, within
from cdk_event_flow.errors import Problem

ARCHIVES = "SNS (https://docs.aws.amazon.com/sns/latest/dg/message-archiving-and-replay-topic-owner.html)"


@dataclass(frozen=True, kw_only=True)
class Fifo:
    """Order within a message group, and no duplicate within five minutes.

    `content_deduplication` takes the body's hash where a message names no deduplication id (default True: no message is
    refused for want of one). `per_group` counts throughput and duplicates by message group (default True: the higher
    throughput). `archive` keeps a topic's messages that long for replay, 1 to 365 days (default: no archive; topics only).
    """

    content_deduplication: bool = True
    per_group: bool = True
    archive: timedelta | None = None

    def problems(self, *, topic: bool) -> list[Problem]:
        """What SNS or SQS would refuse."""
        if self.archive is None:
            return []
        if not topic:
            return [
                Problem(code="EF-FIFO-ARCHIVE", given="archive on a queue", allowed=f"{ARCHIVES} keeps archives of FIFO topics only",
                        fix="put the archive on the topic")
            ]  # fmt: skip
        return within("EF-FIFO-ARCHIVE", "archive", seconds(self.archive), 86_400, 365 * 86_400, unit="seconds", source=ARCHIVES,
                      fix="choose whole days in that range")  # fmt: skip


def fifo_of(given: bool | Fifo) -> Fifo | None:
    """The settings of `fifo=`: True for the defaults, False for a standard topic or queue."""
    return given if isinstance(given, Fifo) else (Fifo() if given else None)
