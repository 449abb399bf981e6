"""The event of a return: what the warehouse publishes and the handlers parse."""

from decimal import Decimal
from typing import Literal

from aws_lambda_powertools.utilities.parser.models import EventBridgeModel
from pydantic import BaseModel, Field


class Return(BaseModel):
    """What came back. `paid` in euros; `address` where the customer reads mail."""

    order_id: str = Field(min_length=1, examples=["ORD-1001"])
    sku: str = Field(min_length=1, examples=["BOOK-1"])
    paid: Decimal = Field(gt=0, examples=[42.5])
    damaged: bool = False
    country: str = Field(pattern="^[A-Z]{2}$", examples=["DE"])
    address: str = Field(examples=["ada@example.com"])


class ReturnReceived(EventBridgeModel):
    """The warehouse has the parcel."""

    source: Literal["shop.returns"]
    detail_type: Literal["ReturnReceived"] = Field(alias="detail-type")
    detail: Return
