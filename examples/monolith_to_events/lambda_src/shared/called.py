"""As a monolith: each part calls the next one, and waits for its answer."""

import json
import os
from collections.abc import Callable
from typing import Any

import boto3

from shared.events import Order

functions = boto3.client("lambda")


class NextPartFailed(Exception):
    """What this part did is done; what comes after it is not."""


def answer(event: dict[str, Any], do: Callable[[Order], None] | None = None) -> dict[str, Any]:
    """Do this part, then have all others done. Raises whatever any of them raises."""
    order = Order.model_validate(event)
    if do is not None:
        do(order)
    if following := os.environ.get("NEXT"):
        said = functions.invoke(FunctionName=following, Payload=order.model_dump_json())
        if "FunctionError" in said:
            raise NextPartFailed(json.load(said["Payload"]).get("errorMessage"))
    return {"order_id": order.order_id}
