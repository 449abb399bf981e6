"""One invoke as it was asked for, and the answers that need no environment."""

import json
from dataclasses import dataclass

from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.flow.model import Function
from cdk_event_flow.local.environments.runtime_api import Event
from cdk_event_flow.local.invocation import Fault, Invocation


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """An invoke of `arn`, which chose `function` in `version`."""

    function: Function
    version: str
    arn: str
    request_id: str
    payload: bytes
    trace_id: str
    client_context: str | None

    def event(self, deadline: float) -> Event:
        """What the environment is given. `deadline` in epoch seconds of the run's clock."""
        headers = {
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self.arn,
            "Lambda-Runtime-Trace-Id": self.trace_id,
        }
        if self.client_context is not None:
            headers["Lambda-Runtime-Client-Context"] = self.client_context
        return Event(request_id=self.request_id, payload=self.payload, headers=headers)

    def throttled(self) -> Invocation:
        """The answer where the reserved concurrency is used up."""
        message = "Rate Exceeded."
        reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
        document = json.dumps({"Reason": reason, "Type": "User", "message": message})
        return Invocation(
            request_id=self.request_id,
            function_arn=self.arn,
            version=self.version,
            payload=document.encode(),
            fault=Fault.THROTTLED,
            error_type="TooManyRequestsException",
            error_message=message,
        )


def unsupported(function: Function) -> RunError:
    """The error for a runtime that does not run here."""
    return RunError(
        function.path,
        Problem(
            code="EF-RUN-RUNTIME",
            given=f"the runtime is {function.runtime or 'not given'}",
            allowed="the local run runs python3.x, nodejs and provided (custom runtimes)",
            fix="leave this function out of the local run",
        ),
    )
