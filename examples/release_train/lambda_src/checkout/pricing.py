"""What an order costs. Pure: no AWS, no clock."""

from decimal import ROUND_HALF_UP, Decimal

from shared.events import Order

DISCOUNTS = {"SPRING": Decimal("0.10"), "STAFF": Decimal("0.30")}


class UnknownCode(ValueError):
    """The customer was promised a discount that is not there."""


def total(order: Order) -> Decimal:
    """In euros, less the discount. Raises UnknownCode."""
    if order.code is not None and order.code not in DISCOUNTS:
        raise UnknownCode(f"there is no discount {order.code!r}")
    full = sum((line.price * line.quantity for line in order.lines), Decimal(0))
    share = 1 - DISCOUNTS[order.code] if order.code else Decimal(1)
    return (full * share).quantize(Decimal("0.01"), ROUND_HALF_UP)
