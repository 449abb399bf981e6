"""Queues that lose nothing: encrypted, TLS only, with dead letters."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import duration, place, refuse, seconds, within, words
from cdk_event_flow.compose.functions.consumer import Consumes, consumer_of
from cdk_event_flow.compose.functions.role import allow
from cdk_event_flow.compose.known import once, remember
from cdk_event_flow.compose.messaging.encryption import allow_key, stack_key
from cdk_event_flow.compose.messaging.fifo import Fifo, fifo_of
from cdk_event_flow.compose.messaging.queue_policy import OwnQueue, QueuePolicy
from cdk_event_flow.compose.observe.alarms import consumer_alarm, dead_letters_alarm, name_in
from cdk_event_flow.compose.observe.parts import add_part
from cdk_event_flow.compose.sources.polled import Polled
from cdk_event_flow.compose.sources.resources import polled
from cdk_event_flow.errors import Problem
from constructs import Construct

SQS_QUOTAS = "SQS (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html)"
DEAD_LETTER_QUEUES = "SQS (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html)"
MAX_RETENTION = timedelta(days=14)
SHORTEST = timedelta(seconds=30)
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

    def too_short(self, retention: timedelta) -> list[Problem]:
        """That dead letters would be gone before the messages of a queue that keeps these for `retention`."""
        own, theirs = seconds(self.retention), seconds(retention)
        if own >= theirs or not 60 <= own <= theirs <= seconds(MAX_RETENTION):
            return []
        return [
            Problem(code="EF-QUEUE-RETENTION",
                    given=f"dead letters are kept {words(own)} and messages {words(theirs)}",
                    allowed=f"{DEAD_LETTER_QUEUES} counts from the first sending: a message would be gone before anybody saw it dead",
                    fix="keep dead letters longer, or messages shorter")
        ]  # fmt: skip


class Queue(Construct):
    """An SQS queue with its dead-letter queue; `queue` takes an existing or imported one in place of our own.

    Encrypted with the stack's key (or `key`), TLS only, `retention` 60 seconds to 14 days (default 4 days), `delay` 0 to 15
    minutes before a message is seen first. `fifo` keeps order (True, or `Fifo` with its settings); a standard queue is fair
    by itself where messages bear a message group. `visibility` is 0 seconds to 12 hours (default: 6 times the timeout plus
    the batch window of the function that consumes it, and 30 seconds where none does). `dead_letters=None` makes none.
    `queue`, `dead_letter_queue` and `alarm` are the CDK's own constructs. Both share one policy, which `add_to_resource_policy` of
    either widens; a queue policy made beside it would replace it. `promise`, in seconds, makes one alarm of dead letters and of
    messages that wait longer (`fan_out` and `decouple` give it; default: dead letters alone). `fair` says that messages of
    a standard queue bear the group of their tenant: then a tenant who floods it is no reason for an alarm, and the others'
    waiting is.

    Raises ConstructError: EF-QUEUE-VISIBILITY, EF-QUEUE-RETENTION, EF-QUEUE-DELAY, EF-QUEUE-RECEIVES, EF-QUEUE-FAIR,
    EF-FIFO-ARCHIVE.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        fifo: bool | Fifo = False,
        visibility: timedelta | None = None,
        retention: timedelta = timedelta(days=4),
        delay: timedelta = timedelta(0),
        dead_letters: DeadLetters | None = DeadLetters(),
        key: kms.IKey | None = None,
        queue: sqs.IQueue | None = None,
        promise: int | None = None,
        fair: bool = False,
    ) -> None:
        ordered = fifo_of(fifo)
        refuse(
            place(scope, id),
            [
                *within("EF-QUEUE-VISIBILITY", "visibility", seconds(visibility or SHORTEST), 0, 43_200, unit="seconds",
                        source=SQS_QUOTAS, fix="choose a visibility in that range"),
                *within("EF-QUEUE-RETENTION", "retention", seconds(retention), 60, 1_209_600, unit="seconds",
                        source=SQS_QUOTAS, fix="choose a retention in that range"),
                *within("EF-QUEUE-DELAY", "delay", seconds(delay), 0, 900, unit="seconds", source=SQS_QUOTAS,
                        fix="choose a delay in that range, or a schedule"),
                *(dead_letters.problems() if dead_letters else ()),
                *(dead_letters.too_short(retention) if dead_letters else ()),
                *(ordered.problems(topic=False) if ordered else ()),
                *(_fair_problems() if fair and ordered else ()),
            ],
        )  # fmt: skip
        super().__init__(scope, id)
        remember(self, scope, id)
        self.fifo = bool(queue.fifo) if queue else ordered is not None
        self._id = id
        self._waits = visibility or SHORTEST
        self.watches_age = False
        self.fair = fair
        self._was_given = visibility is not None or queue is not None
        self.dead_letter_queue: sqs.Queue | None = None
        self.dead_letters_arn: str | None = None
        self.alarm: cloudwatch.CfnAlarm | None = None
        self.key = queue.encryption_master_key if queue else key or stack_key(self)
        if queue:
            self.queue: sqs.IQueue = queue
            self.arn = queue.queue_arn
        else:
            self.queue, self.arn = self._make(ordered, retention, delay, dead_letters, key or stack_key(self), promise)

    def _make(
        self,
        fifo: Fifo | None,
        retention: timedelta,
        delay: timedelta,
        dead_letters: DeadLetters | None,
        key: kms.IKey,
        promise: int | None,
    ) -> tuple[sqs.IQueue, str]:
        queues: dict[OwnQueue, str] = {}
        letters: OwnQueue | None = None
        if dead_letters:
            letters = OwnQueue(
                self,
                "DeadLetters",
                fifo=True if fifo else None,
                retention_period=duration(seconds(dead_letters.retention)),
                encryption_master_key=key,
            )
            acknowledge(self, Acknowledged.DEAD_LETTERS_OF_DEAD_LETTERS)
            self.dead_letter_queue = letters
            self.dead_letters_arn = queues[letters] = letters.queue_arn
        per_group = fifo is not None and fifo.per_group
        queue = OwnQueue(
            self,
            "Queue",
            fifo=True if fifo else None,
            content_based_deduplication=fifo.content_deduplication if fifo else None,
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP if per_group else None,
            fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID if per_group else None,
            visibility_timeout=duration(seconds(self._waits)),
            retention_period=duration(seconds(retention)),
            delivery_delay=duration(seconds(delay)) if delay else None,
            encryption_master_key=key,
            dead_letter_queue=sqs.DeadLetterQueue(queue=letters, max_receive_count=dead_letters.max_receives)
            if dead_letters and letters
            else None,
        )
        queues[queue] = queue.queue_arn
        QueuePolicy(self, "Policy", queues)
        add_part(
            self, queue, kind="queue", scope=self, called=name_in(queues[queue]), near=queue,
            letters=name_in(queues[letters]) if letters else None, promise=promise, fair=self.fair,
        )  # fmt: skip
        self.watches_age = letters is not None and promise is not None
        if letters and promise is not None:
            self.alarm = consumer_alarm(
                self, "DeadLettersAlarm", letters_arn=queues[letters], queue_arn=queues[queue], promise=promise, fair=self.fair
            )
        elif letters:
            self.alarm = dead_letters_alarm(self, "DeadLettersAlarm", letters)
        return queue, queues[queue]

    def allow_sending(self, producer: Consumes | lambda_.IFunction) -> None:
        """Let a function send messages to this queue, and encrypt them."""
        role = consumer_of(producer).role
        allow(role, ["sqs:SendMessage"], [self.arn])
        if self.key is not None:
            allow_key(role, self.key)

    @property
    def receiver(self) -> sqs.IQueue:
        """What receives where this construct is given as a target."""
        return self.queue

    def polled(self, scope: Construct) -> Polled:  # noqa: ARG002
        """How it is polled for a function."""
        return polled(arn=self.arn, fifo=self.fifo, key=self.key, id=self._id)

    def wait_for(self, needed: timedelta) -> None:
        """Hide received messages for at least so long, unless `visibility` was given or the queue was made elsewhere."""
        if not self._was_given and needed > self._waits:
            self._waits = needed
            resource: Any = self.queue.node.default_child
            resource.visibility_timeout = seconds(needed)


def _fair_problems() -> list[Problem]:
    return [
        Problem(code="EF-QUEUE-FAIR", given="fair and fifo together",
                allowed="SQS (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html) is "
                "fair between the groups of standard queues; groups of FIFO queues keep their order", fix="give one of them")
    ]  # fmt: skip


def dead_letter_queue(
    scope: Construct, id: str, *, key: kms.IKey | None = None, fifo: bool = False, retention: timedelta = MAX_RETENTION
) -> sqs.Queue:
    """A queue for dead letters, alarmed on as soon as one is visible; encrypted with `key`, or the stack's."""
    queue = OwnQueue(
        scope,
        id,
        fifo=fifo or None,
        retention_period=duration(seconds(retention)),
        encryption_master_key=key or stack_key(scope),
    )
    QueuePolicy(scope, f"{id}Policy", {queue: queue.queue_arn})
    acknowledge(queue, Acknowledged.DEAD_LETTERS_OF_DEAD_LETTERS)
    part = add_part(queue, kind="dead letters", scope=scope, called=queue.queue_name, near=queue, id=id)
    dead_letters_alarm(scope, f"{id}Alarm", queue, of=part)
    return queue


def undelivered(scope: Construct) -> sqs.Queue:
    """The stack's one queue for what no consumer's queue can hold: failed asynchronous invokes, rule targets, schedules."""
    return once(scope, UNDELIVERED_ID, _make_undelivered)


def _make_undelivered(stack: cdk.Stack) -> sqs.Queue:
    made = dead_letter_queue(stack, UNDELIVERED_ID, key=stack_key(stack))
    resource: Any = made.node.default_child
    # No queue redrives into it. Of a queue's own dead letters this cannot be said: each would have to name the other.
    resource.redrive_allow_policy = {"redrivePermission": "denyAll"}
    return made
