"""Topics: who may subscribe, publish and be refused."""

from datetime import timedelta

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs

from cdk_event_flow import Email, EventBus, Fifo, HttpRetries, PlatformEndpoint, PythonFunction, Queue, Sms, Target, Topic
from cdk_event_flow.errors import ConstructError
from constructs import Construct
from lambda_src.shared.events import OrderSubmitted
from tests.compose.synthesis import flow_of, new_stack, resources, template_of


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def inline(stack, id="Plain"):
    return lambda_.Function(stack, id, code=lambda_.Code.from_inline("x"), handler="i.h", runtime=lambda_.Runtime.NODEJS_24_X)


def delivery_stream(stack):
    return firehose.DeliveryStream(stack, "Lake", destination=firehose.S3Bucket(s3.Bucket(stack, "Bucket")))


SUBSCRIBERS = {
    "our function": (lambda stack: PythonFunction(stack, "Ours", code="lambda_src/human_dispatch"), "lambda", None),
    "a function made elsewhere": (inline, "lambda", None),
    "our queue": (lambda stack: Queue(stack, "Ours"), "sqs", True),
    "a queue made elsewhere": (lambda stack: sqs.Queue(stack, "Plain"), "sqs", True),
    "a web server": (lambda _: "https://shop.example.com/events", "https", True),
    "a person": (lambda _: Email("who@example.com"), "email", None),
    "a person who wants the envelope": (lambda _: Email("who@example.com", json=True), "email-json", None),
    "a phone": (lambda _: Sms("+491701234567"), "sms", None),
    "an app": (lambda _: PlatformEndpoint("arn:aws:sns:eu-west-1:123456789012:endpoint/APNS/shop/1"), "application", None),
    "a delivery stream": (delivery_stream, "firehose", True),
}


@pytest.mark.parametrize("kind", SUBSCRIBERS)
def test_a_message_reaches_a_subscriber_of_every_kind_and_nothing_is_found_wrong(stack, kind):
    make, protocol, raw = SUBSCRIBERS[kind]
    Topic(stack, "Events").subscribe("It", make(stack), where={"region": ["eu"]})
    (subscription,) = resources(template_of(stack), "AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription.get("RawMessageDelivery")) == (protocol, raw)
    assert set(subscription["RedrivePolicy"]) == {"deadLetterTargetArn"}
    flow = flow_of(stack)
    assert [finding for finding in flow.check() if finding.severity == "error"] == []
    assert len(flow.send("Events", {"region": "eu"}).deliveries) >= 1
    assert flow.send("Events", {"region": "us"}).deliveries == ()


@pytest.mark.parametrize(
    ("to", "more", "code", "said"),
    [
        ("http://shop.example.com/", {}, "EF-TOPIC-ENDPOINT", "in the clear"),
        ("shop.example.com", {}, "EF-TOPIC-ENDPOINT", "https://"),
        (Email("nobody"), {}, "EF-TOPIC-ENDPOINT", "name@domain"),
        (Sms("0170 1234567"), {}, "EF-TOPIC-ENDPOINT", "+491701234567"),
        (PlatformEndpoint("arn:aws:sns:eu-west-1:123456789012:topic"), {}, "EF-TOPIC-ENDPOINT", "ARNs"),
        (Email("who@example.com"), {"raw": True}, "EF-TOPIC-RAW", "raw"),
        ("https://shop.example.com/", {"retries": HttpRetries(retries=101)}, "EF-HTTP-RETRIES", "101"),
        ("https://shop.example.com/", {"retries": HttpRetries(retries=61)}, "EF-HTTP-DELAY", "3,600 seconds in all"),
        ("https://shop.example.com/", {"retries": HttpRetries(least=timedelta(0))}, "EF-HTTP-DELAY", "1 to 3,600"),
        ("https://shop.example.com/", {"retries": HttpRetries(backoff="fibonacci")}, "EF-HTTP-DELAY", "fibonacci"),
        (Email("who@example.com"), {"where": {"a": [{"prefx": "b"}]}}, "EF-FILTER", "prefix"),
    ],
)
def test_a_subscription_that_sns_would_refuse_is_refused(stack, to, more, code, said):
    topic = Topic(stack, "Events")
    with pytest.raises(ConstructError) as refused:
        topic.subscribe("It", to, **more)
    assert refused.value.code == code
    assert said in str(refused.value)
    assert topic.node.try_find_child("It") is None


def test_retries_just_inside_the_limits_are_accepted(stack):
    topic = Topic(stack, "Events")
    topic.subscribe("Long", "https://shop.example.com/a", retries=HttpRetries(retries=60, most=timedelta(seconds=60)))
    topic.subscribe("Many", "https://shop.example.com/b", retries=HttpRetries(retries=100, most=timedelta(seconds=36)))
    given = [each["DeliveryPolicy"]["healthyRetryPolicy"] for each in resources(template_of(stack), "AWS::SNS::Subscription")]
    assert sorted((each["numRetries"], each["maxDelayTarget"]) for each in given) == [(60, 60), (100, 36)]


def test_what_is_no_subscriber_is_refused_by_type(stack):
    with pytest.raises(TypeError, match="not to int"):
        Topic(stack, "Events").subscribe("It", 7)


def test_order_is_kept_from_a_fifo_topic_to_the_consumer(stack):
    queue = Topic(stack, "Events", fifo=Fifo(archive=timedelta(days=30))).fan_out("Billing", to=inline(stack))
    template = template_of(stack)
    assert queue.queue.fifo
    (topic,) = resources(template, "AWS::SNS::Topic")
    assert (topic["FifoTopic"], topic["ContentBasedDeduplication"], topic["FifoThroughputScope"]) == (True, True, "MessageGroup")
    assert topic["ArchivePolicy"] == {"MessageRetentionPeriod": 30}
    fifo = [queue for queue in resources(template, "AWS::SQS::Queue") if queue.get("FifoQueue")]
    assert len(fifo) == 2
    flow = flow_of(stack)
    assert flow.send("Events", {"id": 1}).reaches("Plain")
    assert [finding for finding in flow.check() if finding.severity == "error"] == []


def test_order_is_never_lost_without_a_word(stack):
    ordered, plain = Topic(stack, "Ordered", fifo=True), Topic(stack, "Events")
    with pytest.raises(ConstructError, match="EF-TOPIC-FIFO.*queues only"):
        ordered.subscribe("It", inline(stack))
    with pytest.raises(ConstructError, match="EF-TOPIC-FIFO.*FIFO topics only"):
        plain.subscribe("It", Queue(stack, "Fifo", fifo=True))
    ordered.subscribe("It", Queue(stack, "Standard"))


@pytest.mark.parametrize(("days", "allowed"), [(0, False), (1, True), (365, True), (366, False)])
def test_an_archive_is_kept_one_day_to_a_year(stack, days, allowed):
    if allowed:
        Topic(stack, "Events", fifo=Fifo(archive=timedelta(days=days)))
        return
    with pytest.raises(ConstructError, match="EF-FIFO-ARCHIVE"):
        Topic(stack, "Events", fifo=Fifo(archive=timedelta(days=days)))


def test_a_filter_on_attributes_behind_a_bus_is_refused(stack):
    bus, topic = EventBus(stack, "Orders", publishes=[OrderSubmitted]), Topic(stack, "Events")
    bus.route("ToTopic", [OrderSubmitted], to=topic)
    with pytest.raises(ConstructError, match="EF-FILTER-SCOPE"):
        topic.fan_out("Billing", to=inline(stack), where={"region": ["eu"]}, scope="MessageAttributes")


def test_services_and_accounts_are_let_in_by_name_and_the_key_follows(stack):
    Topic(stack, "Events").allow_from(accounts=["210987654321"], organization="o-abcdefghij", services=["cloudwatch"])
    template = template_of(stack)
    (policy,) = resources(template, "AWS::SNS::TopicPolicy")
    allowed = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert [statement["Action"] for statement in allowed] == ["sns:Publish"] * 3
    assert all(statement["Principal"] != "*" or "Condition" in statement for statement in allowed)
    (key,) = resources(template, "AWS::KMS::Key")
    assert "DeliverFromCloudwatch" in [statement.get("Sid") for statement in key["KeyPolicy"]["Statement"]]


def test_the_owner_of_an_imported_key_is_told_what_its_policy_must_say(stack):
    key = kms.Key.from_key_arn(stack, "Theirs", "arn:aws:kms:eu-west-1:210987654321:key/1")
    topic = Topic(stack, "Events", key=key)
    topic.allow_from(services=["cloudwatch"])
    said = [entry.data for entry in topic.node.metadata]
    assert any("cloudwatch.amazonaws.com" in str(data) and "kms:GenerateDataKey*" in str(data) for data in said)


def test_a_producer_may_publish_and_nothing_else(stack):
    function = inline(stack)
    Topic(stack, "Events").allow_publishing(function)
    (policy,) = resources(template_of(stack), "AWS::IAM::Policy")[-1:]
    actions = [s["Action"] for p in resources(template_of(stack), "AWS::IAM::Policy") for s in p["PolicyDocument"]["Statement"]]
    assert "sns:Publish" in actions
    assert not any(action == "sns:*" for action in actions)
    assert policy


def test_an_imported_topic_is_subscribed_to_in_place_of_our_own(stack):
    theirs = sns.Topic.from_topic_arn(stack, "Theirs", cdk.Arn.format(cdk.ArnComponents(service="sns", resource="orders"), stack))
    Topic(stack, "Events", topic=theirs).fan_out("Billing", to=inline(stack))
    template = template_of(stack)
    assert resources(template, "AWS::SNS::Topic") == []
    assert len(resources(template, "AWS::SNS::Subscription")) == 1


def test_an_imported_function_needs_its_role_and_a_visibility(stack):
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:billing"
    topic = Topic(stack, "Events")
    with pytest.raises(ConstructError, match="EF-FUNCTION-ROLE"):
        topic.fan_out("One", to=lambda_.Function.from_function_arn(stack, "NoRole", arn))
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    theirs = lambda_.Function.from_function_attributes(stack, "Theirs", function_arn=arn, role=role, same_environment=True)
    with pytest.raises(ConstructError, match="EF-QUEUE-VISIBILITY"):
        topic.fan_out("Two", to=theirs)
    topic.fan_out("Three", to=theirs, visibility=timedelta(minutes=3))


def test_deliveries_are_logged_by_every_protocol_that_sns_logs(stack):
    topic = Topic(stack, "Events")
    for kind, (make, _, _) in SUBSCRIBERS.items():
        if "our" not in kind:
            name = kind.title().replace(" ", "")
            topic.subscribe(name, make(Construct(stack, name)))
    (made,) = resources(template_of(stack), "AWS::SNS::Topic")
    logged = {each["Protocol"]: each for each in made["DeliveryStatusLogging"]}
    assert set(logged) == {"sqs", "lambda", "http/s", "firehose", "application"}
    assert all(each["SuccessFeedbackSampleRate"] == "5" for each in logged.values())
    assert len({str(each["FailureFeedbackRoleArn"]) for each in logged.values()}) == 1


def test_a_standard_queue_is_fair_to_the_groups_of_a_route(stack):
    queue = Queue(stack, "Jobs")
    EventBus(stack, "Orders").route("All", {"source": ["shop"]}, to=Target(to=queue, group="$.detail.customer"))
    (rule,) = resources(template_of(stack), "AWS::Events::Rule")
    assert rule["Targets"][0]["SqsParameters"] == {"MessageGroupId": "$.detail.customer"}
    assert flow_of(stack).send("Orders", {"source": "shop", "detail-type": "Sold", "detail": {}}).reaches("Jobs")


def test_the_key_policy_names_accounts_so_that_the_flag_for_sqs_decryption_makes_no_cycle():
    stack = cdk.Stack(cdk.App(context={"@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption": True}), "Shop")
    Topic(stack, "Events").fan_out("Billing", to=inline(stack))
    (key,) = resources(template_of(stack), "AWS::KMS::Key")
    (delivery,) = [each for each in key["KeyPolicy"]["Statement"] if each.get("Sid") == "DeliverEncryptedMessages"]
    assert delivery["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_plain_cdk_has_a_cycle_where_that_flag_meets_one_key_for_topic_and_queue():
    stack = cdk.Stack(cdk.App(context={"@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption": True}), "Shop")
    key = kms.Key(stack, "Key")
    topic = sns.Topic(stack, "Events", master_key=key)
    topic.add_subscription(subscriptions.SqsSubscription(sqs.Queue(stack, "Jobs", encryption_master_key=key)))
    with pytest.raises(RuntimeError, match="Template is undeployable, these resources have a dependency cycle"):
        template_of(stack)
