"""What one invocation of a function gave: the word between delivery (which asks) and the execution environments (which answer)."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class Fault(StrEnum):
    """Why an invocation failed."""

    ERROR = "error"  # the handler raised
    TIMEOUT = "timeout"  # stopped at the function's timeout
    CRASH = "crash"  # the process ended by itself or was killed
    MEMORY = "memory"  # killed at the function's memory limit
    INIT = "init"  # the code could not be loaded
    THROTTLED = "throttled"  # no concurrency left; the handler was not called
    RECURSION = "recursion"  # the event has been through it too often; the handler was not called


@dataclass(frozen=True, kw_only=True, slots=True)
class LogLine:
    """One record written by the function: `at` in epoch seconds; `level` as far as it is known."""

    at: float
    text: str
    level: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Invocation:
    """One invoke, ended. Times in milliseconds, memory in MB; `payload` is the response or Lambda's error document.

    `injected` names the faults that were put in on purpose.
    """

    request_id: str
    function_arn: str
    version: str
    payload: bytes
    fault: Fault | None = None
    error_type: str = ""
    error_message: str = ""
    environment: str = ""
    cold: bool = False
    init_ms: float = 0.0
    duration_ms: float = 0.0
    memory_mb: int = 0
    log: tuple[LogLine, ...] = ()
    injected: tuple[str, ...] = ()


def answered(payload: bytes) -> Any:
    """What a function answered: the value of its JSON, else the text; None where it answered nothing."""
    try:
        return json.loads(payload) if payload.strip() else None
    except (ValueError, RecursionError):
        return payload.decode(errors="replace")


def error_document(error_type: str, message: str) -> bytes:
    """The payload of a failed invoke in the platform's own words."""
    return json.dumps({"errorType": error_type, "errorMessage": message}, separators=(",", ":")).encode()


def timeout_message(request_id: str, seconds: float) -> str:
    """What the platform says of an invoke that it stopped at the function's timeout."""
    return f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"


class Invoker(Protocol):
    """What delivery needs of the execution environments."""

    async def invoke(self, arn: str, payload: bytes, *, trace_id: str | None = None, client_context: str | None = None) -> Invocation:
        """Run the function, version or alias `arn` once on `payload`, in a warm environment or a new one.

        Never raises for what the function does: that is the `fault`. Raises KeyError for an unknown ARN.
        """
        ...
