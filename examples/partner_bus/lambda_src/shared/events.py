"""What the shop says of a payment, in its own words."""

from typing import Literal

from pydantic import BaseModel, Field


class Payment(BaseModel):
    """`cents` were paid for an order."""

    order_id: str = Field(examples=["ORD-1"])
    cents: int = Field(gt=0, examples=[4200])


class PaymentReceived(BaseModel):
    """An order is paid."""

    source: Literal["shop.payments"]
    detail_type: Literal["PaymentReceived"] = Field(alias="detail-type")
    detail: Payment
