"""Which services a private function, or worker, calls from its own network."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Function
from cdk_event_flow.flow.permissions.used import used_by_workers, used_services
from cdk_event_flow.flow.workers import Workers

from ..findings.cases.making import resource
from ..findings.sound import role, statement

QUEUE, DEAD, TABLE = {"Fn::GetAtt": ["Queue", "Arn"]}, {"Fn::GetAtt": ["Dead", "Arn"]}, {"Fn::GetAtt": ["Table", "StreamArn"]}
CLICKS = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"


def used(*statements, source=None, destination=None, failed=None, dead=None, more=None):
    """What a function uses whose role has these statements; `source` is what it is mapped to."""
    end = {"DestinationConfig": {"OnFailure": {"Destination": failed}}} if failed else {}
    resources = {
        "Queue": resource("SQS::Queue"),
        "Dead": resource("SQS::Queue"),
        "Table": resource("DynamoDB::Table", StreamSpecification={"StreamViewType": "NEW_IMAGE"}),
        "Kept": resource("S3::Bucket", BucketName="kept"),
        "Role": role("lambda.amazonaws.com", *statements),
        "Function": resource("Lambda::Function", Role={"Fn::GetAtt": ["Role", "Arn"]}),
        "Other": resource("Lambda::Function"),
        **(more or {}),
    }
    if dead:
        resources["Function"]["Properties"]["DeadLetterConfig"] = {"TargetArn": dead}
    if source:
        resources["Mapping"] = resource("Lambda::EventSourceMapping", EventSourceArn=source, FunctionName={"Ref": "Function"}, **end)
    if destination:
        resources["Async"] = resource(
            "Lambda::EventInvokeConfig",
            FunctionName={"Ref": "Function"},
            Qualifier="$LATEST",
            DestinationConfig={"OnSuccess": {"Destination": destination}},
        )
    flow = Flow.from_template({"Resources": resources})
    [function] = [each for each in flow.of(Function) if each.logical_id == "Function"]
    return used_services(flow, function)


ENDPOINTS = {
    "athena": "athena",
    "cloudwatch": "monitoring",
    "codebuild": "codebuild",
    "dynamodb": "dynamodb",
    "events": "events",
    "execute-api": "execute-api",
    "firehose": "kinesis-firehose",
    "glue": "glue",
    "kinesis": "kinesis-streams",
    "lambda": "lambda",
    "s3": "s3",
    "scheduler": "scheduler",
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "states": "states",
    "sts": "sts",
}


@pytest.mark.parametrize(("service", "endpoint"), ENDPOINTS.items())
def test_each_service_has_its_endpoint(service, endpoint):
    assert used(statement(f"{service.upper()}:DoIt")) == [(service, endpoint)]


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        ([statement(["sns:Publish", "sns:Subscribe", "athena:Start"]), statement("sns:Publish")], ["athena", "sns"]),
        ([statement("sns:Publish", effect="Deny")], []),
        ([statement("iam:PassRole")], []),
        ([{"Fn::ImportValue": "x"}, statement("sns:Publish")], ["sns"]),
        ([statement({"Fn::ImportValue": "x"}), statement("sns:Publish")], ["sns"]),
        ([statement([{"Fn::ImportValue": "x"}, "sns:Publish"])], ["sns"]),
        ([statement("*")], []),
        ([], []),
    ],
)
def test_the_services_of_all_that_the_role_allows_are_told_once(statements, found):
    assert [service for service, _ in used(*statements)] == found


POLLING = [
    (QUEUE, "sqs", "ReceiveMessage DeleteMessage GetQueueAttributes GetQueueUrl ChangeMessageVisibility"),
    (
        CLICKS,
        "kinesis",
        "DescribeStream DescribeStreamSummary GetRecords GetShardIterator ListShards ListStreams SubscribeToShard",
    ),
    (TABLE, "dynamodb", "DescribeStream GetRecords GetShardIterator ListStreams"),
]


@pytest.mark.parametrize(
    ("source", "service", "action"), [(source, service, each) for source, service, actions in POLLING for each in actions.split()]
)
def test_lambda_itself_polls_what_a_function_is_mapped_to(source, service, action):
    may = statement(f"{service}:{action}")
    assert used(may, source=source) == []
    assert used(may, source={"Fn::ImportValue": "x"}) == []
    assert used(may, source=QUEUE if source != QUEUE else CLICKS) == [(service, ENDPOINTS[service])]
    assert used(may) == [(service, ENDPOINTS[service])]


def test_what_another_function_is_mapped_to_is_polled_for_that_one():
    mapping = resource("Lambda::EventSourceMapping", EventSourceArn=QUEUE, FunctionName={"Ref": "Other"})
    elsewhere = resource(
        "Lambda::EventSourceMapping", EventSourceArn=QUEUE, FunctionName="arn:aws:lambda:us-east-1:123456789012:function:elsewhere"
    )
    assert used(statement("sqs:ReceiveMessage"), more={"Mapping": mapping, "Another": elsewhere}) == [("sqs", "sqs")]


def test_what_polling_does_not_need_the_function_does_itself():
    assert used(statement(["sqs:ReceiveMessage", "sqs:SendMessage"], QUEUE), source=QUEUE) == [("sqs", "sqs")]


BUS = "arn:aws:events:us-east-1:123456789012:event-bus/b"
TOPIC = "arn:aws:sns:us-east-1:123456789012:t"
OTHER = {"Fn::GetAtt": ["Other", "Arn"]}
KEPT = "arn:aws:s3:::kept"


@pytest.mark.parametrize("kind", ["destination", "failed", "dead"])
@pytest.mark.parametrize(
    ("end", "action"),
    [
        (DEAD, "sqs:SendMessage"),
        (TOPIC, "sns:Publish"),
        (OTHER, "lambda:InvokeFunction"),
        (BUS, "events:PutEvents"),
        (KEPT, "s3:PutObject"),
        (KEPT, "s3:ListBucket"),
    ],
)
def test_lambda_itself_sends_on_what_becomes_of_invokes(kind, end, action):
    service = action.partition(":")[0]
    ends = {"source": TABLE, kind: end}
    assert used(statement(action, end), **ends) == []
    assert used(statement(action, [end]), **ends) == []
    assert used(statement(action, [end, "arn:aws:x:::other"]), **ends) == [(service, ENDPOINTS[service])]
    assert used(statement(action, "*"), **ends) == [(service, ENDPOINTS[service])]
    assert used({"Effect": "Allow", "Action": action, "NotResource": end}, **ends) == [(service, ENDPOINTS[service])]
    assert used(statement(action, end), source=TABLE) == [(service, ENDPOINTS[service])]


@pytest.mark.parametrize(
    ("resource", "found"), [(f"{KEPT}/*", []), (f"{KEPT}/aws/lambda/*", []), ([KEPT, f"{KEPT}/*"], []), (f"{KEPT}-too/*", ["s3"])]
)
def test_objects_of_a_bucket_are_of_it(resource, found):
    assert [service for service, _ in used(statement("s3:PutObject", resource), destination=KEPT)] == found


def test_what_else_is_done_with_a_destination_the_function_does():
    assert used(statement("sqs:GetQueueAttributes", DEAD), dead=DEAD) == [("sqs", "sqs")]


def by_workers(*statements, public="DISABLED"):
    """What tasks use."""
    network = {"AwsvpcConfiguration": {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": public}}
    resources = {
        "Role": role("ecs-tasks.amazonaws.com", *statements),
        "Task": resource("ECS::TaskDefinition", TaskRoleArn={"Fn::GetAtt": ["Role", "Arn"]}, ContainerDefinitions=[{"Name": "main"}]),
        "Service": resource("ECS::Service", TaskDefinition={"Ref": "Task"}, NetworkConfiguration=network),
    }
    flow = Flow.from_template({"Resources": resources})
    return used_by_workers(flow, flow.of(Workers)[0])


STARTED_BY = [
    ("CloudWatch Logs", "logs"),
    ("ECR's API", "ecr.api"),
    ("ECR's registry", "ecr.dkr"),
    ("S3, where ECR keeps layers", "s3"),
]


@pytest.mark.parametrize(
    ("statements", "more"),
    [
        ([], []),
        ([statement(["SQS:ReceiveMessage", "sns:Publish"]), statement("sns:Publish")], [("sns", "sns"), ("sqs", "sqs")]),
        ([statement("sns:Publish", effect="Deny")], []),
        ([{"Fn::ImportValue": "x"}], []),
        ([statement("iam:PassRole")], []),
    ],
)
def test_tasks_use_what_their_role_names_and_what_starts_them(statements, more):
    assert by_workers(*statements) == [*STARTED_BY, *more]


@pytest.mark.parametrize("public", ["ENABLED", {"Fn::ImportValue": "x"}])
def test_tasks_with_a_public_address_need_no_endpoint(public):
    assert by_workers(statement("sns:Publish"), public=public) == []
