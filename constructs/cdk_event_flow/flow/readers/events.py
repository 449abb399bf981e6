"""EventBridge: buses and their policies, rules, and the targets that rules share with schedules."""

from typing import Any

from cdk_event_flow.flow.model import Bus, InputTransformer, ResourcePolicy, Rule, Target
from cdk_event_flow.flow.readers.resource import Resource, as_mapping, whole


def bus(resource: Resource) -> Bus:
    """A custom or partner bus."""
    return Bus(**resource.identity())


def policy(resource: Resource) -> ResourcePolicy:
    """A statement of a bus's policy; given as a whole, or as Action, Principal (an account or `*`) and Condition."""
    resolver = resource.resolver
    arn = bus_arn(resource.text("EventBusName", "default").rpartition("/")[2], resolver.region, resolver.account)
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
    resolver = resource.resolver
    named = resource.text("EventBusName", "default").rpartition("/")[2]
    pattern = resource.properties.get("EventPattern")
    return Rule(
        **resource.identity(),
        bus_arn=bus_arn(named, resolver.region, resolver.account),
        pattern=as_mapping(pattern) if pattern is not None else None,
        schedule=resource.properties.get("ScheduleExpression"),
        enabled=resource.text("State", "ENABLED") != "DISABLED",
        targets=tuple(target(as_mapping(each), index) for index, each in enumerate(_targets(resource))),
    )


def bus_arn(name: str, region: str, account: str) -> str:
    """The ARN of the bus of this name."""
    return f"arn:aws:events:{region}:{account}:event-bus/{name}"


def target(raw: dict[str, Any], index: int = 0) -> Target:
    """A target of a rule, or (with the same keys) of a schedule."""
    transformer = as_mapping(raw.get("InputTransformer"))
    retry = as_mapping(raw.get("RetryPolicy"))
    return Target(
        id=str(raw.get("Id", f"Target{index}")),
        arn=str(raw.get("Arn", "")),
        input=raw.get("Input"),
        input_path=raw.get("InputPath"),
        transformer=InputTransformer(
            paths=as_mapping(transformer.get("InputPathsMap")), template=str(transformer.get("InputTemplate", ""))
        )
        if transformer
        else None,
        max_attempts=whole(retry.get("MaximumRetryAttempts"), 185),
        max_age=whole(retry.get("MaximumEventAgeInSeconds"), 86_400),
        dead_letter_arn=as_mapping(raw.get("DeadLetterConfig")).get("Arn"),
        role_arn=raw.get("RoleArn"),
        message_group_id=as_mapping(raw.get("SqsParameters")).get("MessageGroupId"),
    )


def _targets(resource: Resource) -> list[Any]:
    found = resource.properties.get("Targets")
    return found if isinstance(found, list) else []


def _conditions(raw: dict[str, Any]) -> dict[str, Any]:
    return {str(raw["Type"]): {str(raw.get("Key")): raw.get("Value")}} if "Type" in raw else {}
