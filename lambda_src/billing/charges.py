"""What an order costs its customer. Pure: no AWS, no clock."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from shared.events import Order

TAX = {"eu": Decimal("0.20"), "us": Decimal("0.07"), "apac": Decimal("0.10")}
SMALLEST_UNIT = {"EUR": Decimal("0.01"), "USD": Decimal("0.01"), "JPY": Decimal("1")}


@dataclass(frozen=True)
class Charge:
    """An amount with tax, rounded to the currency's smallest unit."""

    order_id: str
    amount: Decimal
    currency: str


def charge(order: Order) -> Charge:
    """The order's total plus its region's tax."""
    amount = order.total * (1 + TAX[order.region])
    return Charge(order.order_id, amount.quantize(SMALLEST_UNIT[order.currency], ROUND_HALF_UP), order.currency)
