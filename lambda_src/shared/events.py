"""The events of order packing: what producers publish and consumers parse."""

from decimal import Decimal
from typing import Literal

from aws_lambda_powertools.utilities.parser.models import EventBridgeModel
from pydantic import BaseModel, Field

Region = Literal["eu", "us", "apac"]
Currency = Literal["EUR", "USD", "JPY"]


class Item(BaseModel):
    """One line of an order; `weight` in kilograms a piece."""

    sku: str = Field(min_length=1, examples=["BOOK-1"])
    quantity: int = Field(ge=1, le=999)
    weight: Decimal = Field(gt=0, examples=[0.5])


class Order(BaseModel):
    """What was ordered. `total` is in `currency`; a free replacement has a total of 0."""

    order_id: str = Field(min_length=1, examples=["ORD-1001"])
    customer_id: str = Field(min_length=1, examples=["CUST-7"])
    total: Decimal = Field(ge=0, examples=[42])
    currency: Currency
    region: Region
    items: list[Item] = Field(min_length=1)


class OrderSubmitted(EventBridgeModel):
    """A customer submitted an order."""

    source: Literal["shop.orders"]
    detail_type: Literal["OrderSubmitted"] = Field(alias="detail-type")
    detail: Order


class Failure(BaseModel):
    """Why an order cannot be packed, and what stands in the way."""

    order_id: str = Field(min_length=1, examples=["ORD-1001"])
    reason: Literal["too-heavy", "damaged", "out-of-stock"]
    sku: str = Field(min_length=1, examples=["SOFA-1"])


class PackingFailed(EventBridgeModel):
    """Nobody at the packing line can finish this order: a human must."""

    source: Literal["shop.packing"]
    detail_type: Literal["PackingFailed"] = Field(alias="detail-type")
    detail: Failure
