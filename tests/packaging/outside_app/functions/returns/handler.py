def handler(event, context):
    return {"returned": event["detail"]["order_id"]}
