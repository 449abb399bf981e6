"""What the CDK's own constructs synthesize, not ours: several stacks, nested stacks, stages, every kind of target."""

import json
from pathlib import Path

import pytest

from cdk_event_flow.errors import TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Queue

REFERENCES = "@aws-cdk/core:defaultCrossStackReferences"
CONTEXT = json.loads((Path(__file__).parents[2] / "cdk.json").read_text("utf-8"))["context"]


def shop(app):
    """Two stacks that refer to each other's resources, a nested stack in one of them, and a stage with two more."""
    import aws_cdk as cdk
    from aws_cdk import aws_events as events
    from aws_cdk import aws_events_targets as targets
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_lambda_event_sources as sources
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_s3_notifications as notifications
    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_sns_subscriptions as subscriptions
    from aws_cdk import aws_sqs as sqs

    def function(scope, name):
        code = lambda_.InlineCode("def handler(event, context): pass")
        return lambda_.Function(scope, name, runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handler", code=code)

    def rule(scope, name, bus, source, *to):
        events.Rule(scope, name, event_bus=bus, event_pattern=events.EventPattern(source=[source]), targets=list(to))

    core, edge = cdk.Stack(app, "Core"), cdk.Stack(app, "AtTheEdge")
    bus, topic, jobs = events.EventBus(core, "Bus"), sns.Topic(core, "News"), sqs.Queue(core, "Jobs")
    bucket = s3.Bucket(core, "Files", event_bridge_enabled=True)
    only = s3.NotificationKeyFilter(prefix="in/", suffix=".csv")
    bucket.add_event_notification(s3.EventType.OBJECT_CREATED, notifications.SqsDestination(jobs), only)

    inbox, worker = sqs.Queue(edge, "Inbox"), function(edge, "Worker")
    worker.add_event_source(sources.SqsEventSource(jobs, report_batch_item_failures=True))
    topic.add_subscription(subscriptions.SqsSubscription(inbox))
    rule(edge, "ToInbox", bus, "inbox", targets.SqsQueue(inbox, message=events.RuleTargetInput.from_event_path("$.detail")))
    nested = cdk.NestedStack(edge, "Nested")
    kept = sqs.Queue(nested, "Kept")
    rule(nested, "InNested", bus, "nested", targets.SqsQueue(kept), targets.LambdaFunction(worker))
    deeper = cdk.NestedStack(nested, "Deeper")
    rule(deeper, "InDeeper", bus, "deeper", targets.SqsQueue(kept))
    anybody = iam.ServicePrincipal("events.amazonaws.com")  # a policy that names the rule would be a circle of stacks
    kept.add_to_resource_policy(iam.PolicyStatement(actions=["sqs:SendMessage"], principals=[anybody], resources=["*"]))
    rule(edge, "ToNested", bus, "into", targets.SqsQueue(sqs.Queue.from_queue_arn(edge, "KeptThere", kept.queue_arn)))

    stage = cdk.Stage(app, "Prod", env=cdk.Environment(account="111111111111", region="eu-west-1"))
    one, two = cdk.Stack(stage, "One"), cdk.Stack(stage, "Two")
    prices, readers = sns.Topic(one, "Prices"), sqs.Queue(two, "Readers")
    prices.add_subscription(subscriptions.SqsSubscription(readers, raw_message_delivery=True))


@pytest.fixture(scope="module", params=["weak", "strong"])
def flow(request, tmp_path_factory):
    """The flow of `shop`, with either kind of reference between stacks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_VALIDATION", "false")
        import aws_cdk as cdk

        context = {**CONTEXT, REFERENCES: request.param, "aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True}
        app = cdk.App(outdir=str(tmp_path_factory.mktemp("cdk")), context=context)
        shop(app)
        assembly = Path(app.synth().directory)
    text = "".join(file.read_text("utf-8") for file in assembly.glob("*.template.json"))
    assert ("Fn::GetStackOutput" in text, "Fn::ImportValue" in text) == (request.param == "weak", request.param == "strong")
    return Flow.from_assembly(assembly)


def reached(flow, to, given):
    """The construct paths of all who receive it."""
    sent = flow.send(to, given)
    assert not [each for each in sent.deliveries if each.doubts], sent.explain()
    return {each.receiver.path for each in sent.deliveries}


@pytest.mark.parametrize(
    ("source", "receivers"),
    [
        ("inbox", {"AtTheEdge/Inbox"}),
        ("nested", {"AtTheEdge/Nested/Kept", "AtTheEdge/Worker"}),
        ("deeper", {"AtTheEdge/Nested/Kept"}),
        ("into", {"AtTheEdge/Nested/Kept"}),
        ("other", set()),
    ],
)
def test_rules_of_other_stacks_and_nested_stacks_are_on_the_bus(flow, source, receivers):
    event = {"source": source, "detail-type": "x", "detail": {"id": 1}}
    assert reached(flow, "Core/Bus", event) == receivers


def test_topics_queues_and_buckets_reach_into_other_stacks(flow):
    assert reached(flow, "Core/News", {"id": 1}) == {"AtTheEdge/Inbox"}
    assert reached(flow, "Core/Jobs", {"id": 1}) == {"AtTheEdge/Worker"}
    assert reached(flow, "Core/Files", {"key": "in/a.csv"}) == {"Core/Jobs", "AtTheEdge/Worker", "default"}
    assert reached(flow, "Core/Files", {"key": "a.csv"}) == {"default"}


def test_a_stage_is_read_with_the_place_that_the_app_gives_it(flow):
    assert reached(flow, "Prices", {"id": 1}) == {"Prod/Two/Readers"}
    assert flow.find("Prices").arn.startswith("arn:aws:sns:eu-west-1:111111111111:")
    assert flow.find("Core/News").arn.startswith("arn:aws:sns:us-east-1:123456789012:")


def test_a_nested_stack_is_named_after_its_parent(flow):
    [kept] = [node for node in flow.nodes.values() if node.path == "AtTheEdge/Nested/Kept"]
    assert kept.name.startswith("AtTheEdge-NestedNestedStack")


def test_every_kind_of_target_is_reached(synth):
    def every(app):
        import aws_cdk as cdk
        from aws_cdk import aws_events as events
        from aws_cdk import aws_events_targets as targets
        from aws_cdk import aws_kinesis as kinesis
        from aws_cdk import aws_lambda as lambda_
        from aws_cdk import aws_lambda_destinations as destinations
        from aws_cdk import aws_logs as logs
        from aws_cdk import aws_sns as sns
        from aws_cdk import aws_sqs as sqs
        from aws_cdk import aws_stepfunctions as sfn

        stack = cdk.Stack(app, "Every")
        bus, other = events.EventBus(stack, "Bus"), events.EventBus(stack, "Other")
        queue = sqs.Queue(stack, "Queue")
        code = lambda_.InlineCode("def handler(event, context): pass")
        function = lambda_.Function(
            stack, "Function", runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handler", code=code,
            on_success=destinations.EventBridgeDestination(other),
        )  # fmt: skip
        alias = lambda_.Alias(stack, "Alias", alias_name="live", version=function.current_version)
        machine = sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(sfn.Pass(stack, "Pass")))
        connection = events.Connection(
            stack, "Connection", authorization=events.Authorization.api_key("key", cdk.SecretValue.unsafe_plain_text("x"))
        )
        destination = events.ApiDestination(stack, "Partner", connection=connection, endpoint="https://example.com")
        to = [
            targets.SqsQueue(queue),
            targets.SnsTopic(sns.Topic(stack, "Topic")),
            targets.LambdaFunction(function),
            targets.LambdaFunction(alias, event=events.RuleTargetInput.from_text(f"id {events.EventField.from_path('$.detail.id')}")),
            targets.EventBus(other),
            targets.KinesisStream(kinesis.Stream(stack, "Stream")),
            targets.SfnStateMachine(machine),
            targets.ApiDestination(destination),
            targets.CloudWatchLogGroup(logs.LogGroup(stack, "Logs")),
        ]
        for number, target in enumerate(to):
            events.Rule(
                stack, f"Rule{number}", event_bus=bus, event_pattern=events.EventPattern(detail_type=["all"]), targets=[target]
            )
        function_result = events.EventPattern(source=["lambda"], detail={"responsePayload": {"ok": [True]}})
        events.Rule(stack, "OnResult", event_bus=other, event_pattern=function_result, targets=[targets.SqsQueue(queue)])

    flow = synth(every).flow
    sent = flow.send("Every/Bus", {"source": "s", "detail-type": "all", "detail": {"id": 7}})
    paths = {each.receiver.path.removeprefix("Every/") for each in sent.deliveries}
    assert paths == {"Queue", "Topic", "Function", "Other", "Stream", "Machine", "Partner/ApiDestination", "Logs"}, sent.explain()
    assert "id 7" in [each.payload for each in sent.deliveries]
    doubts = {each.receiver.path: each.doubts for each in sent.deliveries if each.doubts}
    assert doubts["Every/Queue"] == ("the rule OnResult looks at what is not known: what the function returns",)
    # The policy that lets EventBridge write to the log group is made by a function of CDK's at deployment.
    assert [each.startswith("it is permitted: the policy of ") for each in doubts.pop("Every/Logs")] == [True]
    assert list(doubts) == ["Every/Queue"]


def test_one_stack_is_read_with_its_nested_stacks_and_what_they_import(tmp_path, monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")
    import aws_cdk as cdk

    app = cdk.App(outdir=str(tmp_path), context={"aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True})
    shop(app)
    flow = Flow.from_stack(app.node.find_child("AtTheEdge"))
    assert flow.find("Kept").name.startswith("AtTheEdge-Nested")
    assert "Core/Bus" not in {node.path for node in flow.nodes.values()}
    with pytest.raises(TemplateError):
        flow.find("Prices")


def test_a_stack_without_resources_is_no_reason_not_to_read_the_others(synth, monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")

    def half_empty(app):
        import aws_cdk as cdk
        from aws_cdk import aws_sqs as sqs

        cdk.Stack(app, "NothingYet")
        sqs.Queue(cdk.Stack(app, "Shop"), "Queue")

    made = synth(half_empty)
    assert made.flow.find("Queue").path == "Shop/Queue"
    assert made.templates["NothingYet"] == {}


def test_nested_stacks_are_read_and_called_right_without_metadata_in_the_templates(tmp_path):
    import aws_cdk as cdk
    from aws_cdk import aws_sqs as sqs

    app = cdk.App(outdir=str(tmp_path), builtin_cloud_formation_validation=False)  # as by `python app.py`, without the command line
    shop = cdk.Stack(app, "Shop")
    audit = cdk.NestedStack(shop, "Audit")
    innermost = cdk.NestedStack(audit, "Old")
    for scope in (shop, audit, innermost):
        sqs.Queue(scope, "Letters")
    app.synth()
    queues = [node.path for node in Flow.from_assembly(tmp_path).nodes.values() if isinstance(node, Queue)]
    assert queues == ["Shop/Letters", "Shop/Audit/Letters", "Shop/Audit/Old/Letters"]
