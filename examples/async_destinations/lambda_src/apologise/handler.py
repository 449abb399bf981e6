"""Puts on the list of calls who could not be written to: it is the destination of what `notify` failed at."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field

from shared.events import ReturnReceived

logger = Logger(service="apologise")


class Failed(BaseModel):
    """Lambda's record of an invocation that failed: the event, and the error."""

    event: ReturnReceived = Field(alias="requestPayload")
    error: dict[str, Any] = Field(alias="responsePayload", default_factory=dict)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Whom to call, and why."""
    failed = Failed.model_validate(event)
    why = str(failed.error.get("errorMessage", "it was not tried"))
    logger.info("to be called", extra={"order_id": failed.event.detail.order_id, "why": why})
    return {"order_id": failed.event.detail.order_id, "why": why}
