"""As events: each part says what happened, and knows nobody who listens."""

import os
from typing import Any

import boto3

from shared.events import Order

bus = boto3.client("events")


def say(source: str, what: str, order: Order) -> None:
    """Put an event on the bus. Raises RuntimeError where the bus did not take it."""
    entry: Any = {"Source": source, "DetailType": what, "Detail": order.model_dump_json(), "EventBusName": os.environ["BUS"]}
    answer = bus.put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise RuntimeError(answer["Entries"][0]["ErrorMessage"])
