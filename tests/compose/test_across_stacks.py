"""Across stacks: no dependency cycle, no export by hand. Plain CDK's failure stands beside each."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from cdk_event_flow import (
    Bucket,
    EventBus,
    Function,
    FunctionUrl,
    HttpApi,
    Pipe,
    PythonFunction,
    Queue,
    Stream,
    Table,
    Topic,
    consume,
)
from cdk_event_flow.flow import Flow

PATTERN = {"source": ["shop"]}
EVENT = {"source": "shop", "detail-type": "Sold", "detail": {"id": 7}}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def app():
    return cdk.App(context={"aws:cdk:enable-path-metadata": True})


@pytest.fixture
def shared(app):
    return cdk.Stack(app, "Shared")


@pytest.fixture
def billing(app):
    return cdk.Stack(app, "Billing")


def inline(stack, id="Work"):
    return lambda_.Function(stack, id, code=lambda_.Code.from_inline("x"), handler="i.h", runtime=lambda_.Runtime.NODEJS_24_X)


def flow_of(app):
    """Both stacks; the synth would fail on a cycle."""
    flow = Flow.from_assembly(app.synth().directory)
    assert [finding for finding in flow.check() if finding.severity == "error"] == []
    return flow


def test_a_bus_in_a_stack_of_its_own_feeds_a_queue_in_another(app, shared, billing):
    EventBus(shared, "Orders").route("All", PATTERN, to=Queue(billing, "Jobs"))
    assert flow_of(app).send("Orders", EVENT).reaches("Jobs")


def test_plain_cdk_has_a_cycle_where_a_bus_feeds_a_queue_in_another_stack(app, shared, billing):
    bus = events.EventBus(shared, "Orders")
    queue = sqs.Queue(billing, "Jobs")
    rule = events.Rule(shared, "All", event_bus=bus, event_pattern=events.EventPattern(source=["shop"]))
    rule.add_target(targets.SqsQueue(queue))
    with pytest.raises(RuntimeError, match="(?i)cyclic"):
        app.synth()


def test_receivers_of_one_route_may_stand_in_several_stacks(app, shared, billing):
    work, jobs, here = inline(billing), Queue(cdk.Stack(app, "Packing"), "Jobs"), Queue(shared, "Audit")
    route = EventBus(shared, "Orders").route("All", PATTERN, to=[work, jobs, here])
    assert [cdk.Stack.of(rule).stack_name for rule in route.rules] == ["Billing", "Packing", "Shared"]
    sent = flow_of(app).send("Orders", EVENT)
    assert all(sent.reaches(name) for name in ("Work", "Jobs", "Audit"))


def test_the_function_that_a_bus_invokes_may_publish_on_it_from_another_stack(app, shared, billing):
    bus = EventBus(shared, "Orders")
    function = PythonFunction(billing, "Packing", code="lambda_src/packing")
    bus.route("All", PATTERN, to=function)
    function.function.add_environment("EVENT_BUS_NAME", bus.name)
    assert flow_of(app).send("Orders", EVENT).reaches("Packing")


@pytest.mark.parametrize("own", [True, False])
def test_dead_letters_may_stand_in_another_stack(app, shared, billing, own):
    unsent = Queue(shared, "Unsent", dead_letters=None)
    EventBus(billing, "Orders").route("All", PATTERN, to=inline(billing), dead_letters=unsent if own else unsent.queue)
    assert flow_of(app).send("Orders", EVENT).reaches("Work")


def test_plain_cdk_has_a_cycle_where_dead_letters_of_a_rule_stand_in_a_stack_that_uses_the_other(app, shared, billing):
    unsent = sqs.Queue(shared, "Unsent")
    bus = events.EventBus(billing, "Orders")
    rule = events.Rule(billing, "All", event_bus=bus, event_pattern=events.EventPattern(source=["shop"]))
    rule.add_target(targets.LambdaFunction(inline(billing), dead_letter_queue=unsent))
    with pytest.raises(RuntimeError, match="(?i)cyclic"):
        app.synth()


def test_a_topic_fans_out_to_consumers_of_other_stacks_whose_queues_stand_with_them(app, shared, billing):
    queue = Topic(shared, "Events").fan_out("Billing", to=inline(billing), where={"total": [{"numeric": [">", 0]}]})
    assert cdk.Stack.of(queue).stack_name == "Billing"
    assert flow_of(app).send("Events", {"total": 1}).reaches("Work")


def test_a_topic_is_subscribed_to_by_an_existing_queue_of_another_stack(app, shared, billing):
    topic = Topic(shared, "Events")
    topic.subscribe("It", Queue(billing, "Jobs"))
    topic.subscribe("Invoke", inline(billing))
    sent = flow_of(app).send("Events", {"total": 1})
    assert sent.reaches("Jobs")
    assert sent.reaches("Work")


def test_plain_cdk_has_a_cycle_where_an_encrypted_queue_of_another_stack_subscribes_and_its_stack_is_used(app, shared, billing):
    topic = sns.Topic(shared, "Events")
    queue = sqs.Queue(billing, "Jobs", encryption=sqs.QueueEncryption.KMS)
    topic.add_subscription(subscriptions.SqsSubscription(queue))
    producer = inline(shared, "Producer")
    producer.add_environment("QUEUE_URL", queue.queue_url)
    with pytest.raises(RuntimeError, match="(?i)cyclic"):
        app.synth()


def ours(stack, id="Work"):
    return Function(stack, id, code=lambda_.Code.from_inline("x"), handler="i.h", runtime="nodejs24.x")


@pytest.mark.parametrize("make", [ours, inline])
def test_a_function_in_another_stack_consumes_a_queue_a_stream_and_a_table(app, shared, billing, make):
    function = make(billing)
    for source in (Queue(shared, "Jobs"), Stream(shared, "Clicks"), Table(shared, "Items", partition_key="id")):
        consume(source, function)
    flow = flow_of(app)
    assert all(flow.send(f"Shared/{name}", {"id": "1"}).reaches("Work") for name in ("Jobs", "Clicks", "Items"))


@pytest.mark.parametrize("make", [ours, inline])
def test_a_bucket_tells_a_function_in_another_stack_which_may_read_it(app, shared, billing, make):
    bucket, function = Bucket(shared, "Uploads"), make(billing)
    bucket.notify(function)
    bucket.allow(function, "GetObject")
    assert flow_of(app).send("Uploads", {"key": "a"}).reaches("Work")


def test_an_api_and_a_url_are_answered_by_a_function_in_another_stack(app, shared, billing):
    function = ours(billing)
    HttpApi(shared, "Api").route("GET /", to=function)
    FunctionUrl(shared, "Url", to=function)
    flow = flow_of(app)
    assert flow.send("Api", {"path": "/"}).reaches("Work")
    assert flow.send("Url", {"path": "/"}).reaches("Work")


def test_a_pipe_leads_from_a_source_in_one_stack_to_a_target_in_another(app, shared, billing):
    Pipe(billing, "Onward", source=Queue(shared, "Jobs"), enrich=ours(shared, "Ask"), to=ours(billing))
    Pipe(billing, "Changes", source=Table(shared, "Items", partition_key="id"), to=Stream(billing, "Kept"))
    flow = flow_of(app)
    assert flow.send("Jobs", {"id": 1}).reaches("Work")
    assert flow.send("Items", {"id": "1"}).reaches("Kept")


def elsewhere(app, account="222222222222", region="us-west-2"):
    """A stack of another account or region."""
    return cdk.Stack(app, "Elsewhere", env=cdk.Environment(account=account, region=region))


@pytest.fixture
def home(app):
    return cdk.Stack(app, "Home", env=cdk.Environment(account="111111111111", region="eu-west-1"))


def test_a_bus_hands_on_to_a_bus_of_another_account_and_region(app, home):
    there = events.EventBus.from_event_bus_arn(home, "Theirs", "arn:aws:events:us-west-2:222222222222:event-bus/central")
    central = EventBus(
        elsewhere(app), "Central", bus=events.EventBus(app.node.find_child("Elsewhere"), "Bus", event_bus_name="central")
    )
    central.allow_from(accounts=["111111111111"])
    central.route("All", PATTERN, to=Queue(app.node.find_child("Elsewhere"), "Jobs"))
    EventBus(home, "Orders").route("All", PATTERN, to=there)
    sent = flow_of(app).send("Home/Orders", EVENT)
    assert sent.reaches("Jobs")


def test_plain_cdk_lets_a_bus_of_another_account_be_a_target_that_lets_nobody_in(app, home):
    central = events.EventBus(elsewhere(app), "Central", event_bus_name="central")
    rule = events.Rule(home, "All", event_bus=events.EventBus(home, "Orders"), event_pattern=events.EventPattern(source=["shop"]))
    there = events.EventBus.from_event_bus_arn(home, "Theirs", "arn:aws:events:us-west-2:222222222222:event-bus/central")
    rule.add_target(targets.EventBus(there))
    flow = Flow.from_assembly(app.synth().directory)  # nothing is said
    assert central.event_bus_name
    assert [finding.id for finding in flow.check() if finding.severity == "error"] == ["EF504"]


def news(stack, account):
    """A topic with a name of its own, to which another account may subscribe."""
    topic = sns.Topic(stack, "News", topic_name="news")
    allowed = {"actions": ["sns:Subscribe"], "resources": [topic.topic_arn], "principals": [iam.AccountPrincipal(account)]}
    topic.add_to_resource_policy(iam.PolicyStatement(**allowed))


@pytest.mark.parametrize(
    ("account", "region", "named"),
    [("222222222222", "eu-west-1", None), ("111111111111", "us-west-2", "us-west-2"), ("222222222222", "us-west-2", "us-west-2")],
)
def test_a_topic_of_another_account_or_region_delivers_to_an_encrypted_queue_that_lets_it_in(app, home, account, region, named):
    news(elsewhere(app, account, region), "111111111111")
    theirs = Topic(home, "Theirs", topic=sns.Topic.from_topic_arn(home, "News", f"arn:aws:sns:{region}:{account}:news"))
    theirs.fan_out("Billing", to=inline(home), where={"total": [{"numeric": [">", 0]}]})
    flow = flow_of(app)
    assert flow.send("Elsewhere/News", {"total": 1}).reaches("Work")
    resources = Template.from_stack(home).to_json()["Resources"].values()
    (subscription,) = [each["Properties"] for each in resources if each["Type"] == "AWS::SNS::Subscription"]
    assert (subscription.get("Region"), subscription.get("RedrivePolicy")) == (named, None)


def test_plain_cdk_gives_the_subscription_dead_letters_that_sns_refuses_and_says_nothing(app, home):
    news(elsewhere(app, region="eu-west-1"), "111111111111")
    topic = sns.Topic.from_topic_arn(home, "News", "arn:aws:sns:eu-west-1:222222222222:news")
    topic.add_subscription(subscriptions.SqsSubscription(sqs.Queue(home, "Jobs"), dead_letter_queue=sqs.Queue(home, "Dead")))
    flow = Flow.from_assembly(app.synth().directory)
    assert [finding.id for finding in flow.check() if finding.severity == "error"] == ["EF213"]
