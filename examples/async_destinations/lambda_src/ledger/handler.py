"""Books what was refunded: it hears of each success of `refund` over the bus of outcomes."""

from decimal import Decimal
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field

logger = Logger(service="ledger")


class Refunded(BaseModel):
    """What `refund` answered."""

    order_id: str
    amount: Decimal


class Record(BaseModel):
    """Lambda's record of an invocation that succeeded."""

    answer: Refunded = Field(alias="responsePayload")


class Outcome(BaseModel):
    """The event in which EventBridge has the record."""

    detail: Record


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Book one refund under its order: the same again is the same entry."""
    booked = Outcome.model_validate(event).detail.answer
    logger.info("booked", extra={"order_id": booked.order_id, "amount": str(booked.amount)})
    return {"entry": f"refund/{booked.order_id}", "amount": str(booked.amount)}
