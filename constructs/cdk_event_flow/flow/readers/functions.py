"""Lambda: functions, layers, versions, aliases, permissions, asynchronous configuration, event source mappings."""

from typing import Any

from cdk_event_flow.flow.arns import arn_of
from cdk_event_flow.flow.known import known, unknown_in
from cdk_event_flow.flow.model import (
    Alias,
    AsyncConfig,
    Code,
    EventSourceMapping,
    Function,
    Layer,
    Node,
    ResourcePolicy,
    Version,
)
from cdk_event_flow.flow.readers.polled import polled_by
from cdk_event_flow.flow.readers.resource import Resource, as_document, as_list, as_mapping, text_at, texts, whole
from cdk_event_flow.flow.sources import Url

CODE_METADATA = "cdk-event-flow:code"
_SERVICES = (".amazonaws.com", ".amazonaws.com.cn", ".aws.internal")


def function(resource: Resource) -> Function:
    """A function with its configuration and where its code is."""
    logging = resource.mapping("LoggingConfig")
    return Function(
        **resource.identity(),
        runtime=resource.text("Runtime"),
        handler=resource.text("Handler"),
        architecture=next((str(each) for each in resource.items("Architectures")), "x86_64"),
        memory=resource.number("MemorySize", 128),
        timeout=resource.number("Timeout", 3),
        environment={
            name: text_at(value) or "" for name, value in as_mapping(resource.mapping("Environment").get("Variables")).items()
        },
        code=_code(resource),
        log_group=text_at(logging, "LogGroup") or f"/aws/lambda/{resource.resolver.name(resource.logical_id)}",
        log_format=text_at(logging, "LogFormat") or "Text",
        log_level=text_at(logging, "ApplicationLogLevel"),
        tracing=resource.mapping("TracingConfig").get("Mode") == "Active",
        reserved_concurrency=whole(resource.properties.get("ReservedConcurrentExecutions"), None),
        dead_letter_arn=text_at(resource.properties, "DeadLetterConfig", "TargetArn"),
        in_network=bool(resource.mapping("VpcConfig")),
        ephemeral_storage=whole(resource.mapping("EphemeralStorage").get("Size"), 512),
        role_arn=resource.text("Role"),
        subnets=tuple(str(each) for each in as_list(resource.mapping("VpcConfig").get("SubnetIds"))),
        layers=tuple(str(each) for each in resource.items("Layers")),
        durable=bool(resource.mapping("DurableConfig")),
        tenants=bool(resource.mapping("TenancyConfig")),
        snap_start=resource.mapping("SnapStart").get("ApplyOn") == "PublishedVersions",
        stops_loops=resource.text("RecursiveLoop") != "Allow",
        security_groups=texts(resource.mapping("VpcConfig").get("SecurityGroupIds")),
    )


def layer(resource: Resource) -> Layer:
    """A version of a layer."""
    return Layer(**resource.identity(), code=_code(resource))


def version(resource: Resource) -> Version:
    """A published version."""
    arn, _, number = resource.resolver.arn(resource.logical_id).rpartition(":")
    provisioned = resource.mapping("ProvisionedConcurrencyConfig").get("ProvisionedConcurrentExecutions")
    kept = str(resource.resolver.resource(resource.logical_id).get("DeletionPolicy")).startswith("Retain")
    return Version(**resource.identity(), function_arn=arn, version=number, provisioned=whole(provisioned, 0), kept=kept)


def alias(resource: Resource) -> Alias:
    """An alias with its weights."""
    arn = resource.resolver.arn(resource.logical_id).rpartition(":")[0]
    provisioned = resource.mapping("ProvisionedConcurrencyConfig").get("ProvisionedConcurrentExecutions")
    weights = [as_mapping(each) for each in as_list(resource.mapping("RoutingConfig").get("AdditionalVersionWeights"))]
    return Alias(
        **resource.identity(),
        function_arn=arn,
        version_arn=f"{arn}:{resource.text('FunctionVersion')}",
        weights={f"{arn}:{text_at(each, 'FunctionVersion')}": _fraction(each.get("FunctionWeight")) for each in weights},
        provisioned=whole(provisioned, 0),
    )


def async_config(resource: Resource) -> AsyncConfig:
    """How asynchronous invokes are retried and where they end."""
    return AsyncConfig(
        **resource.identity(),
        function_arn=function_named(resource, "FunctionName"),
        qualifier=resource.text("Qualifier", "$LATEST"),
        retries=resource.number("MaximumRetryAttempts", 2),
        max_age=resource.number("MaximumEventAgeInSeconds", 21_600),
        on_success=text_at(resource.properties, "DestinationConfig", "OnSuccess", "Destination"),
        on_failure=text_at(resource.properties, "DestinationConfig", "OnFailure", "Destination"),
    )


def mapping(resource: Resource) -> EventSourceMapping | tuple[Node, ...]:
    """An event source mapping with its filters, and what it polls where that is no resource itself."""
    polled = polled_by(resource)
    read = _mapping(resource, polled.arn if polled else resource.text("EventSourceArn"))
    return (read, polled) if polled else read


def _mapping(resource: Resource, source_arn: str) -> EventSourceMapping:
    return EventSourceMapping(
        **resource.identity(),
        source_arn=source_arn,
        function_arn=function_named(resource, "FunctionName"),
        enabled=resource.flag("Enabled", True),
        batch_size=resource.number("BatchSize", 10 if ":sqs:" in resource.text("EventSourceArn") else 100),
        window=resource.number("MaximumBatchingWindowInSeconds", 0),
        filters=filters_of(resource.properties.get("FilterCriteria")),
        partial_failures="ReportBatchItemFailures" in resource.items("FunctionResponseTypes"),
        max_concurrency=whole(resource.mapping("ScalingConfig").get("MaximumConcurrency"), None),
        on_failure=text_at(resource.properties, "DestinationConfig", "OnFailure", "Destination"),
        parallel=resource.number("ParallelizationFactor", 1),
        bisect=resource.flag("BisectBatchOnFunctionError", False),
        retries=_limit(resource, "MaximumRetryAttempts"),
        max_age=_limit(resource, "MaximumRecordAgeInSeconds"),
        tumbling=resource.number("TumblingWindowInSeconds", 0),
        position=resource.text("StartingPosition"),
        since=_fraction(resource.properties.get("StartingPositionTimestamp")),
    )


def _limit(resource: Resource, name: str) -> int | None:
    """A limit, of which -1 is none."""
    given = whole(resource.properties.get(name), None)
    return None if given is None or given < 0 else given


def url(resource: Resource) -> Url:
    """The URL of a function or alias."""
    function_arn = function_named(resource, "TargetFunctionArn")
    qualifier = resource.text("Qualifier")
    return Url(
        **resource.identity(),
        type=resource.type,
        properties=resource.properties,
        function_arn=f"{function_arn}:{qualifier}" if qualifier else function_arn,
        auth=resource.text("AuthType"),
    )


def filters_of(criteria: Any) -> tuple[Any, ...]:
    """What is known of the patterns of filter criteria, of which one must match; none where one may let all through."""
    given = [as_mapping(each).get("Pattern") for each in as_list(as_mapping(criteria).get("Filters"))]
    patterns = [known(as_mapping(each)) if unknown_in(each) else as_mapping(each) for each in given]
    return () if None in patterns else tuple(patterns)


def function_named(resource: Resource, name: str) -> str:
    """The ARN of the function that a property gives by ARN or by name."""
    named, resolver = resource.text(name), resource.resolver
    return named if named.startswith("arn:") else arn_of("lambda", f"function:{named}", resolver.region, resolver.account)


def _fraction(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def permission(resource: Resource) -> ResourcePolicy:
    """A permission, as a policy of one statement on the function, version or alias."""
    arn = function_named(resource, "FunctionName")
    conditions = {
        ("ArnLike", "aws:SourceArn"): resource.properties.get("SourceArn"),
        ("StringEquals", "aws:SourceAccount"): resource.properties.get("SourceAccount"),
        ("StringEquals", "aws:PrincipalOrgID"): resource.properties.get("PrincipalOrgID"),
        ("StringEquals", "lambda:EventSourceToken"): resource.properties.get("EventSourceToken"),
        ("StringEquals", "lambda:FunctionUrlAuthType"): resource.properties.get("FunctionUrlAuthType"),
        ("Bool", "lambda:InvokedViaFunctionUrl"): resource.properties.get("InvokedViaFunctionUrl"),
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


def _code(resource: Resource) -> Code:
    recorded: dict[str, Any] = as_mapping(resource.metadata.get(CODE_METADATA))
    code = resource.mapping("Code")
    return Code(
        asset=text_at(resource.metadata, "aws:asset:path"),
        source=text_at(recorded, "source"),
        shared=text_at(recorded, "shared"),
        exclude=tuple(str(each) for each in as_list(recorded.get("exclude"))),
        inline=code.get("ZipFile") if isinstance(code.get("ZipFile"), str) else None,
        image=resource.text("PackageType") == "Image",
    )
