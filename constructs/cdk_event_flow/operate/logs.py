"""What the functions of a flow wrote, from CloudWatch Logs."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cdk_event_flow.flow.model import Function
from cdk_event_flow.operate.aws import missing
from cdk_event_flow.operate.letters import DeadLetter
from cdk_event_flow.operate.stack import Stack
from cdk_event_flow.tracebacks import in_one_line

# What is written is found a few seconds later, and not always in order: so far is looked back.
LATE_SECONDS = 15
LONGEST_TRYING = 21_600  # seconds, for which Lambda tries an asynchronous event
LONGEST_SUMMARY = 300
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html: 5 to 10 requests a second
BETWEEN_POLLS, BETWEEN_REQUESTS = 2.0, 0.2


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a function's log; `at` in epoch seconds."""

    at: float
    function: str
    text: str


def functions_of(stack: Stack) -> list[Function]:
    """The functions that write logs."""
    return [function for function in stack.flow.of(Function) if function.log_group]


def summary(text: str) -> str:
    """A line for people, of at most 300 characters: of a structured log its level, message and exception, of others the text."""
    return in_one_line(_said(text), LONGEST_SUMMARY)


def _said(text: str) -> str:
    try:
        record = json.loads(text)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        return text
    trace = record.get("stack_trace")
    value = trace.get("value") if isinstance(trace, dict) else record.get("errorMessage")
    error = ": ".join(str(part) for part in (record.get("exception_name") or record.get("errorType"), value) if part)
    said = [str(record[key]) for key in ("level", "message") if record.get(key)]
    return " ".join([*said, error]).strip() or text


@dataclass
class Tail:
    """The lines of some functions' logs from `since` to `until` (epoch seconds), each once, those that contain `text`."""

    stack: Stack
    functions: Sequence[Function]
    since: float
    text: str = ""
    until: float | None = None
    _from: dict[str, int] = field(default_factory=dict)
    _seen: dict[str, dict[str, int]] = field(default_factory=dict)

    def poll(self) -> list[Line]:
        """What is new, in the order of time."""
        return sorted(self.lines(), key=lambda line: line.at)

    def lines(self) -> Iterator[Line]:
        """What is new, function by function."""
        for function in self.functions:
            yield from self._of(function)

    def _of(self, function: Function) -> Iterator[Line]:
        group, name = function.log_group, self.stack.called(function.arn)
        seen = self._seen.setdefault(group, {})
        begin = self._from.setdefault(group, int(self.since * 1000))
        for event in self._events(group, begin):
            # Engines other than AWS may give no id; then the same words at the same moment in one stream are one line.
            key = event.get("eventId") or json.dumps([event[part] for part in ("logStreamName", "timestamp", "message")])
            if key not in seen:
                seen[key] = event["timestamp"]
                yield Line(event["timestamp"] / 1000, name, event["message"].rstrip())
        if seen:
            self._from[group] = max(begin, max(seen.values()) - LATE_SECONDS * 1000)
            self._seen[group] = {key: at for key, at in seen.items() if at >= self._from[group]}

    def _events(self, group: str, begin: int) -> Iterator[dict[str, Any]]:
        logs = self.stack.aws.client("logs")
        wanted: dict[str, Any] = {"logGroupName": group, "startTime": begin}
        if self.until is not None:
            wanted["endTime"] = int(self.until * 1000)
        if self.text:
            wanted["filterPattern"] = json.dumps(self.text, ensure_ascii=False)
        pages = logs.get_paginator("filter_log_events").paginate(**wanted)
        try:
            for page in pages:
                yield from page["events"]
        except logs.exceptions.ClientError as error:
            if not missing(error):  # a function that was never called has no log group yet
                raise

    def follow(self, show: Callable[[Line], None], stopped: Callable[[], bool]) -> None:
        """Show what comes until `stopped`."""
        while not stopped():
            for line in self.poll():
                show(line)
            until = time.monotonic() + max(BETWEEN_POLLS, BETWEEN_REQUESTS * len(self.functions))
            while not stopped() and (left := until - time.monotonic()) > 0:
                time.sleep(min(left, 0.2))


def function_of(stack: Stack, letter: DeadLetter, functions: Iterable[str]) -> str | None:
    """The one of some functions (ARNs) whose log has the request of a failed invoke in it; None where no log has."""
    begin, end = letter.sent_at - LONGEST_TRYING, letter.sent_at + 1 + LATE_SECONDS
    for arn in sorted(functions):
        function = stack.flow.function(arn)
        tail = Tail(stack, [function] if function else [], begin, text=letter.text("RequestID"), until=end)
        if any(tail.lines()):
            return arn
    return None
