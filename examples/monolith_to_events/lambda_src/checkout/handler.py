"""Where customers meet the shop, in three ways."""

from typing import Any

from shared import called, heard, queued
from shared.events import Order


def as_monolith(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The customer waits until all is done, and hears of whatever fails."""
    return called.answer(event)


def as_tier(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The customer is answered once the order is in the first queue."""
    order = Order.model_validate(event)
    queued.hand_on(order)
    return {"order_id": order.order_id}


def as_producer(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The customer is answered once the order is on the bus."""
    order = Order.model_validate(event)
    heard.say("shop.checkout", "OrderPlaced", order)
    return {"order_id": order.order_id}
