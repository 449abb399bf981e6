"""Tells the customer that the parcel has arrived."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.events import ReturnReceived

logger = Logger(service="notify")


class NoAddress(ValueError):
    """The customer cannot be written to."""


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Write to one customer. It is not tried twice: nobody wants the same mail again."""
    returned = ReturnReceived.model_validate(event).detail
    if "@" not in returned.address:
        raise NoAddress(f"{returned.address!r} is no address")
    logger.info("told", extra={"order_id": returned.order_id})
