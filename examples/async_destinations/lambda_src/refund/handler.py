"""Refunds a return: once, however often Lambda tries."""

import os
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.events import Return, ReturnReceived

logger = Logger(service="refund")
persistence = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])
once = IdempotencyConfig(event_key_jmespath="order_id", expires_after_seconds=7 * 86_400)
LIMIT = Decimal(500)
KEPT_WHEN_DAMAGED = Decimal("0.30")


class NeedsApproval(Exception):
    """A person must decide. Trying again does not help, but Lambda does not know: it tries twice more, then tells the queue."""


def amount_of(returned: Return) -> Decimal:
    """What the customer gets back, in euros."""
    share = 1 - KEPT_WHEN_DAMAGED if returned.damaged else Decimal(1)
    return (returned.paid * share).quantize(Decimal("0.01"), ROUND_HALF_UP)


@idempotent_function(  # type: ignore[untyped-decorator]  # Powertools declares that it returns Any
    data_keyword_argument="returned", persistence_store=persistence, config=once, key_prefix="refund"
)
def refund(returned: Return) -> dict[str, str]:
    """Give the money back. The answer is remembered, and given again when the return comes again."""
    amount = amount_of(returned)
    if amount > LIMIT:
        raise NeedsApproval(f"{amount} EUR for {returned.order_id} is more than {LIMIT} EUR")
    logger.info("refunded", extra={"order_id": returned.order_id, "amount": str(amount)})
    return {"order_id": returned.order_id, "amount": str(amount)}


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Refund one return; the answer goes to the destination of successes."""
    once.register_lambda_context(context)
    answer: dict[str, str] = refund(returned=ReturnReceived.model_validate(event).detail)
    return answer
