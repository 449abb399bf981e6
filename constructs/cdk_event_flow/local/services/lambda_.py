"""AWS Lambda, answered by the run's execution environments."""

import base64
import json
from typing import Any

from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.invocation import Fault, Invocation
from cdk_event_flow.local.post import Parcel
from cdk_event_flow.local.services.lambda_reading import Reading
from cdk_event_flow.local.services.service import Result, Service
from cdk_event_flow.local.wire import Caller, ServiceError

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
SYNC_BYTES = 6 * 1024 * 1024
ASYNC_BYTES = 1_048_576
_LOG_TAIL_BYTES = 4_096


class Lambda(Service):
    """Invoking, and reading what functions there are."""

    name = "lambda"

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self._reading = Reading(engine)
        self.operations = {"Invoke": self._invoke, "InvokeAsync": self._invoke_async, **self._reading.operations}

    async def _invoke(self, parameters: dict[str, Any], caller: Caller) -> Result:
        arn = self._reading.arn(parameters)
        text = _json_text(parameters.get("Payload") or b"{}")
        kind = parameters.get("InvocationType") or "RequestResponse"
        if kind == "DryRun":
            return {"StatusCode": 204}
        limit = ASYNC_BYTES if kind == "Event" else SYNC_BYTES
        if len(text.encode()) > limit:
            message = f"{len(text.encode())} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
            raise ServiceError("RequestTooLargeException", message)
        if kind == "Event":
            return self._queue_event(arn, text, caller)
        return await self._call(arn, text, parameters, caller)

    def _queue_event(self, arn: str, text: str, caller: Caller) -> Result:
        hub = self._engine.hub
        name = self._engine.functions.name(arn)
        delivery = hub.trace.begin("function", arn, name, text, origin="Invoke", cause=caller.trace_header, request=caller.request_id)
        hub.post.deliver(arn, Parcel(body=text, trace_header=caller.trace_header), delivery)
        return {"StatusCode": 202}

    async def _call(self, arn: str, text: str, parameters: dict[str, Any], caller: Caller) -> Result:
        context = parameters.get("ClientContext")
        answer = await self._engine.invoke(arn, text, header=caller.trace_header, request=caller.request_id, client_context=context)
        if answer.fault is Fault.THROTTLED:
            raise ServiceError("TooManyRequestsException", "Rate Exceeded.")
        if answer.fault is Fault.RECURSION:
            raise ServiceError(answer.error_type, answer.error_message)
        result: dict[str, Any] = {"StatusCode": 200, "Payload": answer.payload, "ExecutedVersion": answer.version}
        if answer.fault:
            result["FunctionError"] = "Unhandled"
        if parameters.get("LogType") == "Tail":
            result["LogResult"] = _log_tail(answer)
        return result

    def _invoke_async(self, parameters: dict[str, Any], caller: Caller) -> Result:
        """The operation before Invoke had a type, which AWS still answers."""
        self._queue_event(self._reading.arn(parameters), _json_text(parameters["InvokeArgs"]), caller)
        return {"Status": 202}


def _json_text(payload: bytes | str) -> str:
    """The payload, which must be JSON. Raises ServiceError as Lambda refuses it."""
    try:
        text = payload.decode() if isinstance(payload, bytes) else payload
        json.loads(text)
    except ValueError as error:
        message = f"Could not parse request body into json: Could not parse payload into json: {error}"
        raise ServiceError("InvalidRequestContentException", message) from None
    return text


def _log_tail(answer: Invocation) -> str:
    text = "".join(f"{line.text}\n" for line in answer.log).encode()
    return base64.b64encode(text[-_LOG_TAIL_BYTES:]).decode()
