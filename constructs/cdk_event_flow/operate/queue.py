"""Going once through all messages of a queue without losing one, and leaving it as it was found."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from botocore.exceptions import BotoCoreError

from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.operate.aws import code_of, missing
from cdk_event_flow.operate.letters import DeadLetter

BATCH = 10  # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1, 20  # a long poll asks all of SQS's servers, a short one a sample of them
EMPTY_POLLS = 2
SHORTEST_HOLD, LONGEST_HOLD = 60, 43_200
HELD_A_SECOND = 200  # messages that a pass looks at, at the least


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages there are, about: visible, in flight (received and not deleted), delayed."""

    visible: int
    in_flight: int
    delayed: int

    @property
    def all(self) -> int:
        """All of them."""
        return self.visible + self.in_flight + self.delayed


def depth_of(sqs: Any, url: str) -> Depth | None:
    """The depth of a queue; None where there is no such queue."""
    names = [f"ApproximateNumberOfMessages{which}" for which in ("", "NotVisible", "Delayed")]
    try:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    except sqs.exceptions.ClientError as error:
        if missing(error):
            return None
        raise
    return Depth(*(int(found.get(name, 0)) for name in names))


def existing_depth(sqs: Any, url: str) -> Depth:
    """The depth of a queue. Raises RunError (EF-QUEUE) where there is no such queue."""
    if depth := depth_of(sqs, url):
        return depth
    problem = Problem(code="EF-QUEUE", given="there is no such queue", allowed="the dead letters are in a queue",
                      fix="deploy the stack, or start the run again")  # fmt: skip
    raise RunError(url.rpartition("/")[2], problem)


@dataclass
class Pass:
    """`with Pass(sqs, url) as letters:` gives each message once, in batches, hidden from everybody else meanwhile.

    At the end, however it comes, what was not deleted is visible again at once. `rate` (messages a second) tells how long a
    pass may take, so how long messages are hidden if the process is killed. `patience` is for how many seconds to wait at the
    end for messages that somebody else holds, such as a process that was killed. `stopped` is asked before each request.

    A FIFO queue gives no further message of a group while one is held: `unseen` says that there are more.
    """

    sqs: Any
    url: str
    rate: float | None = None
    patience: float = 0.0
    stopped: Callable[[], bool] = lambda: False
    held: dict[str, DeadLetter] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    _hold: int = SHORTEST_HOLD

    @property
    def hold(self) -> int:
        """For how many seconds messages are hidden."""
        return self._hold

    def __enter__(self) -> "Pass":
        seconds = SHORTEST_HOLD + existing_depth(self.sqs, self.url).all / min(self.rate or HELD_A_SECOND, HELD_A_SECOND)
        self._hold = min(math.ceil(seconds), LONGEST_HOLD)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        try:
            self.put_back(list(self.held.values()))
        except (BotoCoreError, self.sqs.exceptions.ClientError):
            if error is None:  # else what came first counts; SQS shows them again when their time is over
                raise

    def __iter__(self) -> Iterator[list[DeadLetter]]:
        """New messages, up to ten at once, until there are no more, or it is stopped."""
        empty, wait, until = 0, WAIT_SECONDS, 0.0
        while empty < EMPTY_POLLS and not self.stopped():
            received = self._receive(wait)
            wait = WAIT_SECONDS
            until = until or (0.0 if received else time.monotonic() + self.patience)
            for letter in received:
                self.held[letter.id] = letter  # the newest receipt is the one that counts
            new = [letter for letter in received if letter.id not in self.seen]
            self.seen.update(letter.id for letter in new)
            if new:
                empty = 0
                yield new
            elif self._others_hold(until):
                wait = LONGEST_WAIT_SECONDS
            else:
                empty += 1

    @property
    def unseen(self) -> int:
        """How many messages SQS counts that were not seen: held by somebody else, behind a held one of their group, or just gone."""
        depth = depth_of(self.sqs, self.url)
        return max(0, depth.all - len(self.held)) if depth else 0

    def _receive(self, wait: int) -> list[DeadLetter]:
        try:
            answer = self.sqs.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=BATCH,
                VisibilityTimeout=self._hold,
                WaitTimeSeconds=wait,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["All"],
            )
        except self.sqs.exceptions.ClientError as error:
            if code_of(error).endswith("OverLimit"):
                problem = Problem(code="EF-QUEUE-HELD", given="SQS gives no more: too many messages of the queue are in flight",
                                  allowed="SQS keeps at most about 120,000 of a queue in flight",
                                  fix="redrive or purge part of them first, with --limit")  # fmt: skip
                raise RunError(self.url.rpartition("/")[2], problem) from None
            raise
        return [DeadLetter.of(message) for message in answer.get("Messages", ())]

    def _others_hold(self, until: float) -> bool:
        """Whether it is worth waiting for what somebody else holds."""
        if time.monotonic() >= until:
            return False
        depth = depth_of(self.sqs, self.url)
        return depth is not None and depth.in_flight > len(self.held)

    def delete(self, letters: Sequence[DeadLetter]) -> set[str]:
        """Delete messages; returns the ids of those that are gone."""
        gone: set[str] = set()
        for batch in _tens(letters):
            entries = [{"Id": str(n), "ReceiptHandle": self.held[letter.id].receipt} for n, letter in enumerate(batch)]
            answer = self.sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)
            gone |= {batch[int(each["Id"])].id for each in answer.get("Successful", ())}
        for message_id in gone:
            del self.held[message_id]
        return gone

    def put_back(self, letters: Sequence[DeadLetter]) -> None:
        """Make messages visible again now. Of one whose time is over already, nothing is to be done."""
        for batch in _tens(letters):
            entries = [
                {"Id": str(n), "ReceiptHandle": self.held[each.id].receipt, "VisibilityTimeout": 0} for n, each in enumerate(batch)
            ]
            self.sqs.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)
            for letter in batch:
                del self.held[letter.id]


def _tens(letters: Sequence[DeadLetter]) -> Iterator[Sequence[DeadLetter]]:
    for start in range(0, len(letters), BATCH):
        yield letters[start : start + BATCH]
