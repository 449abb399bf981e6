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
    (delivery,) = sent.deliveries
    assert delivery.doubts == ("it may receive from it: the role arn:aws:iam::123456789012:role/jobs is outside the template",)


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


def test_of_workers_whose_task_is_elsewhere_nothing_is_known():
    read = flow_with(lambda r: r["Workers"]["Properties"].update(TaskDefinition={"Fn::ImportValue": "task"})).find("Workers")
    assert (read.runner, read.environment, read.memory) == (False, {}, 512)
    assert (read.role_arn, read.queue_arn, read.handler, read.python, read.log_group) == ("",) * 5


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


def statement_of(resources):
    return resources["TaskRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]


def test_under_our_runner_workers_are_of_the_queue_whatever_their_role_may():
    sent = flow_with(ours, receives=False).send("Jobs", {"job": 1})
    assert not sent.reaches("Workers")
    assert sent.why_not("Workers") == "denied: no statement of the role TaskRole lets it sqs:ReceiveMessage on Jobs"


def test_what_workers_may_receive_from_and_are_not_told_they_do_not_go_through():
    def with_another(resources):
        statement_of(resources)["Resource"] = "*"
        resources["Other"] = {"Type": "AWS::SQS::Queue"}

    flow = flow_with(with_another)
    assert flow.send("Other", {"job": 1}).why_not("Workers") == "no route leads from Other to Workers"
    assert flow.send("Jobs", {"job": 1}).reaches("Workers")


def encrypted(resources, *, key_lets):
    """Jobs with the key of the template, to whose use the task's role has a right."""
    resources["Jobs"]["Properties"]["KmsMasterKeyId"] = {"Ref": "Key"}
    may = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": {"Fn::GetAtt": ["Key", "Arn"]}}
    resources["TaskRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].append(may)
    if not key_lets:
        no = {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": {"Fn::GetAtt": ["TaskRole", "Arn"]}}}
        resources["Key"]["Properties"]["KeyPolicy"]["Statement"].append(no)


def test_workers_of_an_encrypted_queue_need_its_key():
    (delivery,) = flow_with(lambda r: encrypted(r, key_lets=True)).send("Jobs", {"job": 1}).deliveries
    assert (delivery.receiver.path, delivery.doubts) == ("Workers", ())
    sent = flow_with(lambda r: encrypted(r, key_lets=False)).send("Jobs", {"job": 1})
    assert not sent.reaches("Workers")
    assert sent.why_not("Workers") == "denied: statement 3 of the policy of the key Key forbids the role TaskRole kms:Decrypt"


def test_what_is_so_of_one_queue_is_not_said_of_another():
    def with_another(resources):
        encrypted(resources, key_lets=False)
        statement_of(resources)["Resource"] = "*"
        resources["Other"] = {"Type": "AWS::SQS::Queue"}
        container = resources["Task"]["Properties"]["ContainerDefinitions"][0]
        container["Environment"].append({"Name": "OTHER", "Value": {"Ref": "Other"}})

    flow = flow_with(with_another)
    assert flow.send("Other", {"job": 1}).reaches("Workers")
    assert not flow.send("Jobs", {"job": 1}).reaches("Workers")


def test_a_message_that_is_not_known_stays_so_under_our_runner():
    def behind_an_api(resources):
        may_all(resources)
        resources["Api"] = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "shop", "ProtocolType": "HTTP"}}
        put = {
            "IntegrationType": "AWS_PROXY",
            "IntegrationSubtype": "SQS-SendMessage",
            "CredentialsArn": "arn:aws:iam::123456789012:role/api",
            "RequestParameters": {"QueueUrl": {"Ref": "Jobs"}},
        }
        resources["Put"] = {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"ApiId": {"Ref": "Api"}, **put}}
        to_it = {"Fn::Join": ["/", ["integrations", {"Ref": "Put"}]]}
        route = {"ApiId": {"Ref": "Api"}, "RouteKey": "POST /jobs", "Target": to_it}
        resources["Route"] = {"Type": "AWS::ApiGatewayV2::Route", "Properties": route}

    to_queue, to_workers = flow_with(behind_an_api).send("Api", {"path": "/jobs", "body": "x"}).deliveries
    assert str(to_workers.payload) == str(to_queue.payload) == "unknown (what the integration of POST /jobs sends)"


def test_workers_that_are_scaled_to_none_get_nothing():
    def to_none(resources):
        resources["Target"]["Properties"]["MaxCapacity"] = 0

    sent = flow_with(to_none).send("Jobs", {"job": 1})
    assert sent.why_not("Workers") == "it may have no task: its greatest capacity is 0"
