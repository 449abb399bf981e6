"""Permission where events do not come over rules and topics: pipes, buckets, alarms, subscribers, destinations."""

import copy
import json
from pathlib import Path

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.permissions import handing_on, hops, permission

from ..findings.cases import permissions as cases
from ..findings.cases.making import DEAD, resource
from ..findings.sound import KEY, SOUND, role, statement
from .test_permissions import OTHER_STACKS, changed, hop


def read(flow, by):
    """What is decided of the reading of a mapping or pipe."""
    [found] = [each for each in hops(flow) if each.by.logical_id == by and each.reads]
    return permission(flow, found)


def sent(flow, by):
    """What is decided of the handing on by a resource."""
    [found] = [each for each in hops(flow) if each.by.logical_id == by and not each.reads and not each.dead]
    return permission(flow, found)


def pipe(resources, *allowed, **ends):
    """A pipe with other ends than the queue and the topic."""
    cases.read_and_sent(resources, *allowed)
    resources["Pipe"]["Properties"].update(ends)


STREAM = {"EncryptionType": "KMS", "KeyId": {"Ref": "Key"}}
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:m"
AWAITED = {"StepFunctionStateMachineParameters": {"InvocationType": "REQUEST_RESPONSE"}}


def from_stream(*allowed, **properties):
    """A pipe that reads a Kinesis stream."""

    def change(resources):
        resources["Stream"] = resource("Kinesis::Stream", **properties)
        pipe(resources, *allowed, Source=cases.at("Stream"))

    return change


READS_STREAM = statement(["kinesis:GetRecords", "kinesis:GetShardIterator"], cases.at("Stream"))


@pytest.mark.parametrize(
    ("change", "verdict", "said"),
    [
        (lambda r: pipe(r, cases.READS), "allowed", ""),
        (pipe, "denied", "no statement of the role PipeRole lets it sqs:ReceiveMessage on Outbox"),
        (lambda r: pipe(r, RoleArn=OTHER_STACKS), "unknown", "is outside the template"),
        (lambda r: pipe(r, Source="arn:aws:mq:us-east-1:123456789012:broker:b"), "unknown", "what reading arn:aws:mq"),
        (lambda r: pipe(r, Source="arn:aws:sqs:us-east-1:123456789012:elsewhere"), "unknown", "outside the template"),
        (from_stream(READS_STREAM), "allowed", ""),
        (from_stream(), "denied", "kinesis:GetShardIterator on Stream"),
        (from_stream(READS_STREAM, StreamEncryption=STREAM), "allowed", ""),
        (from_stream(StreamEncryption=OTHER_STACKS), "denied", "kinesis:GetShardIterator"),
        (from_stream(READS_STREAM, StreamEncryption=OTHER_STACKS), "unknown", "Stream is encrypted"),
    ],
)
def test_a_pipe_reads_by_its_role(change, verdict, said):
    decided = read(changed(change), "Pipe")
    assert (decided.verdict, said in decided.reason) == (verdict, True), str(decided)


@pytest.mark.parametrize(
    ("allowed", "ends", "verdict"),
    [
        ([cases.PUBLISHES], {}, "allowed"),
        ([], {}, "denied"),
        ([], {"Target": MACHINE}, "unknown"),
        ([statement("states:StartExecution", MACHINE)], {"Target": MACHINE}, "allowed"),
        ([statement("states:StartExecution", MACHINE)], {"Target": MACHINE, "TargetParameters": AWAITED}, "unknown"),
        ([statement("states:StartSyncExecution", MACHINE)], {"Target": MACHINE, "TargetParameters": AWAITED}, "allowed"),
        ([statement("lambda:InvokeFunction")], {"Target": cases.at("Function"), "TargetParameters": AWAITED}, "allowed"),
        ([], {"Target": "arn:aws:redshift:us-east-1:123456789012:cluster:c"}, "unknown"),
    ],
)
def test_a_pipe_sends_by_its_role(allowed, ends, verdict):
    assert sent(changed(lambda r: pipe(r, *allowed, **ends)), "Pipe").verdict == verdict


@pytest.mark.parametrize(("action", "verdict"), [("states:StartSyncExecution", "allowed"), ("states:StartExecution", "unknown")])
def test_a_pipe_waits_for_the_state_machine_that_enriches(action, verdict):
    flow = changed(lambda r: pipe(r, statement(action, MACHINE), Enrichment=MACHINE))
    [enriching] = [each for each in hops(flow) if each.by.logical_id == "Pipe" and each.arn == MACHINE]
    assert permission(flow, enriching).verdict == verdict


@pytest.mark.parametrize(("allowed", "verdict"), [([statement("sqs:SendMessage", DEAD)], "allowed"), ([], "denied")])
def test_a_pipe_buries_what_failed_by_its_role(allowed, verdict):
    def change(resources):
        from_stream(*allowed)(resources)
        given = {"StartingPosition": "LATEST", "DeadLetterConfig": {"Arn": DEAD}}
        resources["Pipe"]["Properties"]["SourceParameters"] = {"KinesisStreamParameters": given}

    flow = changed(change)
    assert permission(flow, hop(flow, "Pipe", dead=True)).verdict == verdict


def test_a_pipe_that_may_not_read_or_enrich_sends_nothing():
    def enriched(resources):
        pipe(resources, cases.READS, cases.PUBLISHES, Enrichment=cases.at("Function"))

    assert changed(lambda r: pipe(r, cases.READS, cases.PUBLISHES)).send("Outbox", {}).reaches("Topic")
    told = changed(lambda r: pipe(r, cases.PUBLISHES)).send("Outbox", {})
    assert told.why_not("Topic") == "denied: no statement of the role PipeRole lets it sqs:ReceiveMessage on Outbox"
    told = changed(enriched).send("Outbox", {})
    assert not told.reaches("Topic")
    assert "denied: no statement of the role PipeRole lets it lambda:InvokeFunction on Function" in told.why_not("Topic")


def test_a_target_without_a_role_has_the_rules_where_it_needs_one():
    def change(resources, *allowed):
        cases.rule_with_role(resources, *allowed)
        given = resources["Rule"]["Properties"]
        given["RoleArn"] = given["Targets"][-1].pop("RoleArn")

    puts = statement("kinesis:PutRecord", "*")
    for allowed, verdict in (((puts,), "allowed"), ((), "denied")):
        flow = changed(lambda resources, allowed=allowed: change(resources, *allowed))
        found = {
            each.arn.split(":")[2]: permission(flow, each) for each in hops(flow) if each.by.logical_id == "Rule" and not each.dead
        }
        assert (found["kinesis"].verdict, found["sns"].verdict, found["sns"].by) == (verdict, "allowed", "resource policy")


def stream_mapping(*actions, source=None, change=None):
    """A mapping of a table's stream, or of another source."""

    def changed(resources):
        cases.stream_reader(resources, *actions)
        if source:
            resources["Reads"]["Properties"]["EventSourceArn"] = source
        if change:
            change(resources)

    return changed


CONSUMER = "arn:aws:kinesis:us-east-1:123456789012:stream/orders/consumer/fast:1"


def fast(resources):
    """An own consumer of the stream."""
    resources["Stream"] = resource("Kinesis::Stream", Name="orders")
    resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].append(
        statement("kinesis:SubscribeToShard", CONSUMER)
    )


def shared_stream(resources):
    """The stream's own policy lets the function's role in."""
    resources["Stream"] = resource("Kinesis::Stream", Name="orders")
    may_read = statement("kinesis:*", cases.at("Stream"), Principal={"AWS": cases.at("Role")})
    resources["StreamPolicy"] = resource(
        "Kinesis::ResourcePolicy", ResourceArn=cases.at("Stream"), ResourcePolicy={"Statement": [may_read]}
    )


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (stream_mapping(*cases.STREAM), "allowed"),
        (stream_mapping("dynamodb:GetRecords"), "denied"),
        (stream_mapping("kinesis:*", source=CONSUMER, change=fast), "allowed"),
        (
            stream_mapping(source=CONSUMER, change=lambda r: r.update(Stream=resource("Kinesis::Stream", Name="orders"))),
            "denied",
        ),
        (stream_mapping(source=cases.at("Stream"), change=shared_stream), "allowed"),
        (stream_mapping(source="arn:aws:kafka:us-east-1:123456789012:cluster/c/1"), "unknown"),
        (stream_mapping(source=OTHER_STACKS), "unknown"),
    ],
)
def test_a_stream_is_read_by_the_role_of_the_function(change, verdict):
    assert read(changed(change), "Reads").verdict == verdict


def failing_to(arn, *allowed):
    """The function's failed events go there."""

    def change(resources):
        cases.succeeding(resources, *allowed)
        resources["Answers"]["Properties"]["DestinationConfig"] = {"OnFailure": {"Destination": arn}}
        resources["Kept"] = resource("S3::Bucket", BucketName="kept")

    return change


def bucket_policy(resources):
    """The bucket's policy lets the role in."""
    failing_to(cases.at("Kept"))(resources)
    may_put = statement("s3:PutObject", {"Fn::Sub": "${Kept.Arn}/*"}, Principal={"AWS": cases.at("Role")})
    resources["KeptPolicy"] = resource("S3::BucketPolicy", Bucket={"Ref": "Kept"}, PolicyDocument={"Statement": [may_put]})


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (failing_to(DEAD), "allowed"),
        (failing_to(cases.at("Kept")), "denied"),
        (failing_to(cases.at("Kept"), statement("s3:PutObject", "arn:aws:s3:::kept/*")), "allowed"),
        (bucket_policy, "allowed"),
        (failing_to("arn:aws:s3:::elsewhere"), "unknown"),
    ],
)
def test_what_failed_is_kept_by_the_role_of_the_function(change, verdict):
    flow = changed(change)
    assert permission(flow, hop(flow, "Answers", dead=True)).verdict == verdict


def test_a_rule_hands_on_to_one_target_whatever_is_of_its_others_and_of_its_dead_letters():
    def change(resources):
        resources["Other"] = resource("SQS::Queue")
        resources["RuleRole"] = role("events.amazonaws.com", statement("sqs:SendMessage", DEAD), statement("kms:*", KEY))
        targets = resources["Rule"]["Properties"]["Targets"]
        targets.append({"Id": "O", "Arn": cases.at("Other")})
        targets.append({"Id": "D", "Arn": DEAD, "RoleArn": cases.at("RuleRole"), "DeadLetterConfig": {"Arn": DEAD}})
        del resources["DeadPolicy"]

    flow = changed(change)
    rule = flow.find("Rule")
    decided = {flow.nodes[target.arn].path: handing_on(flow, rule, target.arn).verdict for target in rule.targets}
    assert decided == {"Topic": "allowed", "Other": "denied", "Dead": "allowed"}
    assert handing_on(flow, rule, "arn:aws:sqs:us-east-1:123456789012:nowhere") is None


def test_what_s3_and_alarms_put_on_the_default_bus_needs_no_permission():
    def listening(resources):
        resources["Bucket"] = resource("S3::Bucket", NotificationConfiguration={"EventBridgeConfiguration": {}})
        resources["Listens"] = copy.deepcopy(resources["Rule"])
        del resources["Listens"]["Properties"]["EventBusName"]
        resources["Listens"]["Properties"]["EventPattern"] = {"source": ["aws.s3", "aws.cloudwatch"]}

    flow = changed(listening)
    for name in ("Bucket", "DeadAlarm"):
        [put] = [each for each in flow.send(name, {"key": "a"}).deliveries if each.receiver.name == "default"]
        assert (put.permission, put.doubts) == (None, ())


def test_an_alarm_does_by_itself_what_is_no_message():
    def stopping(resources):
        actions = ["arn:aws:automate:us-east-1:ec2:stop", "arn:aws:ssm:us-east-1:123456789012:opsitem:1"]
        resources["DeadAlarm"]["Properties"]["AlarmActions"] = actions

    assert [each for each in hops(changed(stopping)) if each.by.logical_id == "DeadAlarm"] == []


def test_each_stack_of_an_assembly_is_asked_in_its_own_account(tmp_path):
    artifacts = {
        account: {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://{account}/us-east-1",
            "properties": {"templateFile": "sound.json", "stackName": f"Sound{account}"},
        }
        for account in ("111111111111", "222222222222")
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    through = {"StringEquals": {"kms:CallerAccount": {"Ref": "AWS::AccountId"}, "kms:ViaService": "sqs.us-east-1.amazonaws.com"}}
    template = copy.deepcopy(SOUND)
    rights = template["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    rights[-1] = statement(["kms:Decrypt", "kms:GenerateDataKey"], KEY, Condition=through)
    (tmp_path / "sound.json").write_text(json.dumps(template))
    flow = Flow.from_assembly(tmp_path)
    assert [str(found) for each in hops(flow) if (found := permission(flow, each)).verdict != "allowed"] == []


def every_grant(app):
    """What the CDK's own constructs permit by themselves, of each kind of hop."""
    import aws_cdk as cdk
    from aws_cdk import aws_apigateway as rest
    from aws_cdk import aws_apigatewayv2 as http
    from aws_cdk import aws_apigatewayv2_integrations as integrations
    from aws_cdk import aws_cloudwatch_actions as actions
    from aws_cdk import aws_dynamodb as dynamodb
    from aws_cdk import aws_events as events
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kinesis as kinesis
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_lambda_destinations as destinations
    from aws_cdk import aws_lambda_event_sources as sources
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_s3_notifications as notifications
    from aws_cdk import aws_scheduler as scheduler
    from aws_cdk import aws_scheduler_targets as targets
    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_sqs as sqs
    from aws_cdk import aws_stepfunctions as sfn

    stack = cdk.Stack(app, "Grants")

    def function(name, **more):
        code = lambda_.InlineCode("def handler(event, context): pass")
        return lambda_.Function(stack, name, runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handler", code=code, **more)

    key = kms.Key(stack, "Key")
    failed, plain, bus = (
        sqs.Queue(stack, "Failed", encryption_master_key=key),
        sqs.Queue(stack, "Plain"),
        events.EventBus(stack, "Bus"),
    )
    topic = sns.Topic(stack, "Topic")
    worker = function(
        "Worker",
        on_success=destinations.EventBridgeDestination(bus),
        on_failure=destinations.SqsDestination(failed),
        dead_letter_queue=failed,
    )
    stream = kinesis.Stream(stack, "Stream", encryption=kinesis.StreamEncryption.KMS, encryption_key=key)
    table = dynamodb.TableV2(
        stack, "Table", partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        dynamo_stream=dynamodb.StreamViewType.NEW_IMAGE,
    )  # fmt: skip
    start = lambda_.StartingPosition.LATEST
    worker.add_event_source(sources.KinesisEventSource(stream, starting_position=start, on_failure=sources.SqsDlq(failed)))
    worker.add_event_source(sources.DynamoEventSource(table, starting_position=start, on_failure=sources.SnsDlq(topic)))
    worker.add_event_source(sources.SqsEventSource(sqs.Queue(stack, "Jobs", encryption_master_key=key)))
    worker.add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)

    bucket = s3.Bucket(stack, "Bucket", event_bridge_enabled=True)
    for event, to in (
        (s3.EventType.OBJECT_CREATED, notifications.SqsDestination(failed)),
        (s3.EventType.OBJECT_REMOVED, notifications.SnsDestination(topic)),
        (s3.EventType.OBJECT_TAGGING, notifications.LambdaDestination(worker)),
    ):
        bucket.add_event_notification(event, to)
    alarm = failed.metric_approximate_number_of_messages_visible().create_alarm(stack, "Alarm", threshold=1, evaluation_periods=1)
    alarm.add_alarm_action(actions.SnsAction(sns.Topic(stack, "OnCall")), actions.LambdaAction(worker))

    api = rest.RestApi(stack, "Rest")
    api.root.add_resource("orders").add_resource("{id}").add_method("GET", rest.LambdaIntegration(worker))
    api.root.add_method("ANY", rest.LambdaIntegration(worker))
    caller = iam.Role(stack, "Caller", assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"))
    plain.grant_send_messages(caller)
    body = {"application/json": "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"}
    options = rest.IntegrationOptions(credentials_role=caller, request_templates=body)
    path = f"{stack.account}/{plain.queue_name}"
    send = rest.AwsIntegration(service="sqs", path=path, integration_http_method="POST", options=options)
    api.root.add_resource("jobs").add_method("POST", send)
    machine = sfn.StateMachine(
        stack, "Machine", state_machine_type=sfn.StateMachineType.EXPRESS,
        definition_body=sfn.DefinitionBody.from_chainable(sfn.Pass(stack, "Pass")),
    )  # fmt: skip
    api.root.add_resource("run").add_method("POST", rest.StepFunctionsIntegration.start_execution(machine))

    web = http.HttpApi(stack, "Http", default_integration=integrations.HttpLambdaIntegration("Otherwise", worker))
    by_function = integrations.HttpLambdaIntegration("Orders", worker)
    web.add_routes(path="/orders/{id}", methods=[http.HttpMethod.GET], integration=by_function)
    by_queue = integrations.HttpSqsIntegration("ToQueue", queue=plain)
    web.add_routes(path="/jobs", methods=[http.HttpMethod.POST], integration=by_queue)
    by_bus = integrations.HttpEventBridgeIntegration("ToBus", event_bus_ref=bus.event_bus_ref)
    web.add_routes(path="/events", methods=[http.HttpMethod.POST], integration=by_bus)
    by_machine = integrations.HttpStepFunctionsIntegration("ToMachine", state_machine=machine)
    web.add_routes(path="/run", methods=[http.HttpMethod.POST], integration=by_machine)
    sockets = http.WebSocketApi(
        stack,
        "Sockets",
        connect_route_options=http.WebSocketRouteOptions(integration=integrations.WebSocketLambdaIntegration("C", worker)),
    )
    http.WebSocketStage(stack, "SocketStage", web_socket_api=sockets, stage_name="prod")

    detail = scheduler.ScheduleTargetInput.from_object({"id": 1})
    entry = targets.EventBridgePutEventsEntry(event_bus=bus, source="s", detail_type="d", detail=detail)
    for number, target in enumerate(
        (
            targets.SqsSendMessage(failed),
            targets.LambdaInvoke(worker),
            targets.EventBridgePutEvents(entry),
            targets.StepFunctionsStartExecution(machine),
        )
    ):
        hourly = scheduler.ScheduleExpression.rate(cdk.Duration.hours(1))
        scheduler.Schedule(stack, f"Schedule{number}", schedule=hourly, target=target)


def test_what_the_cdk_grants_by_itself_is_allowed(synth):
    flow = synth(every_grant).flow
    found = [(each, permission(flow, each)) for each in hops(flow)]
    assert [str(decided) for _, decided in found if decided.verdict != "allowed"] == []
    kinds = {type(each.by).__name__ for each, _ in found}
    assert {"Alarm", "AsyncConfig", "BucketNotifications", "EventSourceMapping", "Function", "Route", "Schedule", "Url"} <= kinds
    assert [each for each in flow.check() if each.id.startswith("EF5")] == []


ACROSS = Path(__file__).parent.parent / "templates" / "across_accounts"


def across(tmp_path, change=lambda here, there: None, stacks=("Here", "There")):
    """The rule that sends into another account, and what is decided for its queue there."""
    manifest = json.loads((ACROSS / "manifest.json").read_text("utf-8"))
    manifest["artifacts"] = {name: manifest["artifacts"][name] for name in stacks}
    here, there = (json.loads((ACROSS / name).read_text("utf-8")) for name in ("here.json", "there.json"))
    change(here["Resources"], there["Resources"])
    for name, content in (("manifest.json", manifest), ("here.json", here), ("there.json", there)):
        (tmp_path / name).write_text(json.dumps(content))
    flow = Flow.from_assembly(tmp_path)
    [to_queue] = [each for each in hops(flow) if each.by.logical_id == "ToThere" and each.arn.endswith(":there-Inbox")]
    return permission(flow, to_queue)


def only(resources, principal):
    """The queue's policy lets in this account or role."""
    for each in resources["InboxPolicy"]["Properties"]["PolicyDocument"]["Statement"]:
        each["Principal"] = {"AWS": principal}


@pytest.mark.parametrize(
    ("change", "verdict", "said"),
    [
        (lambda here, there: None, "allowed", ""),
        (lambda here, there: there.pop("InboxPolicy"), "denied", "policy of Inbox lets the role SendRole sqs:SendMessage"),
        (
            lambda here, there: here["SendRole"]["Properties"].update(Policies=[]),
            "denied",
            "no statement of the role SendRole lets it sqs:SendMessage on Inbox",
        ),
        (lambda here, there: only(there, "arn:aws:iam::111111111111:root"), "allowed", ""),
        (lambda here, there: only(there, "111111111111"), "allowed", ""),
        (lambda here, there: only(there, "222222222222"), "denied", "policy of Inbox lets the role SendRole"),
    ],
)
def test_into_another_account_both_its_policy_and_the_role_must_let(tmp_path, change, verdict, said):
    decided = across(tmp_path, change)
    assert (decided.verdict, decided.by, said in decided.reason) == (verdict, "role", True), str(decided)


def test_what_another_account_lets_in_is_unknown_where_its_stack_is_not_read(tmp_path):
    decided = across(tmp_path, stacks=("Here",))
    assert (decided.verdict, decided.by) == ("unknown", "role")
    assert decided.reason.endswith("in another account, is outside the template")
