"""Announces to the central topic."""

import json
import os
from typing import Any

import boto3

sns = boto3.client("sns")


def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """Publish the text of the event."""
    answer = sns.publish(TopicArn=os.environ["TOPIC_ARN"], Message=json.dumps({"text": event["text"]}))
    return {"message": answer["MessageId"]}
