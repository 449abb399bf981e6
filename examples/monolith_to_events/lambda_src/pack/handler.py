"""The part that takes things from the shelf, in three ways."""

from typing import Any

from shared import called, queued
from shared.events import OrderPaid
from shared.shop import pack


def as_monolith(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Pack, then have the customer told."""
    return called.answer(event, pack)


def as_tier(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Pack what waits, and put it into the last queue."""
    return queued.work_through(event, pack)


def as_consumer(event: dict[str, Any], context: object) -> None:
    """Pack what is paid."""
    pack(OrderPaid.model_validate(event).detail)
