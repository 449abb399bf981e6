"""Sending dead letters back, each once: what is not confirmed is not deleted, and what is confirmed is not sent again."""

import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from botocore.exceptions import ClientError

from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.operate.back import Copy, NoWayError, WayBack
from cdk_event_flow.operate.dead_letters import DeadLetterQueue, queue_of
from cdk_event_flow.operate.edit import Edit, EditError, edited
from cdk_event_flow.operate.journal import Journal, Known, journal, known_in, state_folder
from cdk_event_flow.operate.letters import DeadLetter
from cdk_event_flow.operate.logs import function_of
from cdk_event_flow.operate.queue import Pass
from cdk_event_flow.operate.select import Selection
from cdk_event_flow.operate.sending import Outcome, Sender, chunks
from cdk_event_flow.operate.stack import Stack

InDoubt = Literal["keep", "send", "delete"]
MOST_DOUBTFUL_REQUESTS = 3  # one after the other: then something is wrong with the network or the service


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be redriven, and how.

    `body` is what is sent in place of each letter's own, None for that; `edits` change either.
    `to` is the ARN that takes the copies, None for where each came from. `rate` is messages a second, `limit` the most
    messages. `in_doubt` says what becomes of messages that a run which was cut off sent perhaps: they are kept, sent again,
    or deleted because somebody saw that they arrived.
    """

    selection: Selection
    edits: tuple[Edit, ...] = ()
    body: str | None = None
    to: str | None = None
    rate: float | None = None
    limit: int | None = None
    in_doubt: InDoubt = "keep"


@dataclass
class Account:
    """What became of every message that was looked at.

    `moved` counts copies that were taken, by the ARN that took them; `before` those of runs that were cut off. `kept` were
    not selected, or over the limit. `failed` counts by reason. `doubtful` were sent perhaps, and are still there. `unseen`
    is how many more SQS counts, about. `cut` says that the run was stopped before its end. `first` is a copy, to show.
    """

    moved: Counter[str] = field(default_factory=Counter)
    before: int = 0
    kept: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    doubtful: int = 0
    unseen: int = 0
    cut: bool = False
    first: Copy | None = None

    @property
    def looked_at(self) -> int:
        """How many messages were looked at."""
        return self.moved.total() + self.kept + self.failed.total() + self.doubtful

    @property
    def complete(self) -> bool:
        """Whether all that was selected is where it should be."""
        return not (self.failed or self.doubtful or self.cut)

    def as_json(self, called: Callable[[str], str], *, dry: bool) -> dict[str, Any]:
        """The account as plain values; `called` gives the name of what has an ARN, `dry` says that nothing was done."""
        return {
            "by": "event-flow",
            "dry_run": dry,
            "moved": [{"to": called(arn), "arn": arn, "count": count} for arn, count in sorted(self.moved.items())],
            "moved_before": self.before,
            "not_selected": self.kept,
            "failed": dict(self.failed),
            "in_doubt": self.doubtful,
            "not_seen": self.unseen,
            "stopped": self.cut,
        }


def dry_run(stack: Stack, queue: DeadLetterQueue, plan: Plan) -> Account:
    """What a redrive would do; nothing is sent, changed or deleted."""
    copying = _Copying(stack, queue, plan, known_in(journal_file(stack, queue)))
    with Pass(stack.aws.client("sqs"), queue.url) as letters:
        for batch in letters:
            copies, _ = copying.copies(batch)
            copying.account.moved.update(copy.arn for copy in copies)
        copying.account.unseen = letters.unseen
    return copying.account


def redrive(
    stack: Stack,
    queue: DeadLetterQueue,
    plan: Plan,
    *,
    on_progress: Callable[[Account], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Account:
    """Do it. A run that was cut off, however, is gone on with by the next, also by one with another plan.

    `stopped` is asked between requests. Raises RunError (EF-REDRIVE-RUNNING, EF-REDRIVE-DOUBT, EF-AWS-THROTTLED).
    """
    with journal(journal_file(stack, queue)) as written:
        sqs = stack.aws.client("sqs")
        with Pass(sqs, queue.url, rate=plan.rate, patience=written.known.hold, stopped=stopped) as letters:
            written.begins(letters.hold)
            running = _Redrive(stack, queue, plan, written, letters)
            for batch in letters:
                running.work(batch)
                on_progress(running.account)
                if running.enough:
                    break
            running.account.cut = stopped()
            running.delete_sent(letters.held.values())
            running.account.unseen = letters.unseen
        all_seen = not running.enough and not running.account.unseen and not running.account.doubtful
        if not running.account.cut and (all_seen or written.known.settled):
            written.end()
    return running.account


def journal_file(stack: Stack, queue: DeadLetterQueue) -> Path:
    """Where the redrives of this queue are written down. Message ids of a local run are those of this run alone."""
    region, account, name = queue.node.arn.split(":")[3:6]
    place = f"run-{stack.run}" if stack.run else f"{account}-{region}"
    return state_folder() / "redrives" / f"{re.sub(r'[^A-Za-z0-9.-]', '-', place)}-{name}.jsonl"


class _Copying:
    """Makes the copies that a plan asks for, and accounts for the letters that get none."""

    def __init__(self, stack: Stack, queue: DeadLetterQueue, plan: Plan, known: Known) -> None:
        self.account = Account(before=len(known.sent))
        self._way = WayBack(stack.flow, queue.serves, lambda letter, functions: function_of(stack, letter, functions))
        self._plan = plan
        self._known = known
        self._count = 0

    @property
    def enough(self) -> bool:
        """Whether the limit is reached."""
        return self._plan.limit is not None and self._count >= self._plan.limit

    def copies(self, batch: Sequence[DeadLetter]) -> tuple[list[Copy], list[DeadLetter]]:
        """The copies to send of a batch, and the letters of which one was taken already."""
        copies: list[Copy] = []
        taken: list[DeadLetter] = []
        for letter in batch:
            selected = self._plan.selection.takes(letter)
            doubtful = letter.id in self._known.doubtful
            if letter.id in self._known.sent:
                taken.append(letter)
            elif doubtful and (self._plan.in_doubt == "keep" or not selected):
                self.account.doubtful += 1
            elif doubtful and self._plan.in_doubt == "delete":
                taken.append(letter)
                self.account.before += 1
            elif self.enough or not selected:
                self.account.kept += 1
            else:
                copies += self._copy(letter)
        return copies, taken

    def _copy(self, letter: DeadLetter) -> Iterator[Copy]:
        try:
            body = edited(letter.body if self._plan.body is None else self._plan.body, self._plan.edits)
            copy = self._way.copy(letter, body, self._plan.to)
        except (NoWayError, EditError) as error:
            self.account.failed[str(error)] += 1
            return
        self._count += 1
        self.account.first = self.account.first or copy
        yield copy


class _Redrive(_Copying):
    """Sends the copies, deletes the letters, and writes both down."""

    def __init__(self, stack: Stack, queue: DeadLetterQueue, plan: Plan, written: Journal, letters: Pass) -> None:
        super().__init__(stack, queue, plan, written.known)
        self._written = written
        self._letters = letters
        self._sender = Sender(stack.aws, lambda arn: queue_of(stack.flow, arn).url)
        self._rate = plan.rate
        self._began, self._asked = time.monotonic(), 0
        self._doubtful_requests = 0
        self._blocked: set[tuple[str, str]] = set()

    def work(self, batch: Sequence[DeadLetter]) -> None:
        """Send and delete what is to be of a batch."""
        copies, taken = self.copies(batch)
        self._written.was_sent(letter.id for letter in taken)
        self.delete_sent(taken)
        by_place: dict[str, list[Copy]] = defaultdict(list)
        for copy in copies:
            by_place[copy.arn].append(copy)
        for of_place in by_place.values():
            for chunk in chunks(of_place, most=max(1, int(self._rate)) if self._rate else None):
                self._send(self._in_order(chunk))

    def delete_sent(self, letters: Iterable[DeadLetter]) -> None:
        """Delete those whose copies were taken."""
        self._written.was_deleted(self._letters.delete([letter for letter in letters if letter.id in self._known.sent]))

    def _in_order(self, chunk: list[Copy]) -> list[Copy]:
        """Without what would overtake a message of its FIFO group that stays."""
        free = [copy for copy in chunk if not copy.fifo or (copy.arn, copy.group) not in self._blocked]
        if len(free) < len(chunk):
            self.account.failed["a message before it in its group stays"] += len(chunk) - len(free)
        return free

    def _send(self, chunk: list[Copy]) -> None:
        if not chunk:
            return
        self._pace(len(chunk))
        waiting = {copy.letter.id for copy in chunk}
        self._written.is_sending(waiting)
        try:
            for outcomes in self._sender.send(chunk):
                self._settle(outcomes)
                waiting -= {each.copy.letter.id for each in outcomes}
        except (RunError, ClientError):
            self._written.was_refused(waiting)
            raise
        if self._doubtful_requests == MOST_DOUBTFUL_REQUESTS:
            raise RunError(chunk[0].arn, _too_doubtful(self.account.doubtful))

    def _settle(self, outcomes: Sequence[Outcome]) -> None:
        taken = [each.copy for each in outcomes if each.taken]
        refused = [each for each in outcomes if each.refusal]
        doubtful = [each.copy for each in outcomes if each.doubtful]
        self._written.was_sent(copy.letter.id for copy in taken)
        self._written.was_refused(each.copy.letter.id for each in refused)
        self.account.moved.update(copy.arn for copy in taken)
        self.account.failed.update(each.refusal for each in refused)
        self.account.doubtful += len(doubtful)
        self._doubtful_requests = self._doubtful_requests + 1 if doubtful else 0
        self._blocked |= {(copy.arn, copy.group) for copy in (*doubtful, *(each.copy for each in refused)) if copy.fifo}
        self.delete_sent([copy.letter for copy in taken])

    def _pace(self, count: int) -> None:
        """Wait so long that no more than the rate is sent."""
        if self._rate:
            due = self._began + self._asked / self._rate
            self._asked += count
            if (wait := due - time.monotonic()) > 0:
                time.sleep(wait)


def _too_doubtful(count: int) -> Problem:
    return Problem(
        code="EF-REDRIVE-DOUBT",
        given=f"{MOST_DOUBTFUL_REQUESTS} requests one after the other had no answer, so {count} messages were sent perhaps",
        allowed="they are still in the dead-letter queue, and the next run will not send them by itself",
        fix="look at the network, then run it again",
    )
