"""Queues that lose nothing: encrypted, TLS only, with dead letters."""

from dataclasses import dataclass
from datetime import timedelta

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import place, refuse, seconds, within
from cdk_event_flow.compose.messaging.encryption import stack_key
from cdk_event_flow.compose.observe.alarms import dead_letters_alarm
from cdk_event_flow.errors import Problem
from constructs import Construct

SQS_QUOTAS = "SQS (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html)"
MAX_RETENTION = timedelta(days=14)
UNDELIVERED_ID = "Undelivered"


@dataclass(frozen=True, kw_only=True)
class DeadLetters:
    """When a message is given up, and how long it is kept then.

    `max_receives`: 1 to 1,000 receives before a message moves (default 5, as AWS recommends behind Lambda).
    `retention`: 60 seconds to 14 days (default 14 days: in a standard queue the clock started at the first enqueue).
    """

    max_receives: int = 5
    retention: timedelta = MAX_RETENTION

    def problems(self) -> list[Problem]:
        """What SQS would refuse."""
        return [
            *within("EF-QUEUE-RECEIVES", "max_receives", self.max_receives, 1, 1_000, unit="", source=SQS_QUOTAS,
                    fix="give max_receives a number in that range"),
            *within("EF-QUEUE-RETENTION", "retention of the dead letters", seconds(self.retention), 60, 1_209_600,
                    unit="seconds", source=SQS_QUOTAS, fix="choose a retention in that range"),
        ]  # fmt: skip


class Queue(Construct):
    """An SQS queue with its dead-letter queue.

    Encrypted with the stack's key (or `key`), TLS only, retained 4 days. `visibility` is 0 seconds to 12 hours (default
    30 seconds; whatever consumes the queue should set it to 6 times its timeout plus its batch window, and `fan_out`
    does). `dead_letters=None` makes none. `queue` and `dead_letter_queue` are the CDK's own constructs.

    Raises ConstructError: EF-QUEUE-VISIBILITY, EF-QUEUE-RETENTION, EF-QUEUE-RECEIVES.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        fifo: bool = False,
        visibility: timedelta = timedelta(seconds=30),
        retention: timedelta = timedelta(days=4),
        dead_letters: DeadLetters | None = DeadLetters(),
        key: kms.IKey | None = None,
    ) -> None:
        refuse(
            place(scope, id),
            [
                *within("EF-QUEUE-VISIBILITY", "visibility", seconds(visibility), 0, 43_200, unit="seconds",
                        source=SQS_QUOTAS, fix="choose a visibility in that range"),
                *within("EF-QUEUE-RETENTION", "retention", seconds(retention), 60, 1_209_600, unit="seconds",
                        source=SQS_QUOTAS, fix="choose a retention in that range"),
                *(dead_letters.problems() if dead_letters else ()),
            ],
        )  # fmt: skip
        super().__init__(scope, id)
        self.key = key or stack_key(self)
        self.dead_letter_queue: sqs.Queue | None = None
        if dead_letters:
            self.dead_letter_queue = dead_letter_queue(self, "DeadLetters", fifo=fifo, retention=dead_letters.retention, key=self.key)
        self.queue = sqs.Queue(
            self,
            "Queue",
            fifo=fifo or None,
            visibility_timeout=cdk.Duration.seconds(seconds(visibility)),
            retention_period=cdk.Duration.seconds(seconds(retention)),
            enforce_ssl=True,
            encryption_master_key=self.key,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letter_queue, max_receive_count=dead_letters.max_receives)
            if dead_letters and self.dead_letter_queue
            else None,
        )

    @property
    def receiver(self) -> sqs.Queue:
        """What receives where this construct is given as a target."""
        return self.queue


def dead_letter_queue(
    scope: Construct, id: str, *, key: kms.IKey, fifo: bool = False, retention: timedelta = MAX_RETENTION
) -> sqs.Queue:
    """A queue for dead letters, alarmed on as soon as one is visible."""
    queue = sqs.Queue(
        scope,
        id,
        fifo=fifo or None,
        retention_period=cdk.Duration.seconds(seconds(retention)),
        enforce_ssl=True,
        encryption_master_key=key,
    )
    acknowledge(queue, Acknowledged.DEAD_LETTERS_OF_DEAD_LETTERS)
    dead_letters_alarm(scope, f"{id}Alarm", queue)
    return queue


def undelivered(scope: Construct) -> sqs.Queue:
    """The stack's one queue for what no consumer's queue can hold: failed asynchronous invokes, rule targets, schedules."""
    stack = cdk.Stack.of(scope)
    found = stack.node.try_find_child(UNDELIVERED_ID)
    if found is not None:
        return found  # type: ignore[return-value]
    return dead_letter_queue(stack, UNDELIVERED_ID, key=stack_key(stack))
