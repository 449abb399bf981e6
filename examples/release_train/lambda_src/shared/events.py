"""The event of an order: what the shop publishes and the handler parses."""

from decimal import Decimal
from typing import Literal

from aws_lambda_powertools.utilities.parser.models import EventBridgeModel
from pydantic import BaseModel, Field


class Line(BaseModel):
    """One article; `price` in euros a piece."""

    sku: str = Field(min_length=1, examples=["BOOK-1"])
    quantity: int = Field(ge=1, le=999)
    price: Decimal = Field(ge=0, examples=[12.5])


class Order(BaseModel):
    """What was ordered, and the code of a discount."""

    order_id: str = Field(min_length=1, examples=["ORD-1001"])
    lines: list[Line] = Field(min_length=1)
    code: str | None = None


class OrderPlaced(EventBridgeModel):
    """A customer placed an order."""

    source: Literal["shop.orders"]
    detail_type: Literal["OrderPlaced"] = Field(alias="detail-type")
    detail: Order
