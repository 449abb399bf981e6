"""The fixture `local_run`: the app's own handlers, run here, as a test talks to them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from cdk_event_flow.errors import Problem, RunError, TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.attributes import attributes_of
from cdk_event_flow.flow.dead_letters import dead_letters_of, hidden
from cdk_event_flow.flow.model import Bus, EventSourceMapping, Function, Node, Queue, Subscription, Topic
from cdk_event_flow.flow.workers import Workers
from cdk_event_flow.local.messages import Message
from cdk_event_flow.local.report import Report
from cdk_event_flow.local.run import LocalRun
from cdk_event_flow.local.trace import Delivery
from cdk_event_flow.testing.local_runs import LocalRuns

_AFTER_WORK = 1.0  # the moment of a fault
_WIDTH = 1_000  # of a report: nothing is wrapped in a test's output


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetter:
    """A message that nobody could take. `payload` is what was sent, read where it is JSON; `queue` is the name of where it is.

    `reason` is the last error ("ValueError: total is negative"), `receives` how often it was received before (0 where it was
    not in a queue).
    """

    payload: Any
    reason: str
    receives: int
    queue: str


class Run:
    """A local run of the app, empty at the start of each test. Names are those of `flow.send`: `Billing`, `Events/Billing`.

    Time stands still while the test looks, and jumps in `settle` and `advance`. Everything that reads waits first until what
    was begun is done as far as it needs no time.
    """

    def __init__(self, runs: LocalRuns, run: LocalRun) -> None:
        self._runs = runs
        self._run = run
        self._flow = runs.flow

    def send(self, name: str, *messages: Any, attributes: Mapping[str, Any] | None = None) -> None:
        """Put events on a bus, publish messages to a topic, send them to a queue, or invoke a function asynchronously.

        A message that is no text is sent as JSON. `attributes` are those of messages to topics and queues, as plain values.
        Raises EventError for an event that EventBridge refuses, TemplateError (EF-NAME-UNKNOWN, EF-NAME-AMBIGUOUS).
        """
        node = self._flow.anywhere(name, Bus, Topic, Queue, Function)
        if isinstance(node, Bus):
            self._runs.do(self._run.put_events([_event(each) for each in messages], bus=node.arn, origin="send"))
            return
        for each in messages:
            text = each if isinstance(each, str) else json.dumps(each)
            self._runs.do(self._run.send(node.arn, text, attributes=attributes_of(attributes or {})))

    def settle(self) -> None:
        """Let time jump until everything that was sent is processed, a dead letter, or dropped.

        What waits in a queue that nothing here consumes stays there. Raises what went wrong in the run itself.
        """
        self._runs.do(self._run.settle())

    def advance(self, time: timedelta) -> None:
        """Let this much time pass, with everything that is due in it: retries, schedules, visibility timeouts."""
        self._runs.do(self._run.advance(time.total_seconds()))

    @property
    def now(self) -> datetime:
        """The time in the run and for its handlers, in UTC."""
        return datetime.fromtimestamp(self._run.clock.now(), UTC)

    def received(self, name: str) -> list[Any]:
        """What came to a bus, topic, queue or function, in order, read where it is JSON; also an address that a topic sends to.

        What a function gets in batches counts message by message, and each once, however often it was tried.
        Raises TemplateError (EF-NAME-UNKNOWN, EF-NAME-AMBIGUOUS).
        """
        self._runs.do(self._run.clock.quiet())
        return [_read(payload) for payload in self._run.received(self._receiver(name))]

    def dead_letters(self, name: str) -> list[DeadLetter]:
        """What is in a dead-letter queue, named itself or by what it serves: a function (and the queues it consumes), a queue,
        a topic, a rule.

        Raises RunError (EF-DLQ-NONE), TemplateError (EF-NAME-UNKNOWN, EF-NAME-AMBIGUOUS).
        """
        queues = self._dead_letter_queues(name)
        self._runs.do(self._run.clock.quiet())
        return [_letter(message, self._flow.names[arn]) for arn in queues for message in self._run.dead_letters(arn)]

    def fault(
        self,
        name: str,
        *,
        errors: int = 0,
        timeouts: int = 0,
        kills: int = 0,
        throttles: int = 0,
        duplicates: int = 0,
        after_work: bool = False,
    ) -> None:
        """Let the next invokes of a function fail: so many by an error, a timeout, the end of its process, a throttle. Workers
        of a fleet are only killed, in the next batches they are given.

        They come in this order. With `after_work` an error strikes when the handler has done its work, else before it is
        called; timeouts and kills strike in the middle. `duplicates` are delivered once more after they were processed.
        """
        function = self._flow.find(name, Function, Workers)
        faults = self._run.faults
        assert faults is not None
        wanted = {"errors": errors, "timeouts": timeouts, "kills": kills, "throttles": throttles, "duplicates": duplicates}
        for kind, times in wanted.items():
            if times and kind != "kills" and isinstance(function, Workers):
                raise RunError(name, Problem(code="EF-FAULT", given=f"{kind} is {times}, and {name} is a fleet", allowed="kills",
                                             fix="give kills, and let its handler do the rest"))  # fmt: skip
            if times < 0:
                raise RunError(name, Problem(code="EF-FAULT", given=f"{kind} is {times}", allowed="a number of invokes, 0 or more",
                                             fix=f"give {kind}=1 to let the next invoke fail"))  # fmt: skip
            faults.plan(function, kind, times, moment=_AFTER_WORK if after_work else 0.0)

    def client(self, service: str) -> Any:
        """A boto3 client of the run's own services, tables, buckets and parameters: `local_run.client("dynamodb")`."""
        return boto3.client(
            service,
            endpoint_url=self._run.endpoint_url,
            region_name=self._run.region,
            aws_access_key_id="LOCAL",
            aws_secret_access_key="local",
        )

    def cold(self) -> None:
        """Let the next invokes start new execution environments.

        Without it they are kept warm from test to test, and with them what a handler keeps in memory between invokes, as
        in Lambda. One that left files in its /tmp, or was more than a minute ahead in time, is not kept.
        """
        self._runs.cold()

    def report(self) -> str:
        """What became of everything, as `event-flow run` prints it. A test that fails shows it."""
        return self._runs.do(self._report())

    async def _report(self) -> str:
        notes = "".join(f"note: {note}\n" for note in self._run.notes)
        return notes + Report(self._run.trace, self._run.engine.hub.post).text(_WIDTH)

    def _receiver(self, name: str) -> str:
        try:
            return self._flow.anywhere(name).arn
        except TemplateError:
            if any(name == subscription.endpoint for subscription in self._flow.of(Subscription)):
                return name
            raise

    def _dead_letter_queues(self, name: str) -> list[str]:
        keepers = [queue for queue in self._flow.of(Queue) if queue.arn in hidden(self._flow)]
        node = self._flow.find(name)
        if node in keepers:
            return [node.arn]
        served = _sources(self._flow, node)
        found = dict.fromkeys(each.queue for each in dead_letters_of(self._flow) if each.source in served)
        queues = [arn for arn in found if isinstance(self._flow.nodes.get(arn), Queue)]
        if queues:
            return queues
        problem = Problem(
            code="EF-DLQ-NONE",
            given=f"no queue keeps what {self._flow.names[node.arn]} cannot take",
            allowed=f"dead letters are kept in {', '.join(self._flow.names[queue.arn] for queue in keepers) or '(none)'}",
            fix="name one of these, or what it serves",
        )
        raise RunError(name, problem)


def _sources(flow: Flow, node: Node) -> set[str]:
    """Whose dead letters are those of a node: its own, and of a function, those of what it consumes."""
    served = {node.arn}
    for mapping in flow.of(EventSourceMapping):
        function = flow.function(mapping.function_arn)
        if function is not None and function.arn == node.arn:
            served.add(mapping.source_arn)
    return served


def _event(given: Any) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    problem = Problem(code="EF-EVENT-FORM", given=f"it is {type(given).__name__}", allowed="a bus takes events as dicts",
                      fix="send sample(Model), or a dict with source, detail-type and detail")  # fmt: skip
    raise RunError("send", problem)


def _read(payload: str) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload


def _letter(message: Message, queue: str) -> DeadLetter:
    origin: Delivery | None = message.origin
    return DeadLetter(
        payload=_read(message.body),
        reason=origin.reason or origin.last_error if origin else "",
        receives=origin.receives if origin else 0,
        queue=queue,
    )
