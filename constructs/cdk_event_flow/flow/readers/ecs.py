"""Services of ECS with their task definition and how they are scaled, as far as they stand in one template."""

from collections.abc import Iterator
from typing import Any

from cdk_event_flow.flow.model import Code
from cdk_event_flow.flow.readers.functions import CODE_METADATA
from cdk_event_flow.flow.readers.resource import Resource, as_list, as_mapping, several, text_at, texts, whole
from cdk_event_flow.flow.workers import Scales, Workers

TASK, TARGET, POLICY = (
    "AWS::ECS::TaskDefinition",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
)


def service(resource: Resource) -> Workers:
    """A service. Its path is that of the construct that a person made, not of the resource in it."""
    identity = resource.identity()
    identity["path"] = _named(identity["path"])
    placed = as_mapping(resource.mapping("NetworkConfiguration").get("AwsvpcConfiguration"))
    task = next((each for each in _of_type(resource, TASK) if _is(each, resource.properties.get("TaskDefinition"))), None)
    return Workers(
        **identity,
        type=resource.type,
        properties=resource.properties,
        subnets=tuple(str(each) for each in several(placed.get("Subnets"))),
        security_groups=texts(placed.get("SecurityGroups")),
        scales=_scales(resource),
        **(_of_task(task) if task else {}),
    )


def _of_task(task: Resource) -> dict[str, Any]:
    containers = [as_mapping(each) for each in task.items("ContainerDefinitions")]
    pairs = [as_mapping(pair) for container in containers for pair in as_list(container.get("Environment"))]
    environment = {text_at(pair, "Name") or "": text_at(pair, "Value") or "" for pair in pairs}
    runner = "WORKER_HANDLER" in environment and "WORKER_QUEUE_ARN" in environment
    options = as_mapping(as_mapping(containers[0].get("LogConfiguration")).get("Options")) if containers else {}
    recorded = as_mapping(task.metadata.get(CODE_METADATA))
    return {
        "role_arn": task.text("TaskRoleArn"),
        "environment": environment,
        "runner": runner,
        "queue_arn": environment["WORKER_QUEUE_ARN"] if runner else "",
        "handler": environment["WORKER_HANDLER"] if runner else "",
        "code": Code(
            source=text_at(recorded, "source"),
            shared=text_at(recorded, "shared"),
            exclude=tuple(each for each in as_list(recorded.get("exclude")) if isinstance(each, str)),
            image=True,
        ),
        "python": text_at(recorded, "python") or "",
        "memory": whole(environment.get("WORKER_MEMORY"), whole(task.properties.get("Memory"), 512)),
        "log_group": text_at(options, "awslogs-group") or "",
    }


def _scales(service: Resource) -> Scales | None:
    """None where nothing in the template scales the service."""
    name = service.resolver.name(service.logical_id)
    for target in _of_type(service, TARGET):
        if target.text("ResourceId").rpartition("/")[2] == name:
            break
    else:
        return None
    own = target.resolver.name(target.logical_id), target.text("ResourceId")
    policies = [each for each in _of_type(service, POLICY) if {each.text("ScalingTargetId"), each.text("ResourceId")} & {*own}]
    tracking = [config for each in policies if (config := each.mapping("TargetTrackingScalingPolicyConfiguration"))]
    stepping = [config for each in policies if (config := each.mapping("StepScalingPolicyConfiguration"))]
    return Scales(
        least=target.number("MinCapacity", 1),
        most=target.number("MaxCapacity", 1),
        backlog=next((value for each in tracking if (value := _backlog(each)) is not None), None),
        steps=tuple(step for each in stepping for step in _steps(each)),
    )


def _backlog(config: dict[str, Any]) -> float | None:
    """The target of a policy that counts messages of a queue."""
    metrics = as_list(as_mapping(config.get("CustomizedMetricSpecification")).get("Metrics"))
    of_queues = any(text_at(each, "MetricStat", "Metric", "Namespace") == "AWS/SQS" for each in metrics)
    try:
        return float(str(config.get("TargetValue"))) if of_queues else None
    except ValueError:
        return None


def _steps(config: dict[str, Any]) -> Iterator[tuple[float, int]]:
    for each in as_list(config.get("StepAdjustments")):
        step = as_mapping(each)
        yield float(whole(step.get("MetricIntervalLowerBound"), 0)), whole(step.get("ScalingAdjustment"), 0)


def _of_type(beside: Resource, type: str) -> Iterator[Resource]:
    resolver = beside.resolver
    return (Resource(resolver, each) for each in resolver.section("Resources") if resolver.type(each) == type)


def _is(task: Resource, named: object) -> bool:
    resolver = task.resolver
    return named in (resolver.arn(task.logical_id), resolver.name(task.logical_id))


def _named(path: str) -> str:
    """CDK's service is a resource `Service` in a construct, which a fleet of ours calls `Service` once more."""
    while path.endswith("/Service") and path.count("/") > 1:
        path = path.removesuffix("/Service")
    return path
