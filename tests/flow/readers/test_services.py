"""Services of ECS with their task and how they are scaled, as CDK and people write them."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Code, Unknown
from cdk_event_flow.flow.workers import Scales

from .reading import OPEN, WHY, nodes, said

TASK = "AWS::ECS::TaskDefinition"
TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
OTHER_TASK = (TASK, {"TaskRoleArn": "arn:other", "Memory": "1"})


def service(properties, **beside):
    """What is said of a service."""
    (node,) = nodes("AWS::ECS::Service", properties, beside=beside)
    return {name: value for name, value in said(node).items() if name != "type"}


def of_task(**properties):
    """What is said of a service with this task, beside another one."""
    return service({"TaskDefinition": {"Ref": "Task"}}, Other=OTHER_TASK, Task=(TASK, properties))


def environment(**variables):
    """A container with these variables."""
    return {"Environment": [{"Name": name, "Value": value} for name, value in variables.items()]}


IMAGE = Code(image=True)


def test_of_a_service_alone_little_is_said():
    assert service({}) == {}
    assert service({"TaskDefinition": "elsewhere"}, Other=OTHER_TASK) == {}


def test_its_network_is_that_of_its_tasks():
    placed = {"Subnets": ["subnet-1", 5], "SecurityGroups": ["sg-1", OPEN, 7]}
    assert service({"NetworkConfiguration": {"AwsvpcConfiguration": placed}}) == {
        "subnets": ("subnet-1", "5"), "security_groups": ("sg-1", Unknown("parameter Open has no default"), "7"),
    }  # fmt: skip
    one = {"Subnets": "subnet-1", "SecurityGroups": "sg-1"}
    assert service({"NetworkConfiguration": {"AwsvpcConfiguration": one}}) == {"subnets": ("subnet-1",), "security_groups": ("sg-1",)}


@pytest.mark.parametrize("named", [{"Ref": "Task"}, {"Fn::GetAtt": ["Task", "Arn"]}, "jobs"])
def test_a_task_is_named_by_its_arn_or_its_family(named):
    said = service({"TaskDefinition": named}, Other=OTHER_TASK, Task=(TASK, {"Family": "jobs", "TaskRoleArn": "arn:role"}))
    assert said == {"role_arn": "arn:role", "code": IMAGE}


@pytest.mark.parametrize(
    ("containers", "told"),
    [
        ([environment(A="1"), environment(B=OPEN)], {"environment": {"A": "1", "B": WHY}}),
        ([{"Environment": [{"Value": "1"}, {"Name": "B"}]}], {"environment": {"": "1", "B": ""}}),
        ([{"LogConfiguration": {"Options": {"awslogs-group": "jobs"}}}, {}], {"log_group": "jobs"}),
        ([environment(WORKER_MEMORY="256")], {"environment": {"WORKER_MEMORY": "256"}, "memory": 256}),
        ([environment(WORKER_HANDLER="h.h")], {"environment": {"WORKER_HANDLER": "h.h"}}),
        ([environment(WORKER_QUEUE_ARN="arn:q")], {"environment": {"WORKER_QUEUE_ARN": "arn:q"}}),
        (
            [environment(WORKER_QUEUE_ARN="arn:q"), environment(WORKER_HANDLER="h.h")],
            {
                "environment": {"WORKER_QUEUE_ARN": "arn:q", "WORKER_HANDLER": "h.h"}, "runner": True, "queue_arn": "arn:q",
                "handler": "h.h",
            },
        ),
    ],
)  # fmt: skip
def test_its_containers_say_what_runs_in_it(containers, told):
    assert of_task(ContainerDefinitions=containers, Memory=OPEN) == {"code": IMAGE, **told}


def test_the_memory_is_that_of_our_runner_or_of_the_task():
    assert of_task(Memory="2048")["memory"] == 2048
    assert of_task(Memory="2048", ContainerDefinitions=[environment(WORKER_MEMORY="256")])["memory"] == 256


def test_where_the_code_is_stands_in_the_metadata_of_the_task():
    recorded = {"source": "src", "shared": "common", "exclude": ["*.md", 5], "python": "3.13"}
    task = {"Type": TASK, "Metadata": {"cdk-event-flow:code": recorded}}
    resources = {"Task": task, "It": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": {"Ref": "Task"}}}}
    found = Flow.from_template({"Resources": resources}).find("It")
    assert (found.code, found.python) == (Code(source="src", shared="common", exclude=("*.md",), image=True), "3.13")


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("Shop/Jobs/Service/Service", "Shop/Jobs"),
        ("Shop/Jobs/Service/Service/Resource", "Shop/Jobs"),
        ("Shop/Jobs/Service", "Shop/Jobs"),
        ("Shop/Jobs", "Shop/Jobs"),
        ("Shop/Jobs/Tasks", "Shop/Jobs/Tasks"),
        ("Shop/Service/Service", "Shop/Service"),
        ("Shop/Service", "Shop/Service"),
        ("/Service/Jobs/Tasks", "/Service/Jobs/Tasks"),
    ],
)
def test_it_is_called_as_the_construct_that_a_person_made(written, called):
    (node,) = nodes("AWS::ECS::Service", {}, metadata={"aws:cdk:path": written})
    assert node.path == called


OURS = {"ResourceId": "service/cluster/jobs"}
OTHER = (TARGET, {"ResourceId": "service/cluster/other", "MaxCapacity": 99})
OF_TARGET = {"ScalingTargetId": {"Ref": "Target"}}


def scales(target, *policies):
    """How a service is said to be scaled, beside one that is not it."""
    beside = {f"Policy{number}": (POLICY, policy) for number, policy in enumerate(policies)}
    return service({"ServiceName": "jobs"}, Other=OTHER, Target=(TARGET, {**OURS, **target}), **beside).get("scales")


def tracks(namespace, value, *more):
    """A policy by a metric of this namespace, after metrics of others."""
    metrics = [{"MetricStat": {"Metric": {"Namespace": each}}} for each in (*more, namespace)]
    return {"TargetTrackingScalingPolicyConfiguration": {"CustomizedMetricSpecification": {"Metrics": metrics}, "TargetValue": value}}


def steps(*steps):
    """A policy of these steps."""
    return {"StepScalingPolicyConfiguration": {"StepAdjustments": list(steps)}}


STEP = {"MetricIntervalLowerBound": 10, "ScalingAdjustment": 2}


@pytest.mark.parametrize(
    ("target", "policies", "told"),
    [
        ({}, [], Scales(least=1, most=1)),
        ({"MinCapacity": 0, "MaxCapacity": "5"}, [], Scales(least=0, most=5)),
        ({}, [{**OF_TARGET, **tracks("AWS/SQS", 10)}], Scales(least=1, most=1, backlog=10.0)),
        ({}, [{**OF_TARGET, **tracks("AWS/SQS", "2.5", "AWS/ECS")}], Scales(least=1, most=1, backlog=2.5)),
        ({}, [{**OURS, **tracks("AWS/SQS", 10)}], Scales(least=1, most=1, backlog=10.0)),
        ({}, [{**OF_TARGET, **tracks("AWS/ECS", 10)}, {**OURS, **tracks("AWS/SQS", 3)}], Scales(least=1, most=1, backlog=3.0)),
        ({}, [{**OF_TARGET, **tracks("AWS/SQS", OPEN)}], Scales(least=1, most=1)),
        ({}, [{"ResourceId": "service/cluster/other", **tracks("AWS/SQS", 10)}], Scales(least=1, most=1)),
        ({}, [{**OF_TARGET, **steps(STEP, {})}], Scales(least=1, most=1, steps=((10.0, 2), (0.0, 0)))),
    ],
)
def test_how_it_is_scaled(target, policies, told):
    assert scales(target, *policies) == told


def test_what_nothing_scales_is_not_scaled():
    assert "scales" not in service({"ServiceName": "jobs"}, Other=OTHER)
    not_a_target = ("AWS::ApplicationAutoScaling::ScalingPolicy", OURS)
    assert "scales" not in service({"ServiceName": "jobs"}, Policy=not_a_target)
