"""The part that takes the money, in three ways."""

from typing import Any

from shared import called, heard, queued
from shared.events import OrderPlaced
from shared.shop import charge


def as_monolith(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Charge, then have it packed."""
    return called.answer(event, charge)


def as_tier(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Charge what waits, and put it into the packers' queue."""
    return queued.work_through(event, charge)


def as_consumer(event: dict[str, Any], context: object) -> None:
    """Charge what was placed, and say that it is paid."""
    order = OrderPlaced.model_validate(event).detail
    charge(order)
    heard.say("shop.payments", "OrderPaid", order)
