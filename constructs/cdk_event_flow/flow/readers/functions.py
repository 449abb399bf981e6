"""Lambda: functions, versions, aliases, permissions, asynchronous configuration, event source mappings."""

from typing import Any

from cdk_event_flow.flow.model import Alias, AsyncConfig, Code, EventSourceMapping, Function, ResourcePolicy, Version
from cdk_event_flow.flow.readers.resource import Resource, as_document, as_list, as_mapping, whole

CODE_METADATA = "cdk-event-flow:code"
_SERVICES = (".amazonaws.com", ".amazonaws.com.cn", ".aws.internal")


def function(resource: Resource) -> Function:
    """A function with its configuration and where its code is."""
    logging = resource.mapping("LoggingConfig")
    architectures = resource.properties.get("Architectures")
    reserved = resource.properties.get("ReservedConcurrentExecutions")
    return Function(
        **resource.identity(),
        runtime=resource.text("Runtime"),
        handler=resource.text("Handler"),
        architecture=str(architectures[0]) if isinstance(architectures, list) and architectures else "x86_64",
        memory=resource.number("MemorySize", 128),
        timeout=resource.number("Timeout", 3),
        environment={k: str(v) for k, v in as_mapping(resource.mapping("Environment").get("Variables")).items()},
        code=_code(resource),
        log_group=str(logging.get("LogGroup") or f"/aws/lambda/{resource.identity()['name']}"),
        log_format=str(logging.get("LogFormat", "Text")),
        log_level=logging.get("ApplicationLogLevel"),
        tracing=resource.mapping("TracingConfig").get("Mode") == "Active",
        reserved_concurrency=whole(reserved, 0) if reserved is not None else None,
        dead_letter_arn=resource.mapping("DeadLetterConfig").get("TargetArn"),
        in_network=bool(resource.mapping("VpcConfig")),
        ephemeral_storage=whole(resource.mapping("EphemeralStorage").get("Size"), 512),
        role_arn=resource.text("Role"),
        subnets=tuple(str(each) for each in as_list(resource.mapping("VpcConfig").get("SubnetIds"))),
    )


def version(resource: Resource) -> Version:
    """A published version."""
    arn, _, number = resource.resolver.arn(resource.logical_id).rpartition(":")
    provisioned = resource.mapping("ProvisionedConcurrencyConfig").get("ProvisionedConcurrentExecutions")
    return Version(**resource.identity(), function_arn=arn, version=number, provisioned=whole(provisioned, 0))


def alias(resource: Resource) -> Alias:
    """An alias with its weights."""
    arn = resource.resolver.arn(resource.logical_id).rpartition(":")[0]
    provisioned = resource.mapping("ProvisionedConcurrencyConfig").get("ProvisionedConcurrentExecutions")
    weights = resource.mapping("RoutingConfig").get("AdditionalVersionWeights") or []
    return Alias(
        **resource.identity(),
        function_arn=arn,
        version_arn=f"{arn}:{resource.text('FunctionVersion')}",
        weights={f"{arn}:{each['FunctionVersion']}": float(each["FunctionWeight"]) for each in weights},
        provisioned=whole(provisioned, 0),
    )


def async_config(resource: Resource) -> AsyncConfig:
    """How asynchronous invokes are retried and where they end."""
    destinations = resource.mapping("DestinationConfig")
    return AsyncConfig(
        **resource.identity(),
        function_arn=_function_arn(resource),
        qualifier=resource.text("Qualifier", "$LATEST"),
        retries=resource.number("MaximumRetryAttempts", 2),
        max_age=resource.number("MaximumEventAgeInSeconds", 21_600),
        on_success=as_mapping(destinations.get("OnSuccess")).get("Destination"),
        on_failure=as_mapping(destinations.get("OnFailure")).get("Destination"),
    )


def mapping(resource: Resource) -> EventSourceMapping:
    """An event source mapping with its filters."""
    filters = resource.mapping("FilterCriteria").get("Filters") or []
    scaling = resource.mapping("ScalingConfig").get("MaximumConcurrency")
    return EventSourceMapping(
        **resource.identity(),
        source_arn=resource.text("EventSourceArn"),
        function_arn=_function_arn(resource),
        enabled=resource.flag("Enabled", True),
        batch_size=resource.number("BatchSize", 10 if ":sqs:" in resource.text("EventSourceArn") else 100),
        window=resource.number("MaximumBatchingWindowInSeconds", 0),
        filters=tuple(as_mapping(as_mapping(each).get("Pattern")) for each in filters),
        partial_failures="ReportBatchItemFailures" in (resource.properties.get("FunctionResponseTypes") or []),
        max_concurrency=whole(scaling, 0) if scaling is not None else None,
    )


def permission(resource: Resource) -> ResourcePolicy:
    """A permission, as a policy of one statement on the function, version or alias."""
    arn = _function_arn(resource)
    conditions = {
        ("ArnLike", "aws:SourceArn"): resource.properties.get("SourceArn"),
        ("StringEquals", "aws:SourceAccount"): resource.properties.get("SourceAccount"),
        ("StringEquals", "aws:PrincipalOrgID"): resource.properties.get("PrincipalOrgID"),
        ("StringEquals", "lambda:EventSourceToken"): resource.properties.get("EventSourceToken"),
        ("StringEquals", "lambda:FunctionUrlAuthType"): resource.properties.get("FunctionUrlAuthType"),
    }
    condition: dict[str, dict[str, Any]] = {}
    for (operator, key), value in conditions.items():
        if value is not None:
            condition.setdefault(operator, {})[key] = value
    principal = resource.properties.get("Principal")
    kind = "Service" if isinstance(principal, str) and principal.endswith(_SERVICES) else "AWS"
    statement = {
        "Effect": "Allow",
        "Principal": {kind: principal},
        "Action": resource.properties.get("Action"),
        "Resource": arn,
        "Condition": condition,
    }
    return ResourcePolicy(**resource.identity(), resources=(arn,), document={"Statement": [statement]})


def policy(resource: Resource) -> ResourcePolicy:
    """The whole policy of a function, version or alias."""
    return ResourcePolicy(
        **resource.identity(),
        resources=resource.values("ResourceArn"),
        document=as_document(resource.properties.get("PolicyDocument")),
    )


def _function_arn(resource: Resource) -> str:
    """A function is named by ARN or by name."""
    named, resolver = resource.text("FunctionName"), resource.resolver
    return named if named.startswith("arn:") else f"arn:aws:lambda:{resolver.region}:{resolver.account}:function:{named}"


def _code(resource: Resource) -> Code:
    recorded: dict[str, Any] = as_mapping(resource.metadata.get(CODE_METADATA))
    code = resource.mapping("Code")
    return Code(
        asset=resource.metadata.get("aws:asset:path"),
        source=recorded.get("source"),
        shared=recorded.get("shared"),
        inline=code.get("ZipFile") if isinstance(code.get("ZipFile"), str) else None,
        image=resource.text("PackageType", "Zip") == "Image",
    )
