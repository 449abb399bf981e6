"""Ships what is paid."""

import logging
from typing import Any

from shared.events import Payment

logging.getLogger().setLevel(logging.INFO)
log = logging.getLogger(__name__)


def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """The route sends the event's detail alone."""
    payment = Payment.model_validate(event)
    log.info("order %s is paid: to be shipped", payment.order_id)
    return {"shipped": payment.order_id}
