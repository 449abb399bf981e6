"""What the shop says where its parts listen to each other."""

from typing import Literal

from pydantic import BaseModel, Field


class Order(BaseModel):
    """What is bought. Where parts call each other or hand on messages it goes as it is; where they listen, it is the detail."""

    order_id: str = Field(examples=["ORD-1"])
    sku: str = Field(examples=["BOOK-1"])
    cents: int = Field(gt=0, examples=[1250])


class OrderPlaced(BaseModel):
    """A customer wants something."""

    source: Literal["shop.checkout"]
    detail_type: Literal["OrderPlaced"] = Field(alias="detail-type")
    detail: Order


class OrderPaid(BaseModel):
    """The money is there."""

    source: Literal["shop.payments"]
    detail_type: Literal["OrderPaid"] = Field(alias="detail-type")
    detail: Order
