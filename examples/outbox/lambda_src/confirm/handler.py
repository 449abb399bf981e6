"""Confirms an order to its customer."""

from typing import Any

from shared.events import OrderPlaced


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """What the customer is told; an event that comes twice says the same twice."""
    order = OrderPlaced.model_validate(event).detail
    return {"to": order.customer_id, "text": f"{order.order_id} for {order.cents / 100:.2f} is on its way to you"}
