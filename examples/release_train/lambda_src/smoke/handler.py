"""Tests a version before it gets any traffic: CodeDeploy runs it, and goes on only if it says Succeeded."""

import json
import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders import EXPECTED

logger = Logger(service="smoke")
codedeploy = boto3.client("codedeploy")
functions = boto3.client("lambda")
VERSION = os.environ["RELEASED_VERSION"]


class Wrong(Exception):
    """The version does not do what it should."""


def test(version: str) -> None:
    """Have each order priced by the version. Raises Wrong."""
    for event, expected in EXPECTED:
        answered = functions.invoke(FunctionName=version, Payload=json.dumps(event))
        said = json.load(answered["Payload"])
        if "FunctionError" in answered or said.get("total") != expected:
            raise Wrong(f"{event['detail']['order_id']}: {said}, expected a total of {expected}")


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, str], context: LambdaContext) -> dict[str, Any]:
    """Tell CodeDeploy how it went; what it is not told of within an hour counts as failed."""
    status = "Succeeded"
    try:
        test(VERSION)
    except Exception:
        logger.exception("the release is stopped", extra={"version": VERSION})
        status = "Failed"
    codedeploy.put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=status,
    )
    return {"status": status, "version": VERSION}
