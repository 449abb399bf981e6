"""The part that thanks the customer, in three ways."""

from typing import Any

from shared import called, queued
from shared.events import OrderPaid
from shared.shop import tell


def as_monolith(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Tell the customer, who is waiting."""
    return called.answer(event, tell)


def as_tier(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Tell the customers whose orders are packed."""
    return queued.work_through(event, tell)


def as_consumer(event: dict[str, Any], context: object) -> None:
    """Tell the customer that the order is paid, whatever becomes of the packing."""
    tell(OrderPaid.model_validate(event).detail)
