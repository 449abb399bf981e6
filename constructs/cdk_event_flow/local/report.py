"""What a run prints at its end: each event's tree of deliveries, and one line that accounts for all of them."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from cdk_event_flow.local.invocation import Fault
from cdk_event_flow.local.post import Post
from cdk_event_flow.local.trace import Attempt, Came, Delivery, State, Tally, Trace, outcome
from cdk_event_flow.tracebacks import in_one_line

_STYLE = {
    State.PROCESSED: "green",
    State.DEAD_LETTERED: "red",
    State.DESTINATION: "yellow",
    State.DROPPED: "red",
    State.UNMATCHED: "yellow",
    State.PENDING: "cyan",
}
_LONGEST_TEXT = 240
_WHOLE_LINES = 1_000  # columns: nothing is wrapped


@dataclass(frozen=True, slots=True)
class Accounting:
    """How many events there were, by where they came from, and what they ended as; `deliveries` counts all ends.

    With a kept state it counts the events of earlier runs too; `earlier` of them were over before this one began.
    """

    sent: int
    by_handlers: int
    by_schedules: int
    outcomes: dict[State, int]
    deliveries: int
    settled: bool
    earlier: int = 0
    by_alarms: int = 0

    @property
    def balanced(self) -> bool:
        """Everything that was accepted is accounted for, and nothing is on its way any more."""
        return self.settled and self.sent + self.by_handlers + self.by_schedules + self.by_alarms == sum(self.outcomes.values())

    def __str__(self) -> str:
        """`6 sent + 1 published by handlers = 5 processed + 1 dead-lettered + 1 unmatched (9 deliveries)`."""
        came = [f"{self.sent} sent"]
        if self.by_handlers:
            came.append(f"{self.by_handlers} {Came.BY_HANDLERS}")
        if self.by_schedules:
            came.append(f"{self.by_schedules} {Came.BY_SCHEDULES}")
        if self.by_alarms:
            came.append(f"{self.by_alarms} {Came.BY_ALARMS}")
        ended = [f"{count} {state}" for state in State if (count := self.outcomes.get(state, 0))]
        plural = "delivery" if self.deliveries == 1 else "deliveries"
        before = f"; {self.earlier} of the events were over before this run" if self.earlier else ""
        return f"{' + '.join(came)} = {' + '.join(ended) or '0'} ({self.deliveries} {plural}){before}"


class Report:
    """The report of a trace, as it stands when it is asked.

    `post` gives the names behind ARNs; `injected` counts the faults that this run put in on purpose.
    """

    def __init__(self, trace: Trace, post: Post, *, injected: Mapping[str, int] | None = None) -> None:
        self._trace = trace
        self._post = post
        self._injected = injected

    @property
    def accounting(self) -> Accounting:
        """How many there were and what they ended as."""
        return _account(self._trace)

    @property
    def balanced(self) -> bool:
        """Whether the run may exit with 0."""
        return self.accounting.balanced

    def print(self, console: Console | None = None) -> None:
        """Print to `console`, by default to standard output (without colours in a pipe or under NO_COLOR)."""
        console = console or Console(highlight=False, soft_wrap=True)
        for number, root in enumerate(self._trace.roots, start=1):
            self.print_tree(console, number, root)
        self.print_accounting(console)

    def print_tree(self, console: Console, number: int, root: Delivery) -> None:
        """Print one event's tree. Where it is no terminal, as plain lines: ten times faster than rich lays them out."""
        tree = self.tree(number, root)
        if console.is_terminal or console.width < _WHOLE_LINES:
            console.print(tree)
        else:
            console.file.write("".join(f"{line}\n" for line in _plain(tree)))

    def print_accounting(self, console: Console) -> None:
        """Print only the line that accounts for everything, and one for the faults put in."""
        account = self.accounting
        if self._injected is not None:
            console.print(Text(f"injected: {_counted(self._injected) or 'nothing'}", style="magenta"))
        console.print(Text(str(account), style="bold green" if account.balanced else "bold red"))

    def text(self, width: int = 120) -> str:
        """The same as plain text."""
        written = io.StringIO()
        self.print(Console(file=written, width=width, highlight=False, color_system=None))
        return written.getvalue()

    def text_of(self, roots: Sequence[Delivery]) -> str:
        """The trees of some events as plain text."""
        written = io.StringIO()
        console = Console(file=written, width=_WHOLE_LINES, highlight=False, color_system=None)
        for number, root in enumerate(roots, start=1):
            self.print_tree(console, number, root)
        return written.getvalue()

    def as_json(self) -> str:
        """The same for machines: `events` (trees) and `accounting`."""
        account = self.accounting
        return json.dumps(
            {
                "events": [self._as_dict(root) | {"outcome": outcome(root)} for root in self._trace.roots],
                "accounting": {
                    "sent": account.sent,
                    "published_by_handlers": account.by_handlers,
                    "by_schedules": account.by_schedules,
                    "by_alarms": account.by_alarms,
                    "outcomes": account.outcomes,
                    "deliveries": account.deliveries,
                    "earlier": account.earlier,
                    "balanced": account.balanced,
                },
                **({} if self._injected is None else {"injected": dict(self._injected)}),
            },
            indent=2,
        )

    def tree(self, number: int, root: Delivery) -> Tree:
        """One event's tree of deliveries."""
        state = outcome(root)
        title = Text(f"{number}. {_summary(root)} ")
        title.append(str(state), style=_STYLE[state])
        if root.cause is not None:
            title.append(f"  published by {self._name(root.cause.function)}", style="dim")
        tree = Tree(title)
        self._add(tree, root, is_root=True)
        return tree

    def _add(self, tree: Tree, delivery: Delivery, *, is_root: bool = False) -> None:
        branch = tree
        if not is_root:
            line = Text(f"{delivery.kind} {delivery.name}")
            if delivery.via and delivery.via != delivery.name:
                line.append(f"  via {delivery.via}", style="dim")
            branch = tree.add(line)
        for attempt in _worth_showing(delivery):
            branch.add(self._attempt_line(attempt))
        if delivery.open or (delivery.state and not _said_by_its_attempt(delivery)):
            branch.add(self._ending(delivery))
        for sentence in delivery.why() if delivery.state is State.UNMATCHED else ():
            branch.add(Text(sentence, style="yellow"))
        for child in delivery.children:
            self._add(branch, child)

    def _attempt_line(self, attempt: Attempt) -> Text:
        line = Text(f"{self._name(attempt.function)} ")
        if not attempt.ended:
            return line.append("running", style="cyan")
        bad = attempt.fault is not None or attempt.failed
        line.append(
            in_one_line(attempt.error, _LONGEST_TEXT) or str(attempt.fault or "failed") if bad else "ok",
            style="red" if bad else "green",
        )
        if attempt.environment and attempt.fault is not Fault.THROTTLED:
            warmth = f"cold, init {attempt.init_ms:.0f} ms" if attempt.cold else "warm"
            line.append(f"  {warmth}, {attempt.duration_ms:.0f} ms", style="dim")
        if attempt.batch > 1:
            line.append(f"  batch of {attempt.batch}", style="dim")
        if attempt.injected:
            line.append(f"  injected: {', '.join(attempt.injected)}", style="magenta")
        return line

    def _ending(self, delivery: Delivery) -> Text:
        state = State.PENDING if delivery.open else delivery.state or State.PENDING
        if delivery.open and delivery.resting:
            return Text("waiting: nothing here consumes this queue", style=_STYLE[state])
        words = str(state)
        if delivery.where:
            words = f"{state} to {self._name(delivery.where)}"
        if delivery.receives and state is State.DEAD_LETTERED:
            plural = "" if delivery.receives == 1 else "s"
            words = f"{delivery.receives} receive{plural}, then {words}"
        if delivery.reason:
            words += f": {in_one_line(delivery.reason, _LONGEST_TEXT)}"
        return Text(words, style=_STYLE[state])

    def _name(self, arn: str) -> str:
        return self._post.name(arn)

    def _as_dict(self, delivery: Delivery) -> dict[str, Any]:
        return {
            "kind": delivery.kind,
            "node": delivery.node,
            "name": delivery.name,
            "via": delivery.via,
            "at": delivery.at,
            "payload": delivery.payload,
            "state": State.PENDING if delivery.open else delivery.state,
            "reason": delivery.reason,
            "where": delivery.where,
            "receives": delivery.receives,
            "why": list(delivery.why()) if delivery.state is State.UNMATCHED else [],
            "attempts": [_attempt_as_dict(attempt) for attempt in delivery.attempts],
            "deliveries": [self._as_dict(child) for child in delivery.children],
        }


def _plain(tree: Tree) -> Iterator[str]:
    """The lines of a tree, as rich draws it without colours."""
    yield str(tree.label)
    for child in tree.children:
        last = child is tree.children[-1]
        lines = _plain(child)
        yield f"{'└── ' if last else '├── '}{next(lines)}"
        yield from (f"{'    ' if last else '│   '}{line}" for line in lines)


def _account(trace: Trace) -> Accounting:
    tally = Tally(
        came=trace.earlier.came.copy(),
        outcomes=trace.earlier.outcomes.copy(),
        deliveries=trace.earlier.deliveries,
    )
    for root in trace.roots:
        tally.add(root)
    return Accounting(
        sent=tally.came[Came.SENT],
        by_handlers=tally.came[Came.BY_HANDLERS],
        by_schedules=tally.came[Came.BY_SCHEDULES],
        by_alarms=tally.came[Came.BY_ALARMS],
        outcomes=dict(tally.outcomes),
        deliveries=tally.deliveries,
        settled=trace.settled,
        earlier=trace.earlier.came.total(),
    )


def _counted(kinds: Mapping[str, int]) -> str:
    """`2 errors, 10 slow, 1 timeout`."""
    return ", ".join(f"{n} {kind}{'' if n == 1 or kind == 'slow' else 's'}" for kind, n in sorted(kinds.items()))


def _worth_showing(delivery: Delivery) -> list[Attempt]:
    """All attempts, or the first and the last when a delivery was tried often."""
    attempts = delivery.attempts
    return attempts if len(attempts) <= 3 else [attempts[0], attempts[-1]]


def _said_by_its_attempt(delivery: Delivery) -> bool:
    """Processed, with nothing to add to the attempt that did it."""
    return delivery.state is State.PROCESSED and bool(delivery.attempts) and not delivery.reason


def _summary(root: Delivery) -> str:
    """What an event is, in a few words: detail-type and source for EventBridge's, else where it was sent."""
    try:
        event = json.loads(root.payload)
    except ValueError:
        event = None
    if not (isinstance(event, dict) and "detail-type" in event and "source" in event):
        return f"{root.origin} to {root.kind} {root.name}"
    file = f"{root.origin}: " if root.origin.endswith((".json", "]")) else ""
    return f"{file}{event['detail-type']} from {event['source']} on {root.kind} {root.name}"


def _attempt_as_dict(attempt: Attempt) -> dict[str, Any]:
    return {
        "at": attempt.at,
        "function": attempt.function,
        "request_id": attempt.request_id,
        "environment": attempt.environment,
        "cold": attempt.cold,
        "init_ms": attempt.init_ms,
        "duration_ms": attempt.duration_ms,
        "fault": attempt.fault,
        "failed": attempt.failed or attempt.fault is not None,
        "error_type": attempt.error_type,
        "error_message": attempt.error_message,
        "receives": attempt.receives,
        "batch": attempt.batch,
        "injected": list(attempt.injected),
    }
