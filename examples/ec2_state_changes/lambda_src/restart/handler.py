"""Starts an instance that stopped. Starting one that runs does nothing, so an event may come twice."""

import logging
from typing import Any

import boto3
from botocore.exceptions import ClientError

logging.getLogger().setLevel(logging.INFO)
log = logging.getLogger(__name__)
ec2 = boto3.client("ec2")


def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """Start the instance of the event; the role allows it only where the tag `keep-running` is `true`."""
    instance = event["detail"]["instance-id"]
    try:
        ec2.start_instances(InstanceIds=[instance])
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "UnauthorizedOperation":
            raise
        log.info("%s stays stopped: it is not tagged keep-running", instance)
        return {"instance": instance, "did": "nothing"}
    log.info("%s is started again", instance)
    return {"instance": instance, "did": "start"}
