"""An asset of plain CDK: it has never heard of cdk-event-flow."""

import json


def handler(event, context):
    for record in event.get("Records", []):
        print(json.loads(record["body"])["detail"]["order_id"])
    return {"batchItemFailures": []}
