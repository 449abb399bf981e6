"""Alarms tell whom they shall tell, and are let in."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from cdk_event_flow import Function, Topic, WorkerFleet, alarms_to
from cdk_event_flow.errors import ConstructError
from cdk_event_flow.flow import Flow, model
from cdk_event_flow.flow.sources import Alarm
from tests.compose.functions.made import made
from tests.compose.observe.test_alarms import consumer
from tests.compose.synthesis import flow_of, new_stack, template_of

OPS_ITEM = "arn:aws:ssm:eu-west-1:123456789012:opsitem:2#CATEGORY=Availability"
PLAN = "arn:aws:ssm-incidents::123456789012:response-plan/orders"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


def actions(template, key="AlarmActions"):
    """Whom each alarm tells, by its name."""
    alarms = made(template, "CloudWatch::Alarm").values()
    return {each["Properties"]["AlarmName"]["Fn::Join"][1][1]: each["Properties"].get(key) for each in alarms}


def function(stack, id="Pager"):
    return Function(stack, id, code=cdk.aws_lambda.Code.from_inline("x"), handler="i.h", runtime="nodejs24.x")


def test_every_alarm_of_a_stack_tells_a_topic_also_those_made_later_and_flow_sees_that_it_may():
    stack = new_stack()
    alarms_to(stack, Topic(stack, "Alarms"), ok=True)
    consumer(stack)
    found, flow = actions(template_of(stack)), flow_of(stack)
    assert found.keys() == {"/UndeliveredAlarm", "/Billing/Errors", "/Orders/Billing/DeadLettersAlarm", "/TopicsLosing"}
    topic = next(each.arn for each in flow.of(model.Topic) if each.path.startswith("Shop/Alarms/"))
    assert {each.actions for each in flow.of(Alarm)} == {(topic,)}
    assert flow.check() == []
    assert actions(template_of(stack), "OKActions") == found
    told = flow.send("Billing/Errors", {})
    assert told.reaches("Alarms"), told.why_not("Alarms")


def test_the_key_of_the_topic_lets_alarms_in():
    stack = new_stack()
    key = kms.Key(stack, "Own")
    alarms_to(stack, Topic(stack, "Alarms", key=key), sns.Topic(stack, "Other", master_key=key))
    consumer(stack)
    assert flow_of(stack).check() == []
    own = next(each for id, each in made(template_of(stack), "KMS::Key").items() if id.startswith("Own"))
    by_alarms = [each for each in own["Properties"]["KeyPolicy"]["Statement"] if each.get("Sid") == "DeliverFromCloudwatch"]
    assert [each["Principal"] for each in by_alarms] == [{"Service": "cloudwatch.amazonaws.com"}]
    assert by_alarms[0]["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_alarms_of_all_stacks_of_an_app_tell_a_function_of_one():
    here = new_stack("Ops")
    app = here.node.root
    pager = function(here)
    alarms_to(app, pager)
    shop = cdk.Stack(app, "Shop")
    consumer(shop)
    cloud = app.synth()
    flow = Flow.from_assembly(cloud.directory)
    assert {each.actions for each in flow.of(Alarm) if each.path.startswith("Shop/")} == {
        (next(each.arn for each in flow.of(model.Alias) if each.path == "Ops/Pager/Live"),)
    }
    assert [each for each in flow.check() if each.id == "EF513"] == []
    (permission,) = made(cloud.get_stack_by_name("Ops").template, "Lambda::Permission").values()
    assert permission["Properties"]["Principal"] == "lambda.alarms.cloudwatch.amazonaws.com"


def test_calls_add_up_from_the_stack_to_one_construct():
    stack = new_stack()
    billing = consumer(stack)
    alarms_to(stack, OPS_ITEM)
    alarms_to(billing, PLAN, ok=True)
    found = actions(template_of(stack))
    assert found.pop("/Billing/Errors") == [OPS_ITEM, PLAN]
    assert set(map(tuple, found.values())) == {(OPS_ITEM,)}
    assert not any(actions(template_of(stack), "OKActions").values()), "an incident is not opened because it is over"


def test_an_imported_topic_is_told_and_a_note_says_what_its_policy_needs():
    stack = new_stack()
    consumer(stack)
    arn = "arn:aws:sns:eu-west-1:123456789012:Ops"
    alarms_to(stack, sns.Topic.from_topic_arn(stack, "Ops", arn))
    assert actions(template_of(stack))["/Billing/Errors"] == [arn]
    (said,) = [each.data for each in stack.node.metadata if each.type == "aws:cdk:info"]
    assert "Shop/Ops is imported: its policy must let cloudwatch.amazonaws.com sns:Publish" in said


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (lambda _: "arn:aws:sqs:eu-west-1:123456789012:Orders", "EF-ALARM-TARGET at Shop/alarms: alarms tell 'arn:aws:sqs:"),
        (lambda stack: cdk.aws_sqs.Queue(stack, "Q"), "EF-ALARM-TARGET at Shop/alarms: alarms tell a Queue"),
        (lambda stack: Topic(stack, "Ordered", fifo=True), "EF-ALARM-FIFO at Shop/alarms"),
        (
            lambda stack: sns.Topic(stack, "T", master_key=kms.Alias.from_alias_name(stack, "K", "alias/aws/sns")),
            "EF-KEY-MANAGED at Shop/alarms: the target of alarms is a topic encrypted with alias/aws/sns",
        ),
    ],
)
def test_what_an_alarm_cannot_tell_is_refused(target, said):
    stack = new_stack()
    with pytest.raises(ConstructError, match=r"EF-") as refused:
        alarms_to(stack, target(stack))
    assert said in str(refused.value)


def test_six_targets_of_one_alarm_are_refused_wherever_they_are_named():
    stack = new_stack()
    billing = consumer(stack)
    alarms_to(billing, *(f"{PLAN}{number}" for number in range(4)))
    with pytest.raises(ConstructError, match="EF-ALARM-TARGETS at Shop/alarms: alarms tell 6 targets, CloudWatch"):
        alarms_to(stack, PLAN, OPS_ITEM)
    with pytest.raises(ConstructError, match="alarms tell nobody"):
        alarms_to(stack)


def test_workers_alarms_are_told_too(tmp_path):
    (tmp_path / "handler.py").write_text("def handler(event, context):\n    pass\n")
    stack = new_stack()
    vpc = cdk.aws_ec2.Vpc(stack, "Vpc", nat_gateways=0)
    alarms_to(WorkerFleet(stack, "Render", code=tmp_path, vpc=vpc, queue=Topic(stack, "T") and cdk.aws_sqs.Queue(stack, "Q")), PLAN)
    told = {name: each for name, each in actions_of_all(template_of(stack)).items() if each == [PLAN]}
    assert told.keys() == {"/Render/NoWorkers", "/Render/Oldest"}


def actions_of_all(template):
    """As `actions`, of those alarms that have a name."""
    alarms = [each["Properties"] for each in made(template, "CloudWatch::Alarm").values()]
    return {each["AlarmName"]["Fn::Join"][1][1]: each.get("AlarmActions") for each in alarms if "AlarmName" in each}


def test_a_long_path_makes_a_name_that_cloudwatch_takes():
    stack = new_stack()
    consumer(stack)
    function(stack, "A" * 90 + "B" * 60)
    function(stack, "A" * 90 + "B" * 61)
    names = [name for name in actions(template_of(stack)) if name.startswith("/A")]
    assert len(set(names)) == 2
    assert all(len(name) <= 127 for name in names)
