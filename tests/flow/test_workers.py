"""Services of ECS that go through a queue: which are known to, and what reaches them."""

import copy

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.workers import Workers

from .findings.cases.workers import workers
from .findings.sound import SOUND


def flow_with(change=lambda resources: None, **more):
    template = copy.deepcopy(SOUND)
    workers(template["Resources"], **more)
    change(template["Resources"])
    return Flow.from_template(template)


def test_a_service_that_is_told_a_queue_and_may_receive_from_it_goes_through_it():
    sent = flow_with().send("Jobs", {"job": 1})
    assert sent.reaches("Workers")
    assert sent.explain().splitlines()[1] == "└─ workers Workers"
    (delivery,) = sent.deliveries
    assert delivery.payload == {"job": 1}
    assert not delivery.doubts


def test_one_that_may_only_send_does_not():
    sent = flow_with(receives=False).send("Jobs", {"job": 1})
    assert not sent.reaches("Workers")
    assert sent.why_not("Workers") == "no route leads from Jobs to Workers"


def test_of_a_role_elsewhere_nobody_knows():
    def elsewhere(resources):
        resources["Task"]["Properties"]["TaskRoleArn"] = "arn:aws:iam::123456789012:role/jobs"

    sent = flow_with(elsewhere).send("Jobs", {"job": 1})
    assert sent.reaches("Workers")
    assert "the role arn:aws:iam::123456789012:role/jobs is outside the template" in sent.explain()


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r["Task"]["Properties"].update(ContainerDefinitions="none"),
        lambda r: r["Task"]["Properties"].update(ContainerDefinitions=[{"Environment": [7, {"Name": "X"}]}, None]),
        lambda r: r["Workers"]["Properties"].update(TaskDefinition={"Fn::ImportValue": "task"}),
        lambda r: r["Workers"]["Properties"].update(NetworkConfiguration=[1]),
        lambda r: r["Target"]["Properties"].update(ResourceId={"Fn::ImportValue": "x"}, MaxCapacity="many"),
        lambda r: r["Tracks"]["Properties"].update(TargetTrackingScalingPolicyConfiguration={"TargetValue": "x"}),
        lambda r: r["Steps"]["Properties"].update(StepScalingPolicyConfiguration={"StepAdjustments": [None]}),
        lambda r: r.pop("Task"),
    ],
)
def test_what_is_not_as_it_should_be_is_read_all_the_same(change):
    flow = flow_with(change)
    assert isinstance(flow.find("Workers"), Workers)
    flow.send("Jobs", {})
    flow.check()


def ours(resources):
    """The runner of this package in the container."""
    container = resources["Task"]["Properties"]["ContainerDefinitions"][0]
    arn = {"Fn::GetAtt": ["Jobs", "Arn"]}
    container["Environment"] = [{"Name": "WORKER_HANDLER", "Value": "handler.handler"}, {"Name": "WORKER_QUEUE_ARN", "Value": arn}]


def may_all(resources):
    ours(resources)
    actions = resources["TaskRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]["Action"]
    actions.append("sqs:ChangeMessageVisibility")


def test_under_our_runner_a_handler_gets_a_batch():
    (delivery,) = flow_with(may_all).send("Jobs", {"job": 1}).deliveries
    assert delivery.payload["Records"][0]["body"] == '{"job":1}'


def test_a_role_that_our_runner_cannot_work_with_is_found():
    flow = flow_with(ours)
    assert not flow.send("Jobs", {"job": 1}).reaches("Workers")
    assert "sqs:ChangeMessageVisibility" in flow.send("Jobs", {"job": 1}).why_not("Workers")
    (finding,) = flow.check()
    assert (finding.severity, finding.path) == ("error", "Workers")
