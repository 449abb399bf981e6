"""Prices an order. The same order again has the same price."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from pricing import UnknownCode, total
from shared.events import OrderPlaced

logger = Logger(service="checkout")
metrics = Metrics(namespace="Checkout", service="checkout")


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """The order's total and the version that said so; a discount that is not there is refused, and counted."""
    order = OrderPlaced.model_validate(event).detail
    answer = {"order_id": order.order_id, "version": context.function_version}
    try:
        answer["total"] = str(total(order))
    except UnknownCode as refused:
        metrics.add_metric(name="OrdersRefused", unit=MetricUnit.Count, value=1)
        logger.warning("refused", extra={"order_id": order.order_id, "why": str(refused)})
        return {**answer, "refused": str(refused)}
    metrics.add_metric(name="OrdersPriced", unit=MetricUnit.Count, value=1)
    logger.info("priced", extra=answer)
    return answer
