"""EventBridge: buses and their policies, rules and their targets, archives, API destinations."""

from dataclasses import replace
from typing import Any

from cdk_event_flow.flow.arns import bus_arn
from cdk_event_flow.flow.model import Bus, InputTransformer, ResourcePolicy, Rule, Target
from cdk_event_flow.flow.readers.resource import Resource, as_mapping, text_at, whole
from cdk_event_flow.flow.sources import ApiDestination, Archive

ANY = {"source": [{"prefix": ""}]}  # what a pattern of which nothing is known may let through


def bus(resource: Resource) -> Bus:
    """A custom or partner bus."""
    return Bus(**resource.identity())


def policy(resource: Resource) -> ResourcePolicy:
    """A statement of a bus's policy; given as a whole, or as Action, Principal (an account or `*`) and Condition."""
    resolver = resource.resolver
    arn = bus_arn(resource.text("EventBusName", "default").rpartition("event-bus/")[2], resolver.region, resolver.account)
    given = resource.properties
    statement = given.get("Statement") or {
        "Effect": "Allow",
        "Principal": {"AWS": given.get("Principal")},
        "Action": given.get("Action"),
        "Resource": arn,
        "Condition": _conditions(resource.mapping("Condition")),
    }
    return ResourcePolicy(**resource.identity(), resources=(arn,), document={"Statement": [statement]})


def rule(resource: Resource) -> Rule:
    """A rule with its targets; a bus given by name or ARN, the default bus when none is."""
    return Rule(
        **resource.identity(),
        bus_arn=bus_named(resource, "EventBusName"),
        pattern=resource.pattern("EventPattern") or (ANY if "EventPattern" in resource.properties else None),
        schedule=text_at(resource.properties, "ScheduleExpression"),
        enabled=resource.text("State") != "DISABLED",
        targets=tuple(_by_role_of(resource, target(as_mapping(each), index)) for index, each in enumerate(resource.items("Targets"))),
    )


def _by_role_of(resource: Resource, given: Target) -> Target:
    """A target without a role of its own has the rule's, unless its own policy lets EventBridge in."""
    role = text_at(resource.properties, "RoleArn")
    by_policy = given.arn.split(":")[2:3] in ([service] for service in ("sqs", "sns", "lambda", "logs"))
    return given if given.role_arn or by_policy else replace(given, role_arn=role)


def archive(resource: Resource) -> Archive:
    """An archive."""
    return Archive(
        **resource.identity(),
        type=resource.type,
        properties=resource.properties,
        bus_arn=resource.text("SourceArn"),
        pattern=resource.pattern("EventPattern"),
    )


def api_destination(resource: Resource) -> ApiDestination:
    """An API destination."""
    return ApiDestination(
        **resource.identity(),
        type=resource.type,
        endpoint=resource.text("InvocationEndpoint"),
        method=resource.text("HttpMethod"),
        connection_arn=resource.text("ConnectionArn"),
    )


def bus_named(resource: Resource, name: str) -> str:
    """The ARN of the bus that a property gives by name or ARN, the default bus when it is missing."""
    given, resolver = resource.text(name, "default"), resource.resolver
    return given if given.startswith("arn:") else bus_arn(given.removeprefix("event-bus/"), resolver.region, resolver.account)


def target(raw: dict[str, Any], index: int = 0) -> Target:
    """A target of a rule, or (with the same keys) of a schedule."""
    retry = as_mapping(raw.get("RetryPolicy"))
    return Target(
        id=text_at(raw, "Id") or f"Target{index}",
        arn=text_at(raw, "Arn") or "",
        input=text_at(raw, "Input"),
        input_path=text_at(raw, "InputPath"),
        transformer=_transformer(raw),
        max_attempts=whole(retry.get("MaximumRetryAttempts"), 185),
        max_age=whole(retry.get("MaximumEventAgeInSeconds"), 86_400),
        dead_letter_arn=text_at(raw, "DeadLetterConfig", "Arn"),
        role_arn=text_at(raw, "RoleArn"),
        message_group_id=text_at(raw, "SqsParameters", "MessageGroupId"),
        web=as_mapping(raw.get("HttpParameters")),
        key_path=text_at(raw, "KinesisParameters", "PartitionKeyPath"),
    )


def _transformer(raw: dict[str, Any]) -> InputTransformer | None:
    if raw.get("InputTransformer") is None:
        return None
    paths = as_mapping(as_mapping(raw.get("InputTransformer")).get("InputPathsMap"))
    return InputTransformer(
        paths={name: text_at(path) or "" for name, path in paths.items()},
        template=text_at(raw, "InputTransformer", "InputTemplate") or "",
    )


def _conditions(raw: dict[str, Any]) -> dict[str, Any]:
    return {str(raw["Type"]): {str(raw.get("Key")): raw.get("Value")}} if "Type" in raw else {}
