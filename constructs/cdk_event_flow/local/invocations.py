"""The invocations of a run as their environments answered them: logs and figures, by request; and each environment's record."""

from collections import deque
from dataclasses import dataclass

from cdk_event_flow.local.invocation import Fault, Invocation

MOST_INVOCATIONS = 5_000  # older ones go, with their log lines
MOST_ENVIRONMENTS = 2_000

# After these the environment is gone.
_ENDS = (Fault.TIMEOUT, Fault.CRASH, Fault.MEMORY, Fault.INIT)


@dataclass(kw_only=True, slots=True)
class EnvironmentRecord:
    """What an environment did. Times in epoch seconds, `init_ms` in milliseconds, `memory_mb` the most it had.

    `failures` counts invocations that failed. `killed` says why it is gone, where an invocation ended it.
    """

    name: str
    function_arn: str
    version: str
    began: float
    last: float
    init_ms: float = 0.0
    invocations: int = 0
    failures: int = 0
    memory_mb: int = 0
    killed: str = ""


class Invocations:
    """The last invocations by request id, and the environments that served them."""

    def __init__(self) -> None:
        self._by_request: dict[str, Invocation] = {}
        self._order: deque[str] = deque()
        self.environments: dict[str, EnvironmentRecord] = {}

    def find(self, request_id: str) -> Invocation | None:
        """The invocation of this request; None when it is not kept any more."""
        return self._by_request.get(request_id)

    def write(self, invocation: Invocation, now: float) -> None:
        """Take an invocation that ended at `now`."""
        if invocation.request_id not in self._by_request:
            self._order.append(invocation.request_id)
        self._by_request[invocation.request_id] = invocation
        if len(self._order) > MOST_INVOCATIONS:
            del self._by_request[self._order.popleft()]
        if invocation.environment:
            self._count(invocation, now)

    def _count(self, invocation: Invocation, now: float) -> None:
        record = self.environments.get(invocation.environment)
        if record is None:
            if len(self.environments) >= MOST_ENVIRONMENTS:
                del self.environments[next(iter(self.environments))]
            record = self.environments[invocation.environment] = EnvironmentRecord(
                name=invocation.environment, function_arn=invocation.function_arn, version=invocation.version, began=now, last=now
            )
        record.last = now
        record.invocations += 1
        record.init_ms = max(record.init_ms, invocation.init_ms)
        record.failures += invocation.fault is not None
        record.memory_mb = max(record.memory_mb, invocation.memory_mb)
        if invocation.fault in _ENDS:
            record.killed = f"{invocation.fault}: {invocation.error_message}" if invocation.error_message else str(invocation.fault)
