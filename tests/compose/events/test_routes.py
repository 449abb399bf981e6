"""Routes: every kind of target is reached, by policy or role, with the payload it was given."""

from datetime import timedelta

import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions

from cdk_event_flow import (
    Cron,
    EventBus,
    Every,
    FargateTask,
    FixedInput,
    InputPath,
    InputTransformer,
    PythonFunction,
    Queue,
    Target,
    Topic,
    Trying,
)
from cdk_event_flow.errors import ConstructError
from tests.compose.synthesis import flow_of, new_stack, policies, resources, template_of

PATTERN = {"source": ["shop"]}
EVENT = {"source": "shop", "detail-type": "Sold", "detail": {"id": 7, "region": "eu"}}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def inline(stack, id="Plain", **more):
    return lambda_.Function(stack, id, code=lambda_.Code.from_inline("x"), handler="i.h", runtime=lambda_.Runtime.NODEJS_24_X, **more)


def machine(stack):
    body = stepfunctions.DefinitionBody.from_chainable(stepfunctions.Pass(stack, "Start"))
    return stepfunctions.StateMachine(stack, "Machine", definition_body=body)


def destination(stack):
    secret = secretsmanager.Secret(stack, "Secret")
    connection = events.Connection(stack, "Connection", authorization=events.Authorization.api_key("x-key", secret.secret_value))
    return events.ApiDestination(stack, "Partner", connection=connection, endpoint="https://partner.example.com/orders")


def task(stack):
    vpc = ec2.Vpc(stack, "Vpc", max_azs=1)
    definition = ecs.FargateTaskDefinition(stack, "Task")
    definition.add_container("main", image=ecs.ContainerImage.from_registry("public.ecr.aws/docker/library/busybox"))
    return FargateTask(cluster=ecs.Cluster(stack, "Cluster", vpc=vpc), definition=definition)


EVERY_KIND = {
    "our function": lambda stack: PythonFunction(stack, "Ours", code="lambda_src/human_dispatch"),
    "a function made elsewhere": inline,
    "our queue": lambda stack: Queue(stack, "OurQueue"),
    "a queue made elsewhere": lambda stack: sqs.Queue(stack, "PlainQueue"),
    "our topic": lambda stack: Topic(stack, "OurTopic"),
    "a topic made elsewhere": lambda stack: sns.Topic(stack, "PlainTopic"),
    "our bus": lambda stack: EventBus(stack, "OurBus"),
    "a bus made elsewhere": lambda stack: events.EventBus(stack, "PlainBus"),
    "a stream": lambda stack: kinesis.Stream(stack, "PlainStream"),
    "a log group": lambda stack: logs.LogGroup(stack, "PlainGroup"),
    "a state machine": machine,
    "an API destination": destination,
}


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_an_event_reaches_a_target_of_every_kind_and_nothing_is_found_wrong(stack, kind):
    EventBus(stack, "Orders").route("All", PATTERN, to=EVERY_KIND[kind](stack))
    flow = flow_of(stack)
    (delivery,) = flow.send("Orders", EVENT).deliveries
    assert delivery.doubts == ()
    assert [finding for finding in flow.check() if finding.severity == "error"] == []


def test_a_task_is_started_with_what_its_role_may_pass(stack):
    EventBus(stack, "Orders").route("All", PATTERN, to=task(stack))
    template = template_of(stack)
    (rule,) = resources(template, "AWS::Events::Rule")
    assert rule["Targets"][0]["EcsParameters"]["NetworkConfiguration"]["AwsVpcConfiguration"]["AssignPublicIp"] == "DISABLED"
    statements = [
        statement
        for policy in policies(template)
        for statement in policy["Statement"]
        if statement["Action"] in ("ecs:RunTask", "iam:PassRole")
    ]
    assert [statement["Action"] for statement in statements] == ["ecs:RunTask", "iam:PassRole"]
    assert all(statement["Resource"] != "*" for statement in statements)


def test_more_than_five_targets_are_split_over_rules(stack):
    route = EventBus(stack, "Orders").route("All", PATTERN, to=[sqs.Queue(stack, f"Queue{n}") for n in range(12)])
    assert [len(rule["Targets"]) for rule in resources(template_of(stack), "AWS::Events::Rule")] == [5, 5, 2]
    assert len(route.rules) == 3
    assert len(flow_of(stack).send("Orders", EVENT).deliveries) == 12


@pytest.mark.parametrize(
    ("input", "received"),
    [
        (InputPath("$.detail"), {"id": 7, "region": "eu"}),
        (FixedInput({"do": "count"}), {"do": "count"}),
        (InputTransformer({"order": "<id>", "said": "to <region>"}, {"id": "$.detail.id", "region": "$.detail.region"}),
         {"order": 7, "said": "to eu"}),
        (InputTransformer("Order <id>", {"id": "$.detail.id"}), "Order 7"),
    ],
)  # fmt: skip
def test_a_function_receives_the_input_that_was_asked_for(stack, input, received):
    EventBus(stack, "Orders").route("All", PATTERN, to=inline(stack), input=input)
    (delivery,) = flow_of(stack).send("Orders", EVENT).deliveries
    assert delivery.payload == received


def test_each_target_may_have_an_input_of_its_own(stack):
    whole, part = inline(stack, "Whole"), inline(stack, "Part")
    EventBus(stack, "Orders").route("All", PATTERN, to=[whole, Target(to=part, input=InputPath("$.detail.id"))])
    payloads = [delivery.payload for delivery in flow_of(stack).send("Orders", EVENT).deliveries]
    assert payloads[0]["detail"]["id"] == 7
    assert payloads[1] == 7


@pytest.mark.parametrize(
    ("input", "code", "said"),
    [
        (InputPath("detail.id"), "EF-INPUT-PATH", "'detail.id'"),
        (InputTransformer("<id>", {"id": "$..id"}), "EF-INPUT-PATH", "<id>"),
        (InputTransformer({"order": "<order>"}, {"id": "$.detail.id"}), "EF-INPUT-NAME", "<order>"),
        (InputTransformer("x" * 8_193), "EF-INPUT-SIZE", "8,192"),
        (InputTransformer("x", {f"n{i}": "$.detail" for i in range(101)}), "EF-INPUT-SIZE", "101 paths"),
    ],
)
def test_an_input_that_eventbridge_would_refuse_is_refused(stack, input, code, said):
    bus, function = EventBus(stack, "Orders"), inline(stack)
    with pytest.raises(ConstructError) as refused:
        bus.route("All", PATTERN, to=function, input=input)
    assert refused.value.code == code
    assert said in str(refused.value)


def test_the_largest_template_and_most_paths_are_accepted(stack):
    bus, function = EventBus(stack, "Orders"), inline(stack)
    bus.route("Text", PATTERN, to=function, input=InputTransformer("x" * 8_190))
    bus.route("Paths", PATTERN, to=function, input=InputTransformer("x", {f"n{i}": "$.detail" for i in range(100)}))
    inputs = [rule["Targets"][0]["InputTransformer"] for rule in resources(template_of(stack), "AWS::Events::Rule")]
    assert sorted(len(each["InputTemplate"]) for each in inputs) == [3, 8_192]  # in quotes
    assert sorted(len(each.get("InputPathsMap", {})) for each in inputs) == [0, 100]


@pytest.mark.parametrize("target", [lambda s: sqs.Queue(s, "Fifo", fifo=True), lambda s: sns.Topic(s, "Fifo", fifo=True)])
def test_fifo_targets_are_refused_with_the_reason(stack, target):
    with pytest.raises(ConstructError, match="EF-RULE-FIFO at Shop/Orders/All"):
        EventBus(stack, "Orders").route("All", PATTERN, to=target(stack))


def test_a_fifo_queue_with_a_group_is_accepted(stack):
    queue = sqs.Queue(stack, "Fifo", fifo=True, content_based_deduplication=True)
    EventBus(stack, "Orders").route("All", PATTERN, to=Target(to=queue, group="orders"))
    (rule,) = resources(template_of(stack), "AWS::Events::Rule")
    assert rule["Targets"][0]["SqsParameters"] == {"MessageGroupId": "orders"}


@pytest.mark.parametrize(
    ("trying", "code"),
    [
        (Trying(retries=-1), "EF-RULE-RETRIES"),
        (Trying(retries=186), "EF-RULE-RETRIES"),
        (Trying(max_age=timedelta(seconds=59)), "EF-RULE-AGE"),
        (Trying(max_age=timedelta(seconds=86_401)), "EF-RULE-AGE"),
    ],
)
def test_a_retry_policy_just_outside_the_limits_is_refused(stack, trying, code):
    with pytest.raises(ConstructError, match=code):
        EventBus(stack, "Orders").route("All", PATTERN, to=inline(stack), trying=trying)


@pytest.mark.parametrize(
    ("trying", "said"),
    [
        (Trying(retries=0), {"MaximumRetryAttempts": 0}),
        (Trying(retries=185), {"MaximumRetryAttempts": 185}),
        (Trying(max_age=timedelta(seconds=60)), {"MaximumEventAgeInSeconds": 60}),
        (Trying(max_age=timedelta(days=1)), {"MaximumEventAgeInSeconds": 86_400}),
    ],
)
def test_a_retry_policy_just_inside_the_limits_is_accepted(stack, trying, said):
    EventBus(stack, "Orders").route("All", PATTERN, to=inline(stack), trying=trying)
    (rule,) = resources(template_of(stack), "AWS::Events::Rule")
    assert said.items() <= rule["Targets"][0]["RetryPolicy"].items()


def test_a_route_needs_a_receiver_that_is_one(stack):
    with pytest.raises(ConstructError, match="EF-RULE-TARGETS"):
        EventBus(stack, "Orders").route("All", PATTERN, to=[])
    with pytest.raises(TypeError, match="not to str"):
        EventBus(stack, "More").route("All", PATTERN, to="Billing")


def test_seventy_rules_share_one_statement_of_the_function(stack):
    bus, function = EventBus(stack, "Orders"), inline(stack)
    for number in range(70):
        bus.route(f"Rule{number}", {"source": [f"shop{number}"]}, to=function)
    assert len(resources(template_of(stack), "AWS::Lambda::Permission")) == 1


def test_rules_on_the_default_bus_see_what_aws_sends_and_may_have_a_schedule(stack):
    account = EventBus(stack, "Account", bus="default")
    account.route("Stopped", {"source": ["aws.ec2"], "detail": {"state": ["stopped"]}}, to=inline(stack, "Restart"))
    account.route("Nightly", Cron("0 2 * * ? *"), to=[inline(stack, "One"), inline(stack, "Two")])
    account.route("Often", Every(timedelta(minutes=5)), to=inline(stack, "Three"))
    template = template_of(stack)
    assert resources(template, "AWS::Events::EventBus") == []
    schedules = [rule.get("ScheduleExpression") for rule in resources(template, "AWS::Events::Rule")]
    assert sorted(filter(None, schedules)) == ["cron(0 2 * * ? *)", "rate(5 minutes)"]
    stopped = {"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification", "detail": {"state": "stopped"}}
    assert flow_of(stack).send("default", stopped).reaches("Restart")


def test_a_schedule_on_a_bus_of_its_own_is_refused(stack):
    with pytest.raises(ConstructError, match="EF-RULE-SCHEDULE"):
        EventBus(stack, "Orders").route("Nightly", Cron("0 2 * * ? *"), to=inline(stack))


def test_a_partner_bus_bears_the_name_of_the_event_source(stack):
    EventBus(stack, "Partner", partner="aws.partner/example.com/123/orders")
    assert resources(template_of(stack), "AWS::Events::EventBus") == [
        {"EventSourceName": "aws.partner/example.com/123/orders", "Name": "aws.partner/example.com/123/orders"}
    ]
    with pytest.raises(ConstructError, match="EF-BUS-PARTNER"):
        EventBus(stack, "Wrong", partner="example.com/orders")


def test_other_accounts_and_an_organization_may_put_events_and_nobody_else(stack):
    bus = EventBus(stack, "Orders")
    bus.allow_from(accounts=["210987654321"], organization="o-abcdefghij")
    statements = [policy["Statement"] for policy in resources(template_of(stack), "AWS::Events::EventBusPolicy")]
    assert [statement["Action"] for statement in statements] == ["events:PutEvents"] * 2
    assert statements[1]["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    for wrong in ({"accounts": ["1234"]}, {"organization": "abc"}, {}):
        with pytest.raises(ConstructError, match="EF-ALLOW"):
            EventBus(stack, f"Bus{len(wrong)}{'organization' in wrong}").allow_from(**wrong)


def test_a_bus_with_a_customer_key_lets_eventbridge_use_it_and_keeps_what_could_not_be_encrypted(stack):
    from cdk_event_flow.compose.messaging.encryption import stack_key

    EventBus(stack, "Orders", key=stack_key(stack))
    template = template_of(stack)
    (bus,) = resources(template, "AWS::Events::EventBus")
    assert set(bus) >= {"KmsKeyIdentifier", "DeadLetterConfig"}
    (key,) = resources(template, "AWS::KMS::Key")
    (statement,) = [s for s in key["KeyPolicy"]["Statement"] if s.get("Sid") == "EncryptEventsOnBuses"]
    assert "kms:DescribeKey" in statement["Action"]
