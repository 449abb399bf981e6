"""Says in the shop's words what the partner says in its own."""

import os
from typing import Any

import boto3

from shared.events import Payment

events = boto3.client("events")


def handler(event: dict[str, Any], context: object) -> None:
    """Put one event on the shop's bus. An event that comes twice is put twice: who listens must bear it, as on any bus."""
    paid = event["detail"]
    payment = Payment(order_id=paid["metadata"]["order"], cents=paid["amount"])
    answer = events.put_events(
        Entries=[
            {
                "EventBusName": os.environ["BUS"],
                "Source": "shop.payments",
                "DetailType": "PaymentReceived",
                "Detail": payment.model_dump_json(),
            }
        ]
    )
    if answer["FailedEntryCount"]:
        raise RuntimeError(answer["Entries"][0]["ErrorMessage"])
