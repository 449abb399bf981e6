"""Orders whose price everybody knows."""

from typing import Any


def _placed(order_id: str, price: str, quantity: int, code: str | None = None) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "00000000-0000-4000-8000-000000000000",
        "detail-type": "OrderPlaced",
        "source": "shop.orders",
        "account": "111122223333",
        "time": "2026-03-02T09:15:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {"order_id": order_id, "lines": [{"sku": "BOOK-1", "quantity": quantity, "price": price}], "code": code},
    }


EXPECTED = [
    (_placed("SMOKE-1", "12.50", 2), "25.00"),
    (_placed("SMOKE-2", "12.50", 2, "SPRING"), "22.50"),
]
