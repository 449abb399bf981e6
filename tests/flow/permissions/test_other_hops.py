"""Permission where events do not come over rules and topics: pipes, buckets, alarms, APIs, URLs, subscribers, destinations."""

import copy
import json

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.permissions import hops, permission

from ..findings.cases import permissions as cases
from ..findings.cases.making import DEAD, resource
from ..findings.sound import KEY, SOUND, statement
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
        (lambda r: pipe(r, Source="arn:aws:mq:us-east-1:123456789012:broker:b"), "unknown", "what a role needs to read arn:aws:mq"),
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
        ([], {"Target": "arn:aws:redshift:us-east-1:123456789012:cluster:c"}, "unknown"),
    ],
)
def test_a_pipe_sends_by_its_role(allowed, ends, verdict):
    assert sent(changed(lambda r: pipe(r, *allowed, **ends)), "Pipe").verdict == verdict


def test_a_pipe_that_may_not_read_or_enrich_sends_nothing():
    def enriched(resources):
        pipe(resources, cases.READS, cases.PUBLISHES, Enrichment=cases.at("Function"))

    assert changed(lambda r: pipe(r, cases.READS, cases.PUBLISHES)).send("Outbox", {}).reaches("Topic")
    told = changed(lambda r: pipe(r, cases.PUBLISHES)).send("Outbox", {})
    assert told.why_not("Topic") == "denied: no statement of the role PipeRole lets it sqs:ReceiveMessage on Outbox"
    told = changed(enriched).send("Outbox", {})
    assert not told.reaches("Topic")
    assert "denied: no statement of the role PipeRole lets it lambda:InvokeFunction on Function" in told.why_not("Topic")


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


def in_no_stage(resources):
    cases.served(resources)
    del resources["Stage"]


def any_method(resources, *, method):
    cases.served(resources, source="${Api}/prod/" + method + "/orders")
    resources["Route"]["Properties"]["RouteKey"] = "ANY /orders"


def catch_all(resources, *, source):
    cases.served(resources, source=source)
    resources["Route"]["Properties"]["RouteKey"] = "$default"


def quick(resources):
    """An API made with its target."""
    resources["Serve"] = resource("Lambda::Function")
    resources["Route"] = resource("ApiGatewayV2::Api", Name="web", ProtocolType="HTTP", Target=cases.at("Serve"))
    arn = {"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Route}/$default/$default"}
    cases.permitted(resources, "Serve", Principal="apigateway.amazonaws.com", SourceArn=arn)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (cases.served, "allowed"),
        (lambda r: cases.served(r, source=None), "denied"),
        (lambda r: cases.served(r, source="${Api}/test/POST/orders"), "denied"),
        (in_no_stage, "unknown"),
        (lambda r: cases.served(r) or r["Stage"]["Properties"].update(StageName=OTHER_STACKS), "unknown"),
        (lambda r: any_method(r, method="GET"), "allowed"),
        (lambda r: catch_all(r, source="${Api}/*/$default"), "allowed"),
        (lambda r: catch_all(r, source="${Api}/*/*"), "allowed"),
        (lambda r: catch_all(r, source="${Api}/*/*/*"), "allowed"),
        (lambda r: catch_all(r, source="${Api}/*/POST/orders"), "denied"),
        (quick, "allowed"),
        (lambda r: cases.served_by_role(r, statement("lambda:InvokeFunction")), "allowed"),
        (cases.served_by_role, "denied"),
        (lambda r: cases.served(r, source=None, CredentialsArn="arn:aws:iam::*:user/*"), "unknown"),
        (lambda r: cases.served(r, IntegrationUri="arn:aws:lambda:us-east-1:123456789012:function:elsewhere"), "unknown"),
    ],
)
def test_an_api_calls_a_function_by_the_functions_policy_or_a_role(change, verdict):
    assert sent(changed(change), "Route").verdict == verdict


@pytest.mark.parametrize(
    ("actions", "auth", "verdict", "said"),
    [
        (["url", "function"], "NONE", "allowed", ""),
        (["url"], "NONE", "denied", "lets anybody lambda:InvokeFunction"),
        (["function"], "NONE", "denied", "lets anybody lambda:InvokeFunctionUrl"),
        ([], "AWS_IAM", "unknown", "who calls Url must be allowed lambda:InvokeFunctionUrl elsewhere than in the template"),
    ],
)
def test_a_url_is_called_by_whom_the_functions_policy_lets_in(actions, auth, verdict, said):
    decided = sent(changed(lambda r: cases.at_url(r, *actions, auth=auth)), "Url")
    assert (decided.verdict, said in decided.reason) == (verdict, True), str(decided)


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
