"""Bills an order."""

from aws_lambda_powertools import Logger

logger = Logger(service="billing")


@logger.inject_lambda_context
def handler(event, context):
    """What is returned goes nowhere: a bus invokes asynchronously. What is raised is retried, then a dead letter."""
    order = event["detail"]
    logger.info("billed", extra={"order_id": order["order_id"], "amount": order["total"]})
    return {"order_id": order["order_id"], "amount": order["total"]}
