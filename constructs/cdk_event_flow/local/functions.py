"""The functions of a run as delivery sees them: an ARN to call, and an attempt to write down."""

import json
from collections.abc import Callable, Iterable, Sequence

from cdk_event_flow.flow.model import Alias, Function, Node, Version
from cdk_event_flow.local.faults import Faults
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.invocation import Fault, Invocation, Invoker, error_document
from cdk_event_flow.local.invocations import Invocations
from cdk_event_flow.local.lineage import MOST_PASSES, passes, passing
from cdk_event_flow.local.logbook import Logbook
from cdk_event_flow.local.trace import Attempt, Delivery
from cdk_event_flow.tracebacks import without_frames

LogWatcher = Callable[[str, Invocation], None]


class Functions:
    """Calls functions, versions and aliases by ARN, and writes each call into the trace.

    `on_log` is called with the function's name after each invocation that wrote log lines; `faults` tell what is delivered
    twice.
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        invoker: Invoker,
        *,
        hub: Hub,
        logbook: Logbook,
        invocations: Invocations,
        on_log: LogWatcher | None = None,
        faults: Faults | None = None,
    ) -> None:
        self._invoker = invoker
        self._clock = hub.clock
        self._ids = hub.ids
        self._trace = hub.trace
        self._post = hub.post
        self._logbook = logbook
        self._invocations = invocations
        self._on_log = on_log
        self._faults = faults
        nodes = list(nodes)
        self.by_arn = {node.arn: node for node in nodes if isinstance(node, Function)}
        self._function_of = {arn: arn for arn in self.by_arn}
        self._function_of.update({n.arn: n.function_arn for n in nodes if isinstance(n, (Version, Alias))})

    def arns(self) -> list[str]:
        """Every ARN that can be invoked."""
        return list(self._function_of)

    def resolve(self, name: str, qualifier: str | None = None) -> str | None:
        """The ARN for a function's name, partial or full ARN, as the Lambda API takes them; None when unknown."""
        if qualifier is None and name in self._function_of:
            return name
        short, _, of_name = name.rsplit("function:", 1)[-1].partition(":")
        qualifier = qualifier or of_name or None
        for arn, node in self.by_arn.items():
            if node.name == short:
                if qualifier in (None, "$LATEST"):
                    return arn
                return f"{arn}:{qualifier}" if f"{arn}:{qualifier}" in self._function_of else None
        return None

    def function(self, arn: str) -> Function:
        """The function behind a function's, version's or alias's ARN. Raises KeyError."""
        return self.by_arn[self._function_of[arn]]

    def name(self, arn: str) -> str:
        """How the function is shown."""
        return self.function(arn).name

    async def call(
        self,
        arn: str,
        payload: str,
        deliveries: Sequence[Delivery],
        *,
        trace_header: str = "",
        client_context: str | None = None,
    ) -> tuple[Invocation, list[Attempt]]:
        """Invoke once for `deliveries`, each of which gets an Attempt. The caller holds the clock."""
        function = self.function(arn)
        trace_id = passing(self._ids.trace_header(self._clock.now(), trace_header), trace_header, function.arn)
        attempts = []
        for delivery in deliveries:
            attempt = Attempt(
                at=self._clock.now(),
                function=arn,
                trace_id=trace_id,
                receives=delivery.receives,
                batch=len(deliveries),
            )
            self._trace.attempt(delivery, attempt)
            attempts.append(attempt)
        if function.stops_loops and passes(trace_header, function.arn) >= MOST_PASSES:
            answer = self._stopped(arn)
        else:
            answer = await self._invoker.invoke(arn, payload.encode(), trace_id=trace_id, client_context=client_context)
        for delivery, attempt in zip(deliveries, attempts, strict=True):
            _write_down(answer, attempt)
            self._trace.answered(delivery, attempt)
        self._logbook.write(self.function(arn).log_group, answer, self._clock.now())
        self._invocations.write(answer, self._clock.now())
        if self._on_log and answer.log:
            self._on_log(self._post.name(arn), answer)
        return answer, attempts

    def _stopped(self, arn: str) -> Invocation:
        message = f"a loop: this event went {MOST_PASSES} times through {self.name(arn)}"
        return Invocation(
            request_id=self._ids.uuid(),
            function_arn=arn,
            version="",
            payload=error_document("RecursiveInvocationException", message),
            fault=Fault.RECURSION,
            error_type="RecursiveInvocationException",
            error_message=message,
        )

    def comes_again(self, arn: str, deliveries: Sequence[Delivery]) -> bool:
        """Whether what was just processed is to be delivered once more, a fault put in on purpose. At most once."""
        if self._faults is None or any("duplicate" in attempt.injected for d in deliveries for attempt in d.attempts):
            return False
        if not self._faults.duplicate(self.function(arn)):
            return False
        for delivery in deliveries:
            delivery.attempts[-1].injected += ("duplicate",)
        return True


def _write_down(answer: Invocation, attempt: Attempt) -> None:
    attempt.request_id = answer.request_id
    attempt.environment = answer.environment
    attempt.cold = answer.cold
    attempt.init_ms = answer.init_ms
    attempt.duration_ms = answer.duration_ms
    attempt.fault = answer.fault
    attempt.error_type = answer.error_type
    attempt.error_message = answer.error_message
    attempt.injected = answer.injected
    attempt.ended = True


def error_of_record(answer: Invocation, record_id: str, alone: bool) -> tuple[str, str]:
    """Type and message of the error for which a handler gave one record back, as far as its log tells.

    Structured log records of AWS Lambda Powertools and of Lambda's own JSON format name the exception; the one that
    also names the record counts, or any when the record is `alone` in having failed. Else ("", "").
    """
    for line in reversed(answer.log):
        if "xception" not in line.text and "error" not in line.text:
            continue
        if not alone and record_id not in line.text:
            continue
        try:
            record = json.loads(line.text)
        except ValueError:
            continue
        if not isinstance(record, dict):
            continue
        kind = record.get("exception_name") or record.get("errorType")
        if isinstance(kind, str) and kind:
            text = str(record.get("errorMessage") or without_frames(str(record.get("exception", ""))))
            named, colon, message = text.partition(": ")
            return kind, message if colon and named.rpartition(".")[2] == kind else text
    return "", ""
