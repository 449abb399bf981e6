"""Pipes: every source, enrichment and target is reached with what it was to get, by a role of its own; what cannot be is refused."""

import re
from datetime import UTC, datetime, timedelta

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions

from cdk_event_flow import (
    BrokerQueue,
    Bucket,
    Enrichment,
    EventBus,
    FargateTask,
    Function,
    Pipe,
    PipeLogs,
    PipeTarget,
    Queue,
    Retry,
    Stream,
    Table,
    Topic,
)
from cdk_event_flow.errors import ConstructError
from constructs import Construct
from lambda_src.shared.events import PackingFailed
from tests.compose.synthesis import flow_of, new_stack, resources, template_of
from tests.compose.wildcards import unnamed

OLD = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def ours(stack, id="Work", **more):
    return Function(stack, id, code=lambda_.Code.from_inline("x"), handler="i.h", runtime="nodejs24.x", **more)


def inline(stack, id="Plain"):
    return lambda_.Function(stack, id, code=lambda_.Code.from_inline("x"), handler="i.h", runtime=lambda_.Runtime.NODEJS_24_X)


def machine(stack, kind="EXPRESS"):
    body = stepfunctions.DefinitionBody.from_string('{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}')
    kind = stepfunctions.StateMachineType[kind]
    return stepfunctions.StateMachine(stack, "Machine", definition_body=body, state_machine_type=kind)


def standard(stack):
    return machine(stack, "STANDARD")


def destination(stack):
    secret = secretsmanager.Secret(stack, "Secret")
    connection = events.Connection(stack, "Connection", authorization=events.Authorization.api_key("x-key", secret.secret_value))
    return events.ApiDestination(stack, "Partner", connection=connection, endpoint="https://partner.example.com/orders")


def task(stack):
    definition = ecs.FargateTaskDefinition(stack, "Task")
    definition.add_container("main", image=ecs.ContainerImage.from_registry("public.ecr.aws/docker/library/busybox"))
    return FargateTask(cluster=ecs.Cluster(stack, "Cluster", vpc=ec2.Vpc(stack, "Vpc", max_azs=1)), definition=definition)


def delivery_stream(stack):
    return firehose.DeliveryStream(stack, "Lake", destination=firehose.S3Bucket(s3.Bucket(stack, "LakeBucket")))


SOURCES = {
    "our queue": (lambda stack: Queue(stack, "From"), {"id": 7}),
    "our FIFO queue": (lambda stack: Queue(stack, "From", fifo=True), {"id": 7}),
    "a queue made elsewhere": (lambda stack: sqs.Queue(stack, "From", encryption=sqs.QueueEncryption.KMS), {"id": 7}),
    "our stream": (lambda stack: Stream(stack, "From"), {"id": 7}),
    "a stream made elsewhere": (lambda stack: kinesis.Stream(stack, "From"), {"id": 7}),
    "our table": (lambda stack: Table(stack, "From", partition_key="id"), {"id": "7"}),
}
TARGETS = {
    "our function": ours,
    "a function made elsewhere": inline,
    "a function that is not waited for": lambda stack: PipeTarget(to=ours(stack), wait=False),
    "our queue": lambda stack: Queue(stack, "To"),
    "our FIFO queue": lambda stack: PipeTarget(to=Queue(stack, "To", fifo=True), group="all"),
    "our topic": lambda stack: Topic(stack, "To"),
    "a topic made elsewhere": lambda stack: sns.Topic(stack, "To"),
    "our bus": lambda stack: PipeTarget(to=EventBus(stack, "To"), event=("shop", "Sold")),
    "our stream": lambda stack: Stream(stack, "To"),
    "a log group": lambda stack: logs.LogGroup(stack, "To"),
    "a delivery stream": delivery_stream,
    "a state machine": standard,
    "an express state machine": lambda stack: PipeTarget(to=machine(stack), wait=True),
    "an API destination": lambda stack: PipeTarget(to=destination(stack), input={"order": "<$.body.id>"}),
    "a task": task,
}


def test_every_source_is_read_by_a_role_that_may_and_nothing_is_found_wrong(stack):
    work = ours(stack)
    for kind, (make, _) in SOURCES.items():
        Pipe(here := Construct(stack, kind.title().replace(" ", "")), "It", source=make(here), to=work)
    flow = flow_of(stack)
    for kind, (_, sent) in SOURCES.items():
        (delivery,) = flow.send(f"{kind.title().replace(' ', '')}/From", sent).deliveries
        assert delivery.doubts == (), kind
    assert [finding for finding in flow.check() if finding.severity == "error"] == []
    assert unnamed(template_of(stack)) == []


def test_every_target_is_reached_and_nothing_is_found_wrong(stack):
    for kind, make in TARGETS.items():
        here = Construct(stack, kind.title().replace(" ", ""))
        Pipe(here, "It", source=Queue(here, "From"), to=make(here))
    flow = flow_of(stack)
    for kind in TARGETS:
        assert len(flow.send(f"{kind.title().replace(' ', '')}/From", {"id": 7}).deliveries) == 1, kind
    assert [finding for finding in flow.check() if finding.severity == "error"] == []


@pytest.mark.parametrize("make", [ours, inline, machine])
def test_an_enrichment_is_asked_before_the_target_gets_anything(stack, make):
    Pipe(stack, "It", source=Queue(stack, "From"), enrich=make(stack), to=Queue(stack, "To"), where={"body": {"kind": ["new"]}})
    flow = flow_of(stack)
    assert len(flow.send("From", {"kind": "new"}).deliveries) == 2
    assert not flow.send("From", {"kind": "old"}).reaches("To")
    assert 'kind is "old"' in flow.send("From", {"kind": "old"}).why_not("To")
    assert [finding for finding in flow.check() if finding.severity == "error"] == []


def test_changes_of_a_table_become_events_on_a_bus_in_the_shape_that_was_asked_for(stack):
    bus = EventBus(stack, "Shop", publishes=[PackingFailed])
    bus.route("All", [PackingFailed], to=Queue(stack, "Told"))
    shape = {"order_id": "<$.dynamodb.NewImage.id.S>", "change": "<$.eventName>"}
    target = PipeTarget(to=bus, event=PackingFailed, input=shape)
    Pipe(stack, "Changes", source=Table(stack, "Orders", partition_key="id"), to=target, where={"eventName": ["INSERT", "MODIFY"]})
    sent = flow_of(stack).send("Orders", {"id": "ORD-1"})
    assert sent.reaches("Told")
    first, *_ = sent.deliveries
    assert (first.payload["source"], first.payload["detail"]) == ("shop.packing", {"order_id": "ORD-1", "change": "INSERT"})


def test_a_role_may_read_one_source_reach_one_target_and_tell_one_queue_of_failures(stack):
    pipe = Pipe(stack, "It", source=Stream(stack, "From"), enrich=ours(stack), to=Topic(stack, "To"))
    (policy,) = [
        each["PolicyDocument"]["Statement"]
        for each in resources(template_of(stack), "AWS::IAM::Policy")
        if each["Roles"] == [{"Ref": stack.get_logical_id(pipe.role.node.default_child)}]
    ]
    said = [statement["Action"] for statement in policy]
    assert [actions for actions in said if isinstance(actions, str)] == [
        "kms:Decrypt", "sqs:SendMessage", "sns:Publish", "lambda:InvokeFunction",
    ]  # fmt: skip
    assert all(statement["Resource"] != "*" for statement in policy)


def test_what_a_stream_gives_up_is_told_to_the_undelivered_queue_or_to_whom_one_says(stack):
    topic = Topic(stack, "Ops")
    Pipe(stack, "One", source=Stream(stack, "From"), to=ours(stack), retry=Retry(attempts=3, max_age=timedelta(hours=1)))
    Pipe(stack, "Two", source=Table(stack, "Items", partition_key="id"), to=ours(stack, "Other"), on_failure=topic, start="LATEST")
    Pipe(
        stack, "Three", source=Stream(stack, "More"), to=ours(stack, "Third"), on_failure=None, start=OLD, retry=Retry(attempts=None)
    )
    of_stream, of_table, untold = [each["SourceParameters"] for each in resources(template_of(stack), "AWS::Pipes::Pipe")]
    first, second, third = (
        of_stream["KinesisStreamParameters"],
        of_table["DynamoDBStreamParameters"],
        untold["KinesisStreamParameters"],
    )
    assert first["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["UndeliveredF3CF66A9", "Arn"]}}
    assert (first["MaximumRetryAttempts"], first["MaximumRecordAgeInSeconds"], first["OnPartialBatchItemFailure"]) == (
        3, 3_600, "AUTOMATIC_BISECT",
    )  # fmt: skip
    to_topic = {"Arn": {"Ref": stack.get_logical_id(topic.topic.node.default_child)}}
    assert (second["DeadLetterConfig"], second["StartingPosition"]) == (to_topic, "LATEST")
    assert "DeadLetterConfig" not in third
    assert (third["MaximumRetryAttempts"], third["StartingPositionTimestamp"]) == (-1, "2026-01-01T00:00:00Z")
    assert [finding for finding in flow_of(stack).check() if finding.severity == "error"] == []


def test_messages_stay_hidden_while_enrichment_and_target_work_on_them(stack):
    ask, work = ours(stack, "Ask", timeout=timedelta(seconds=20)), ours(stack, timeout=timedelta(seconds=40))
    Pipe(stack, "It", source=Queue(stack, "From"), enrich=ask, to=work, window=timedelta(seconds=5))
    Pipe(stack, "Other", source=Queue(stack, "Given", visibility=timedelta(seconds=50)), to=work)
    hidden = [each["VisibilityTimeout"] for each in resources(template_of(stack), "AWS::SQS::Queue") if "VisibilityTimeout" in each]
    assert hidden == [6 * 60 + 5, 50]


def test_a_batch_is_as_large_as_source_and_target_have_it(stack):
    Pipe(stack, "One", source=Stream(stack, "From"), to=ours(stack))
    Pipe(stack, "Two", source=Stream(stack, "Other"), to=Queue(stack, "To"))
    Pipe(stack, "Three", source=Queue(stack, "Last"), enrich=Enrichment(to=destination(stack), input={"id": "<$.body.id>"}),
         to=Queue(stack, "Enriched"))  # fmt: skip
    batches = [
        next(iter(each["SourceParameters"].values()))["BatchSize"] for each in resources(template_of(stack), "AWS::Pipes::Pipe")
    ]
    assert batches == [100, 10, 1]


def test_order_goes_on_into_a_fifo_queue_and_duplicates_do_not(stack):
    Pipe(stack, "It", source=Queue(stack, "From", fifo=True),
         to=PipeTarget(to=Queue(stack, "To", fifo=True), group="$.attributes.MessageGroupId"))  # fmt: skip
    (pipe,) = resources(template_of(stack), "AWS::Pipes::Pipe")
    assert pipe["TargetParameters"]["SqsQueueParameters"] == {
        "MessageGroupId": "$.attributes.MessageGroupId", "MessageDeduplicationId": "$.messageId",
    }  # fmt: skip


def test_errors_are_logged_into_an_encrypted_group_and_alarmed_on(stack):
    pipe = Pipe(stack, "It", source=Queue(stack, "From"), to=Queue(stack, "To"))
    template = template_of(stack)
    (made,) = resources(template, "AWS::Pipes::Pipe")
    assert made["LogConfiguration"]["Level"] == "ERROR"
    assert "IncludeExecutionData" not in made["LogConfiguration"]
    (group,) = resources(template, "AWS::Logs::LogGroup")
    assert (group["RetentionInDays"], group["KmsKeyId"]) == (30, {"Fn::GetAtt": ["EventFlowKey4A4AED9B", "Arn"]})
    assert re.fullmatch(r"/aws/vendedlogs/pipes/[\w-]+", group["LogGroupName"])
    (alarm,) = [each for each in resources(template, "AWS::CloudWatch::Alarm") if each["MetricName"] == "ExecutionFailed"]
    assert alarm["Dimensions"] == [{"Name": "PipeName", "Value": {"Ref": stack.get_logical_id(pipe.pipe)}}]


def test_logs_may_be_left_out_or_tell_more(stack):
    Pipe(stack, "Quiet", source=Queue(stack, "From"), to=Queue(stack, "To"), logs=None)
    Pipe(stack, "Loud", source=Queue(stack, "Other"), to=Queue(stack, "Next"),
         logs=PipeLogs(level="TRACE", data=True, retention=timedelta(days=1)))  # fmt: skip
    quiet, loud = resources(template_of(stack), "AWS::Pipes::Pipe")
    assert quiet["LogConfiguration"] == {"Level": "OFF"}
    assert (loud["LogConfiguration"]["Level"], loud["LogConfiguration"]["IncludeExecutionData"]) == ("TRACE", ["ALL"])


def test_a_key_encrypts_filter_and_templates_and_the_role_may_use_it(stack):
    from cdk_event_flow.compose.messaging.encryption import stack_key

    Pipe(stack, "It", source=sqs.Queue(stack, "From"), to=sqs.Queue(stack, "To"), key=stack_key(stack), logs=None)
    (pipe,) = resources(template_of(stack), "AWS::Pipes::Pipe")
    assert pipe["KmsKeyIdentifier"] == {"Fn::GetAtt": ["EventFlowKey4A4AED9B", "Arn"]}
    actions = [s["Action"] for p in resources(template_of(stack), "AWS::IAM::Policy") for s in p["PolicyDocument"]["Statement"]]
    assert ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"] in actions


@pytest.fixture(scope="module")
def shared():
    """A stack with one of each, for pipes that are refused."""
    stack = new_stack(env={"account": "111122223333", "region": "eu-central-1"})
    Queue(stack, "Queue"), Queue(stack, "Sink"), Stream(stack, "Stream"), Table(stack, "Table", partition_key="id"), ours(stack)
    return stack


def of(stack, name):
    """What the shared stack has of this name, or one of its kind."""
    kinds = {"Queue": Queue, "Sink": Queue, "Stream": Stream, "Work": ours, "Table": lambda *at: Table(*at, partition_key="id")}
    return cdk.Stack.of(stack).node.try_find_child(name) or kinds[name](stack, name)


def queue_and(**more):
    return lambda stack: {"source": of(stack, "Queue"), "to": of(stack, "Sink"), **more}


def stream_and(**more):
    return lambda stack: {"source": of(stack, "Stream"), "to": of(stack, "Work"), **more}


def table_and(**more):
    return lambda stack: {"source": of(stack, "Table"), "to": of(stack, "Work"), **more}


def to(to, **more):
    return lambda stack: {"source": of(stack, "Queue"), "to": PipeTarget(to=to(stack), **more)}


def work(stack):
    return of(stack, "Work")


def broker(stack):
    secret = secretsmanager.Secret(stack, "Secret")
    return BrokerQueue(broker="arn:aws:mq:eu-west-1:111122223333:broker:shop:b-1234", queue="payments", secret=secret)


REFUSED = {
    "a batch of nothing": (queue_and(batch=0), "EF-PIPE-BATCH", "1 records to 10,000 records"),
    "a batch over what any source gives": (stream_and(batch=10_001), "EF-PIPE-BATCH", "10,001"),
    "a batch over what the target takes": (queue_and(batch=11), "EF-PIPE-BATCH", "at most 10"),
    "a batch of a FIFO queue": (
        lambda s: {"source": Queue(s, "F", fifo=True), "to": work(s), "batch": 11}, "EF-PIPE-BATCH", "1 records to 10 records"),
    "a window over five minutes": (queue_and(window=timedelta(seconds=301)), "EF-PIPE-WINDOW", "301 seconds"),
    "a filter for the wrong part": (queue_and(where={"kind": ["new"]}), "EF-FILTER-KEY", "body"),
    "an operator that pipes have not": (queue_and(where={"body": {"a": [{"wildcard": "x*"}]}}), "EF-FILTER", "wildcard"),
    "a misspelt operator": (queue_and(where={"body": {"a": [{"prefx": "x"}]}}), "EF-FILTER", "prefix"),
    "six filters": (queue_and(where=[{"body": {"a": [n]}} for n in range(6)]), "EF-FILTER-COUNT", "0 filters to 5"),
    "a start of a queue": (queue_and(start="LATEST"), "EF-PIPE-QUEUE", "start"),
    "a retry of a queue": (queue_and(retry=Retry()), "EF-PIPE-QUEUE", "redrive policy"),
    "parallel batches of a queue": (queue_and(parallel=2), "EF-PIPE-QUEUE", "parallel"),
    "eleven parallel batches": (stream_and(parallel=11), "EF-PIPE-PARALLEL", "11"),
    "no parallel batch": (stream_and(parallel=0), "EF-PIPE-PARALLEL", "1"),
    "too many attempts": (stream_and(retry=Retry(attempts=10_001)), "EF-PIPE-RETRIES", "10,001"),
    "too short an age": (stream_and(retry=Retry(max_age=timedelta(seconds=59))), "EF-PIPE-AGE", "59 seconds"),
    "too long an age": (stream_and(retry=Retry(max_age=timedelta(seconds=604_801))), "EF-PIPE-AGE", "604801"),
    "a start that is none": (stream_and(start="YESTERDAY"), "EF-PIPE-START", "YESTERDAY"),
    "a start without a zone": (stream_and(start=datetime(2026, 1, 1)), "EF-PIPE-START", "time zone"),
    "a start in the future": (stream_and(start=datetime(2126, 1, 1, tzinfo=UTC)), "EF-PIPE-START", "has been"),
    "a moment of a table": (table_and(start=OLD), "EF-PIPE-START", "TRIM_HORIZON or LATEST"),
    "a filter on a number of a table": (
        table_and(where={"dynamodb": {"NewImage": {"n": {"N": [{"numeric": [">", 1]}]}}}}), "EF-FILTER-TYPE", "strings"),
    "a filter on an image that the stream has not": (
        lambda s: {"source": Table(s, "T", partition_key="id", stream="KEYS_ONLY"), "to": work(s),
                   "where": {"dynamodb": {"NewImage": {"a": {"S": ["x"]}}}}}, "EF-PIPE-IMAGE", "KEYS_ONLY"),
    "a template of an image that the stream has not": (
        lambda s: {"source": Table(s, "T", partition_key="id", stream="NEW_IMAGE"),
                   "to": PipeTarget(to=work(s), input={"was": "<$.dynamodb.OldImage.a.S>"})}, "EF-PIPE-IMAGE", "OldImage"),
    "a bucket for failures": (
        lambda s: {"source": of(s, "Stream"), "to": work(s), "on_failure": Bucket(s, "B")}, "EF-PIPE-FAILURE", "queues and topics"),
    "a FIFO queue for failures": (
        lambda s: {"source": of(s, "Stream"), "to": work(s), "on_failure": Queue(s, "B", fifo=True)}, "EF-PIPE-FAILURE", "FIFO"),
    "a broker as source": (lambda s: {"source": broker(s), "to": work(s)}, "EF-PIPE-SOURCE", "queues, data streams and tables"),
    "a FIFO topic": (to(to=lambda s: Topic(s, "T", fifo=True)), "EF-PIPE-FIFO", "no FIFO topic"),
    "a FIFO queue without a group": (to(to=lambda s: Queue(s, "T", fifo=True)), "EF-PIPE-FIFO", "group"),
    "a group for a function": (to(to=work, group="all"), "EF-PIPE-GROUP", "function"),
    "a bus without an event": (to(to=lambda s: EventBus(s, "T")), "EF-PIPE-EVENT", "source and a detail-type"),
    "an event without a bus": (to(to=work, event=("a", "b")), "EF-PIPE-EVENT", "event without a bus"),
    "a bus elsewhere": (
        to(to=lambda s: events.EventBus.from_event_bus_arn(s, "T", "arn:aws:events:eu-west-1:111122223333:event-bus/x"),
           event=("a", "b")), "EF-PIPE-BUS", "eu-west-1"),
    "an API without input": (to(to=destination), "EF-PIPE-INPUT", "shape"),
    "waiting for a queue": (to(to=lambda s: of(s, "Sink"), wait=True), "EF-PIPE-WAIT", "queue"),
    "waiting for a standard state machine": (to(to=standard, wait=True), "EF-PIPE-WAIT", "express"),
    "a path that no message has": (to(to=work, input={"id": "<$.detail.id>"}), "EF-PIPE-INPUT", "no detail"),
    "a path that is none": (to(to=work, input="<$..id>"), "EF-PIPE-INPUT", "$.body.id"),
    "a name that pipes do not know": (to(to=work, input={"id": "<aws.events.rule-name>"}), "EF-PIPE-INPUT", "aws.pipes.pipe-name"),
    "a template that is too long": (to(to=work, input="x" * 8_193), "EF-PIPE-INPUT", "8,192"),
    "a group that no message has": (
        to(to=lambda s: Queue(s, "T", fifo=True), group="$.customer"), "EF-PIPE-INPUT", "no customer"),
    "a standard state machine to enrich": (
        lambda s: {"source": of(s, "Queue"), "to": work(s), "enrich": standard(s)}, "EF-PIPE-ENRICHMENT", "standard"),
    "a queue to enrich": (
        lambda s: {"source": of(s, "Queue"), "to": work(s), "enrich": Queue(s, "E")}, "EF-PIPE-ENRICHMENT", "queue"),
    "logs of another level": (queue_and(logs=PipeLogs(level="DEBUG")), "EF-PIPE-LOGS", "DEBUG"),
    "logs kept two days": (queue_and(logs=PipeLogs(retention=timedelta(days=2))), "EF-LOGS-RETENTION", "2 days"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_a_pipe_cannot_do_is_refused_and_nothing_is_made(shared, what):
    make, code, said = REFUSED[what]
    here = Construct(shared, re.sub(r"\W", "", what.title()))
    arguments = make(here)
    before = len(shared.node.find_all())
    with pytest.raises(ConstructError) as refused:
        Pipe(here, "It", **arguments)
    assert code in [problem.code for problem in refused.value.problems]
    assert refused.value.at == f"{here.node.path}/It"
    assert said in str(refused.value)
    assert len(shared.node.find_all()) == before


def test_a_table_without_a_stream_is_refused(stack):
    table = dynamodb.Table(stack, "T", partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING))
    with pytest.raises(ConstructError, match="EF-PIPE-SOURCE at Shop/It: the table has no stream.*give the table a stream"):
        Pipe(stack, "It", source=table, to=ours(stack))


@pytest.mark.parametrize("make", [Topic, EventBus, Bucket])
def test_what_is_no_source_is_refused(stack, make):
    with pytest.raises(ConstructError, match=f"EF-PIPE-SOURCE at Shop/It: the source is a {make.__name__}, .*a queue in between"):
        Pipe(stack, "It", source=make(stack, "From"), to=ours(stack))


def test_what_is_no_target_is_refused_by_type(stack):
    with pytest.raises(TypeError, match="not to str"):
        Pipe(stack, "It", source=Queue(stack, "From"), to="Billing")


INSIDE = {
    "the largest batch": stream_and(batch=10_000, window=timedelta(seconds=300), parallel=10),
    "the smallest": stream_and(batch=1, window=timedelta(0), parallel=1, retry=Retry(attempts=0, max_age=timedelta(seconds=60))),
    "the most attempts": stream_and(retry=Retry(attempts=10_000, max_age=timedelta(days=7))),
    "what a queue takes at once": queue_and(batch=10),
    "five filters": queue_and(where=[{"body": {"a": [n]}} for n in range(5)]),
    "the longest template": to(to=work, input="x" * 8_192),
    "every name that pipes know": to(
        to=ours, input={"p": "<aws.pipes.pipe-name>", "e": "<aws.pipes.event>", "of": "<$.body.a[0].b>"}
    ),
}


@pytest.mark.parametrize("what", INSIDE)
def test_what_is_just_inside_the_limits_is_accepted(stack, what):
    Pipe(stack, "It", **INSIDE[what](stack))
    assert len(resources(template_of(stack), "AWS::Pipes::Pipe")) == 1
