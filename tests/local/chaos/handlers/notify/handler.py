"""Tells somebody of an order. What cannot be told is not tried again and kept nowhere."""


def handler(event, context):
    return {"told": event["detail"]["order_id"]}
