"""Asynchronous invocation: retries, age, dead letters, and destinations of every kind with what they need."""

from datetime import timedelta

import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from cdk_event_flow import Asynchronous, EventBus, PrivateNetwork, Queue, Schedule, Stage, Topic
from cdk_event_flow.errors import ConstructError
from tests.compose.functions.made import function, made, only, statements
from tests.compose.synthesis import flow_of, new_stack, template_of


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def plain(stack):
    return lambda_.Function(stack, "To", code=lambda_.Code.from_inline("x"), handler="i.h", runtime=lambda_.Runtime.NODEJS_24_X)


OURS = {
    "sqs:SendMessage": lambda stack: Queue(stack, "To"),
    "sns:Publish": lambda stack: Topic(stack, "To"),
    "lambda:InvokeFunction": lambda stack: function(stack, "To"),
    "events:PutEvents": lambda stack: EventBus(stack, "To"),
}
THE_CDKS = {
    "sqs:SendMessage": lambda stack: sqs.Queue(stack, "To"),
    "sns:Publish": lambda stack: sns.Topic(stack, "To"),
    "lambda:InvokeFunction": plain,
    "events:PutEvents": lambda stack: events.EventBus(stack, "To"),
}
IMPORTED = {
    "sqs:SendMessage": lambda stack: sqs.Queue.from_queue_arn(stack, "To", "arn:aws:sqs:us-east-1:123456789012:to"),
    "sns:Publish": lambda stack: sns.Topic.from_topic_arn(stack, "To", "arn:aws:sns:us-east-1:123456789012:to"),
    "events:PutEvents": lambda stack: events.EventBus.from_event_bus_arn(
        stack, "To", "arn:aws:events:us-east-1:123456789012:event-bus/to"
    ),
}
KINDS = [pytest.param(action, make, id=f"{name}-{action}")
         for name, made_of in (("ours", OURS), ("the CDK's", THE_CDKS), ("imported", IMPORTED))
         for action, make in made_of.items()]  # fmt: skip


@pytest.mark.parametrize("outcome", ["on_success", "on_failure"])
@pytest.mark.parametrize(("action", "make"), KINDS)
def test_a_destination_is_told_and_the_role_may_tell_it(stack, action, make, outcome):
    billing = function(stack)
    getattr(billing, outcome)(make(stack))
    template = template_of(stack)
    config = only(template, "Lambda::EventInvokeConfig", "Billing")
    destination = config["Properties"]["DestinationConfig"]["OnSuccess" if outcome == "on_success" else "OnFailure"]["Destination"]
    (allowed,) = statements(template, "BillingDestinations")
    assert (allowed["Action"], allowed["Resource"]) == (action, destination)
    assert config["Properties"]["Qualifier"] == "live"
    assert sorted(each[:-8] for each in config["DependsOn"]) == ["BillingDestinations", "BillingLive"]


@pytest.mark.parametrize(("action", "make"), KINDS)
def test_flow_sees_who_is_told_of_a_success_and_finds_nothing_wrong(stack, action, make):
    billing, bus = function(stack), EventBus(stack, "Orders")
    bus.route("ToBilling", {"source": ["shop"]}, to=billing)
    billing.on_success(make(stack))
    flow = flow_of(stack)
    sent = flow.send("Orders", {"source": "shop", "detail-type": "Sold", "detail": {}})
    to = next(each.on_success for each in flow.nodes.values() if hasattr(each, "on_success"))
    assert to in {delivery.arn for delivery in sent.deliveries}
    assert flow.check() == []


def test_both_outcomes_are_told_by_the_one_configuration_of_the_alias(stack):
    billing = function(stack, asynchronous=Asynchronous(retries=0, max_age=timedelta(hours=1)))
    billing.on_failure(Queue(stack, "Failed"))
    billing.on_success(Topic(stack, "Done"))
    properties = only(template_of(stack), "Lambda::EventInvokeConfig")["Properties"]
    assert properties["MaximumRetryAttempts"] == 0
    assert properties["MaximumEventAgeInSeconds"] == 3_600
    assert set(properties["DestinationConfig"]) == {"OnFailure", "OnSuccess"}


def test_a_bucket_keeps_failures_and_only_the_functions_own_objects_may_be_written(stack):
    billing = function(stack)
    billing.on_failure(s3.Bucket(stack, "Failed"))
    put, listed = statements(template_of(stack), "BillingDestinations")
    assert (put["Action"], listed["Action"]) == ("s3:PutObject", "s3:ListBucket")
    assert put["Resource"]["Fn::Join"][1][1:] == [
        "/aws/lambda/async/",
        {"Ref": next(iter(made(template_of(stack), "Lambda::Function")))},
        "/*",
    ]
    assert flow_of(stack).check() == []


def test_a_private_function_needs_no_endpoint_for_what_lambda_sends(stack):
    network = PrivateNetwork(stack, "Network")
    billing = function(stack, network=network)
    billing.on_failure(s3.Bucket(stack, "Failed"))
    billing.on_success(EventBus(stack, "Results"))
    assert not made(template_of(stack), "EC2::VPCEndpoint")
    assert flow_of(stack).check() == []


def test_a_key_other_than_the_stacks_is_allowed_to_the_role(stack):
    key = kms.Key(stack, "Key")
    billing = function(stack)
    billing.on_failure(sqs.Queue(stack, "Failed", encryption_master_key=key))
    billing.on_success(Topic(stack, "Done"))
    template = template_of(stack)
    (used,) = [each for each in statements(template, "BillingDestinations") if "kms:Decrypt" in each["Action"]]
    assert used["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert used["Resource"]["Fn::GetAtt"][0].startswith("Key")


def test_a_failure_destination_stands_in_for_dead_letters(stack):
    billing = function(stack, asynchronous=Asynchronous(dead_letters=None))
    billing.on_failure(Queue(stack, "Failed"))
    Schedule(stack, "Nightly", cron="0 2 * * ? *", to=billing)
    template = template_of(stack)
    assert "DeadLetterConfig" not in only(template, "Lambda::Function")["Properties"]
    assert flow_of(stack).check() == []


@pytest.mark.parametrize("make", [lambda stack: Topic(stack, "Dead"), lambda stack: sns.Topic(stack, "Dead")])
def test_a_topic_receives_dead_letters(stack, make):
    function(stack, asynchronous=Asynchronous(dead_letters=make(stack)))
    target = only(template_of(stack), "Lambda::Function")["Properties"]["DeadLetterConfig"]["TargetArn"]
    assert target["Ref"].startswith("Dead")


def test_a_queue_of_ours_receives_dead_letters(stack):
    function(stack, asynchronous=Asynchronous(dead_letters=Queue(stack, "Dead")))
    target = only(template_of(stack), "Lambda::Function")["Properties"]["DeadLetterConfig"]["TargetArn"]
    assert target["Fn::GetAtt"][0].startswith("Dead")


def test_a_stage_tells_its_own_destinations(stack):
    billing = function(stack, alias="DEV")
    Stage(billing, "PROD").on_failure(Queue(stack, "Failed"))
    config = only(template_of(stack), "Lambda::EventInvokeConfig")
    assert config["Properties"]["Qualifier"] == "PROD"


def test_two_functions_may_tell_each_other(stack):
    one, other = function(stack, "One"), function(stack, "Other")
    one.on_success(other)
    other.on_failure(one)
    assert len(made(template_of(stack), "Lambda::EventInvokeConfig")) == 2  # a cycle would not have been synthesized


FIFO = {
    "queue of ours": lambda stack: Queue(stack, "To", fifo=True),
    "topic of ours": lambda stack: Topic(stack, "To", fifo=True),
    "queue": lambda stack: sqs.Queue(stack, "To", fifo=True),
    "topic": lambda stack: sns.Topic(stack, "To", fifo=True),
    "imported queue": lambda stack: sqs.Queue.from_queue_arn(stack, "To", "arn:aws:sqs:us-east-1:123456789012:to.fifo"),
    "imported topic": lambda stack: sns.Topic.from_topic_arn(stack, "To", "arn:aws:sns:us-east-1:123456789012:to.fifo"),
}


@pytest.mark.parametrize("make", FIFO.values(), ids=FIFO)
def test_fifo_is_refused_as_a_destination_and_for_dead_letters(stack, make):
    to = make(stack)
    with pytest.raises(ConstructError, match="EF-ASYNC-DEAD-LETTERS at Shop/Packing: .* is FIFO, .* standard queues and topics only"):
        function(stack, "Packing", asynchronous=Asynchronous(dead_letters=to))
    with pytest.raises(ConstructError, match="EF-ASYNC-DESTINATION at Shop/Billing/on_failure: .* is FIFO"):
        function(stack).on_failure(to)


@pytest.mark.parametrize(
    ("outcome", "make", "said"),
    [
        ("on_success", lambda stack, billing: s3.Bucket(stack, "To"), "writes failures to buckets, and no successes"),
        ("on_failure", lambda stack, billing: billing, "is the function itself"),
    ],
)
def test_a_destination_that_cannot_work_is_refused(stack, outcome, make, said):
    billing = function(stack)
    with pytest.raises(ConstructError, match=f"EF-ASYNC-DESTINATION at Shop/Billing/{outcome}: .*{said}"):
        getattr(billing, outcome)(make(stack, billing))


def test_an_outcome_has_one_destination(stack):
    billing = function(stack)
    billing.on_failure(Queue(stack, "Failed"))
    with pytest.raises(ConstructError, match="there is a destination on_failure already"):
        billing.on_failure(Topic(stack, "Other"))


def test_what_is_no_destination_is_a_type_error(stack):
    with pytest.raises(TypeError, match="not a Key"):
        function(stack).on_failure(kms.Key(stack, "Key"))


@pytest.mark.parametrize(
    ("inside", "outside", "code"),
    [
        (Asynchronous(retries=0), Asynchronous(retries=-1), "EF-ASYNC-RETRIES"),
        (Asynchronous(retries=2), Asynchronous(retries=3), "EF-ASYNC-RETRIES"),
        (Asynchronous(max_age=timedelta(seconds=60)), Asynchronous(max_age=timedelta(seconds=59)), "EF-ASYNC-AGE"),
        (Asynchronous(max_age=timedelta(hours=6)), Asynchronous(max_age=timedelta(hours=6, seconds=1)), "EF-ASYNC-AGE"),
    ],
)
def test_what_lies_inside_a_limit_is_taken_and_what_lies_outside_is_refused(stack, inside, outside, code):
    assert function(stack, "Inside", asynchronous=inside).alias
    with pytest.raises(ConstructError) as refused:
        function(stack, asynchronous=outside)
    assert [problem.code for problem in refused.value.problems] == [code]
