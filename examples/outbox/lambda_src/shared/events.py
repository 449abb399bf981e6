"""What the shop says of an order: made by the pipe, read by who listens."""

from typing import Literal

from pydantic import BaseModel, Field


class Placed(BaseModel):
    """An order as others may know it: less than the table holds."""

    order_id: str = Field(examples=["ORD-1"])
    customer_id: str = Field(examples=["CUS-7"])
    cents: int = Field(gt=0, examples=[4200])


class OrderPlaced(BaseModel):
    """An order stands in the table."""

    source: Literal["shop.orders"]
    detail_type: Literal["OrderPlaced"] = Field(alias="detail-type")
    detail: Placed
