"""When a version is published: when what Lambda keeps in one has changed, and not otherwise.

CloudFormation publishes when the logical id of the version is new, and Lambda refuses to publish what its newest version
already is ("a version for this Lambda function exists"): a hash that changes too often fails a deployment, one that changes too
seldom leaves the alias at old code. The CDK's hash is right but for two things, which are put right here.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

# Kept when a newer one takes over, and gone with a deployment that fails: kept then too, the next try would be refused, for
# its version would be there already.
KEPT = lambda_.VersionOptions(removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)


def description_of(settings: Mapping[str, Any]) -> str | None:
    """The function's description, which tells what the CDK hashes and Lambda does not keep in a version.

    These two are set by calls of their own (PutFunctionRecursionConfig, PutRuntimeManagementConfig). The description is kept in
    a version, so when they change there is something to publish.
    """
    given, runtime_updates = settings["props"].get("description"), settings["props"].get("runtime_management_mode")
    told = [
        *([given] if given else []),
        *(["It may trigger itself without end."] if settings["recursion"] == "allow" else []),
        *([f"Runtime updates: {runtime_updates.mode} {runtime_updates.arn or ''}".rstrip() + "."] if runtime_updates else []),
    ]
    return " ".join(told) or None


def publish_with(function: lambda_.Function, layers: Sequence[lambda_.ILayerVersion]) -> None:
    """Let the content of `layers` decide as well.

    The CDK looks at it under a feature flag only, and takes two layers with the same construct id for one.
    """
    made = [layer.node.default_child for layer in layers]
    described: list[Any] = [
        [layer.content, layer.compatible_runtimes, layer.compatible_architectures, layer.description, layer.license_info]
        for layer in made
        if isinstance(layer, lambda_.CfnLayerVersion)
    ]
    if described:
        resolved = json.dumps(cdk.Stack.of(function).resolve(described), sort_keys=True)
        function.invalidate_version_based_on(hashlib.sha256(resolved.encode()).hexdigest())
