"""What each kind of hop needs: which actions on what, by whose role, and of which key."""

import pytest

from cdk_event_flow.flow.permissions import hops, permissions

from ..findings.cases import permissions as cases
from ..findings.cases.making import DEAD, resource, schedule
from ..findings.cases.workers import workers
from ..findings.sound import KEY, policy_of, role, statement
from .test_permissions import changed, hop, target

ACCOUNT = "us-east-1:123456789012"
# The ARN of what a rule's role sends to, and all that the role needs for it.
SENDING = [
    (f"arn:aws:batch:{ACCOUNT}:job-queue/q", "batch:SubmitJob"),
    (f"arn:aws:codebuild:{ACCOUNT}:project/p", "codebuild:StartBuild"),
    (f"arn:aws:codepipeline:{ACCOUNT}:p", "codepipeline:StartPipelineExecution"),
    (f"arn:aws:events:{ACCOUNT}:api-destination/a/1", "events:InvokeApiDestination"),
    (f"arn:aws:events:{ACCOUNT}:event-bus/b", "events:PutEvents"),
    (f"arn:aws:events:{ACCOUNT}:event-busv2/b/0", "events:PutEvents"),
    (f"arn:aws:execute-api:{ACCOUNT}:a/prod/POST/x", "execute-api:Invoke"),
    (f"arn:aws:firehose:{ACCOUNT}:deliverystream/s", "firehose:PutRecord firehose:PutRecordBatch"),
    (f"arn:aws:kinesis:{ACCOUNT}:stream/s", "kinesis:PutRecord"),
    (f"arn:aws:lambda:{ACCOUNT}:function:f", "lambda:InvokeFunction"),
    (f"arn:aws:sns:{ACCOUNT}:t", "sns:Publish"),
    (f"arn:aws:sqs:{ACCOUNT}:q", "sqs:SendMessage"),
    (f"arn:aws:states:{ACCOUNT}:stateMachine:m", "states:StartExecution"),
]


def by_rule(arn, *allowed):
    """What is decided of a rule's target that is reached by a role with these statements."""

    def change(resources):
        resources["RuleRole"] = role("events.amazonaws.com", *allowed)
        target(resources, arn, RoleArn=cases.at("RuleRole"))

    flow = changed(change)
    return permissions(flow, hop(flow, "Rule"))


@pytest.mark.parametrize(("arn", "actions"), SENDING)
def test_a_role_sends_by_the_action_of_the_service_on_the_resource(arn, actions):
    actions = actions.split()
    assert [each.verdict for each in by_rule(arn, statement(actions, arn))] == ["allowed", "allowed"]
    for left_out in actions:
        _, decided = by_rule(arn, *(statement(each, arn) for each in actions if each != left_out))
        assert (decided.verdict, decided.by) == ("unknown", "role")
        assert decided.reason == f"the role RuleRole does not allow {left_out}, and the policy of {arn} is outside the template"
    assert by_rule(arn, statement(actions, f"{arn}-2"))[1].verdict == "unknown"


@pytest.mark.parametrize(
    "arn", [f"arn:aws:redshift:{ACCOUNT}:cluster:c", f"arn:aws:events:{ACCOUNT}:archive/a", f"arn:aws:ssm:{ACCOUNT}:document/d"]
)
def test_what_is_not_followed_is_said_to_be_so(arn):
    [decided] = by_rule(arn, statement("*"))
    assert (decided.verdict, decided.by) == ("unknown", "role")
    assert decided.reason == f"what sending to {arn} asks of a role is not followed"


READING = [
    ("Mapping", f"arn:aws:sqs:{ACCOUNT}:q", "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes"),
    (
        "Mapping",
        f"arn:aws:kinesis:{ACCOUNT}:stream/s",
        "kinesis:DescribeStream kinesis:GetShardIterator kinesis:GetRecords kinesis:ListShards",
    ),
    ("Mapping", f"arn:aws:kinesis:{ACCOUNT}:stream/s/consumer/c:1", "kinesis:SubscribeToShard"),
    (
        "Mapping",
        f"arn:aws:dynamodb:{ACCOUNT}:table/t/stream/2026",
        "dynamodb:DescribeStream dynamodb:GetShardIterator dynamodb:GetRecords",
    ),
    ("Pipe", f"arn:aws:sqs:{ACCOUNT}:q", "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes"),
    ("Pipe", f"arn:aws:kinesis:{ACCOUNT}:stream/s", "kinesis:GetShardIterator kinesis:GetRecords"),
    (
        "Pipe",
        f"arn:aws:dynamodb:{ACCOUNT}:table/t/stream/2026",
        "dynamodb:DescribeStream dynamodb:GetShardIterator dynamodb:GetRecords",
    ),
]


def reading(by, arn, *allowed):
    """What is decided of the reading of a mapping or a pipe by a role with these statements."""

    def change(resources):
        if by == "Mapping":
            resources["Role"] = role("lambda.amazonaws.com", *allowed)
            resources["Mapping"]["Properties"]["EventSourceArn"] = arn
        else:
            resources["PipeRole"] = role("pipes.amazonaws.com", *allowed)
            resources["Pipe"] = resource("Pipes::Pipe", Source=arn, Target={"Ref": "Topic"}, RoleArn=cases.at("PipeRole"))

    flow = changed(change)
    [found] = [each for each in hops(flow) if each.by.logical_id == by and each.reads]
    return permissions(flow, found)


@pytest.mark.parametrize(("by", "arn", "actions"), READING)
def test_a_role_reads_by_all_actions_that_the_reader_needs(by, arn, actions):
    actions = actions.split()
    whole = arn.partition("/stream/20")[0].partition("/consumer/")[0]
    assert [each.verdict for each in reading(by, arn, statement(actions, arn))] == ["allowed", "allowed"]
    for left_out in actions:
        _, decided = reading(by, arn, *(statement(each, arn) for each in actions if each != left_out))
        assert decided.verdict == "unknown"
        assert f"does not allow {left_out}, and the policy of {arn}" in decided.reason, whole


def test_what_reading_is_not_followed_is_said_to_be_so():
    arn = f"arn:aws:mq:{ACCOUNT}:broker:b:1"
    [decided] = reading("Mapping", arn, statement("*"))
    assert (decided.verdict, decided.reason) == ("unknown", f"what reading {arn} asks of a role is not followed")


def test_the_role_of_a_function_of_elsewhere_is_elsewhere_too():
    flow = changed(lambda r: r["Mapping"]["Properties"].update(FunctionName=f"arn:aws:lambda:{ACCOUNT}:function:elsewhere"))
    [decided] = permissions(flow, hop(flow, "Mapping"))
    assert (decided.verdict, decided.by) == ("unknown", "role")
    assert decided.reason == "the function is outside the template, and its role with it"


def running(resources, *allowed, service="ecs-tasks.amazonaws.com"):
    """Workers with our runner, which goes through the queue."""
    workers(resources, tracks=None, steps=False)
    resources["TaskRole"] = role(service, *allowed)
    told = {"WORKER_HANDLER": "handler.handler", "WORKER_QUEUE_ARN": cases.at("Jobs")}
    [container] = resources["Task"]["Properties"]["ContainerDefinitions"]
    container["Environment"] = [{"Name": name, "Value": value} for name, value in told.items()]


RUNNER = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"]


@pytest.mark.parametrize("left_out", RUNNER)
def test_our_runner_reads_by_the_role_of_its_task(left_out):
    flow = changed(lambda r: running(r, statement(RUNNER, cases.at("Jobs"))))
    assert [each.verdict for each in permissions(flow, hop(flow, "Workers"))] == ["allowed", "allowed"]
    flow = changed(lambda r: running(r, statement([each for each in RUNNER if each != left_out], cases.at("Jobs"))))
    assert permissions(flow, hop(flow, "Workers"))[1].reason == f"no statement of the role TaskRole lets it {left_out} on Jobs"
    flow = changed(lambda r: running(r, service="lambda.amazonaws.com"))
    assert permissions(flow, hop(flow, "Workers"))[0].verdict == "denied"


def test_the_dead_letters_of_a_target_with_a_role_are_let_in_by_the_queue():
    flow = changed(lambda r: cases.rule_with_role(r, statement("kinesis:PutRecord")))
    [dead] = [each for each in hops(flow) if each.by.logical_id == "Rule" and each.dead and each.role_arn]
    assert [(each.verdict, each.by) for each in permissions(flow, dead)] == [("allowed", "resource policy"), ("allowed", "key")]


def everything(resources):
    """One of each kind that uses a role."""
    cases.read_and_sent(resources, cases.READS)
    cases.scheduled(resources)
    cases.succeeding(resources)
    cases.subscribed(resources)
    cases.rule_with_role(resources)
    cases.served_by_role(resources)


def test_each_service_must_be_let_assume_the_role():
    flow = changed(everything)
    assumed = {}
    for each in hops(flow):
        decided = permissions(flow, each)[0]
        if "assume it" in decided.reason:
            assumed[type(each.by).__name__] = decided.reason.partition(" lets ")[2]
            assert (decided.verdict, decided.by) == ("allowed", "role")
    assert assumed == {
        "AsyncConfig": "lambda.amazonaws.com assume it",
        "EventSourceMapping": "lambda.amazonaws.com assume it",
        "Function": "lambda.amazonaws.com assume it",
        "Pipe": "pipes.amazonaws.com assume it",
        "Route": "apigateway.amazonaws.com assume it",
        "Rule": "events.amazonaws.com assume it",
        "Schedule": "scheduler.amazonaws.com assume it",
        "Subscriber": "events.amazonaws.com assume it",
    }


@pytest.mark.parametrize(
    ("by", "source", "verdict"),
    [
        ("Nightly", "schedule-group/default", "allowed"),
        ("Nightly", "schedule/default/Stack-Nightly", "allowed"),
        ("Nightly", "schedule-group/other", "denied"),
        ("Nightly", "schedule/default/other", "denied"),
        ("Rule", "rule/orders/Stack-Rule", "allowed"),
        ("Rule", "rule/orders/other", "denied"),
        ("Pipe", "pipe/Stack-Pipe", "allowed"),
        ("Pipe", "pipe/other", "denied"),
        ("Function", "anything", "unknown"),
        ("Mapping", "anything", "unknown"),
    ],
)
def test_a_role_may_be_for_one_resource_only(by, source, verdict):
    roles = {"Nightly": "SchedulerRole", "Rule": "RuleRole", "Pipe": "PipeRole", "Function": "Role", "Mapping": "Role"}
    services = {"Nightly": "scheduler", "Rule": "events", "Pipe": "pipes"}

    def change(resources):
        everything(resources)
        [trust] = resources[roles[by]]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        arn = f"arn:aws:{services.get(by, 'lambda')}:{ACCOUNT}:{source}"
        trust["Condition"] = {"ArnEquals": {"aws:SourceArn": arn}, "StringEquals": {"aws:SourceAccount": "123456789012"}}
        trust["Condition"]["Bool"] = {"aws:SecureTransport": "true"}

    flow = changed(change)
    found = [each for each in hops(flow) if each.by.logical_id == by and (by != "Rule" or each.role_arn) and not each.dead]
    decided = permissions(flow, (found or [hop(flow, by, dead=True)])[0])[0]
    assert decided.verdict == verdict, str(decided)
    if verdict == "unknown":
        assert decided.reason.endswith("what the service tells of itself is known only when it assumes the role")


SENDERS = [
    ("Rule", False, "events.amazonaws.com sns:Publish from the rule Rule"),
    ("Rule", True, "events.amazonaws.com sqs:SendMessage from the rule Rule"),
    ("Subscription", False, "sns.amazonaws.com sqs:SendMessage from the topic Topic"),
    ("Subscription", True, "sns.amazonaws.com sqs:SendMessage from the topic Topic"),
    ("Bucket", False, "s3.amazonaws.com sqs:SendMessage from the bucket Bucket"),
    ("Tells", False, "cloudwatch.amazonaws.com sns:Publish from the alarm Tells"),
    ("Pages", False, "lambda.alarms.cloudwatch.amazonaws.com lambda:InvokeFunction from the alarm Pages"),
]


@pytest.mark.parametrize(("by", "dead", "said"), SENDERS)
def test_each_service_asks_the_receivers_policy_in_its_name(by, dead, said):
    def change(resources):
        for name in ("TopicPolicy", "QueuePolicy", "DeadPolicy"):
            del resources[name]
        resources["TopicPolicy"] = cases.resource(
            "SNS::TopicPolicy", Topics=[{"Ref": "Topic"}], PolicyDocument={"Statement": [statement("sns:Subscribe", Principal="*")]}
        )
        resources["Bucket"] = resource(
            "S3::Bucket",
            NotificationConfiguration={"QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": cases.at("Queue")}]},
        )
        resources["Page"] = resource("Lambda::Function")
        resources["Tells"] = resource("CloudWatch::Alarm", AlarmActions=[{"Ref": "Topic"}])
        resources["Pages"] = resource("CloudWatch::Alarm", AlarmActions=[cases.at("Page")])

    flow = changed(change)
    decided = permissions(flow, hop(flow, by, dead=dead))[0]
    assert (decided.verdict, decided.by) == ("denied", "resource policy")
    assert decided.reason.partition(" lets ")[2] == said


def test_an_alarm_tells_a_function_and_a_topic_in_different_names():
    flow = changed(lambda r: cases.alarmed_function(r, "lambda.alarms.cloudwatch.amazonaws.com"))
    assert [each.verdict for each in permissions(flow, hop(flow, "DeadAlarm"))] == ["allowed"]


@pytest.mark.parametrize(
    ("protocol", "verdict", "reason"),
    [
        ("email", "allowed", "delivery by email needs no permission"),
        ("https", "allowed", "delivery by https needs no permission"),
        ("firehose", "unknown", "delivery by firehose is not followed"),
    ],
)
def test_a_subscription_to_what_is_elsewhere_asks_nobody(protocol, verdict, reason):
    flow = changed(lambda r: r["Subscription"]["Properties"].update(Protocol=protocol, Endpoint="https://example.com/"))
    [decided] = permissions(flow, hop(flow, "Subscription"))
    assert (decided.verdict, decided.by, decided.reason) == (verdict, "nobody", reason)
    [dead] = permissions(flow, hop(flow, "Subscription", dead=True))[:1]
    assert (dead.verdict, dead.by) == ("allowed", "resource policy")


@pytest.mark.parametrize("kind", ["Topic", "Stream"])
@pytest.mark.parametrize("left_out", ["kms:Decrypt", "kms:GenerateDataKey"])
def test_a_role_that_sends_to_what_is_encrypted_may_use_the_key(kind, left_out):
    needed = {"Topic": ["kms:Decrypt", "kms:GenerateDataKey"], "Stream": ["kms:GenerateDataKey"]}[kind]
    given = [each for each in ("kms:Decrypt", "kms:GenerateDataKey") if each != left_out]

    def change(resources):
        resources["Stream"] = resource("Kinesis::Stream", StreamEncryption={"EncryptionType": "KMS", "KeyId": {"Ref": "Key"}})
        sends = statement(["sns:Publish", "kinesis:PutRecord"])
        resources["RuleRole"] = role("events.amazonaws.com", sends, statement(given, KEY))
        target(resources, {"Ref": "Topic"} if kind == "Topic" else cases.at("Stream"), RoleArn=cases.at("RuleRole"))

    flow = changed(change)
    *others, key = permissions(flow, hop(flow, "Rule"))
    assert [each.verdict for each in others] == ["allowed", "allowed"]
    assert (key.verdict, key.by) == (("denied" if left_out in needed else "allowed"), "key")
    if left_out in needed:
        assert key.reason == f"no statement of the role RuleRole lets it {left_out} with the key Key"


@pytest.mark.parametrize("left_out", ["kms:Decrypt", "kms:GenerateDataKey"])
def test_a_role_that_reads_what_is_encrypted_decrypts_only(left_out):
    def change(resources):
        statements = resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        statements[-1]["Action"] = [each for each in statements[-1]["Action"] if each != left_out]

    flow = changed(change)
    assert permissions(flow, hop(flow, "Mapping"))[-1].verdict == ("denied" if left_out == "kms:Decrypt" else "allowed")


@pytest.mark.parametrize(
    ("by", "resource", "verdict"),
    [
        ("Answers", "kept/aws/lambda/async/Stack-Function/*", "allowed"),
        ("Answers", "kept/aws/lambda/async/other/*", "denied"),
        ("Answers", "kept", "denied"),
        ("Reads", "kept/aws/lambda/*", "allowed"),
        ("Reads", "kept/aws/lambda/async/*", "denied"),
        ("Reads", "kept/other/*", "denied"),
    ],
)
def test_what_failed_is_written_into_a_bucket_under_lambdas_own_prefix(by, resource, verdict):
    def change(resources):
        kept = cases.at("Kept")
        cases.stream_reader(resources, *cases.STREAM)
        cases.succeeding(resources, statement("s3:PutObject", f"arn:aws:s3:::{resource}"))
        resources["Kept"] = cases.resource("S3::Bucket", BucketName="kept")
        for name in ("Answers", "Reads"):
            resources[name]["Properties"]["DestinationConfig"] = {"OnFailure": {"Destination": kept}}

    flow = changed(change)
    assert permissions(flow, hop(flow, by, dead=True))[1].verdict == verdict


def test_a_target_without_a_role_is_unknown_where_it_needs_one():
    arn = f"arn:aws:states:{ACCOUNT}:stateMachine:m"
    flow = changed(lambda r: target(r, arn))
    [decided] = permissions(flow, hop(flow, "Rule"))
    assert (decided.verdict, decided.by) == ("unknown", "nobody")
    assert decided.reason == f"{arn} is delivered to by a role, and none is given"


def test_a_schedule_without_a_role_or_with_one_of_elsewhere_is_unknown():
    def change(resources):
        schedule(resources)
        resources["NoRole"] = resource(
            "Scheduler::Schedule",
            ScheduleExpression="rate(1 day)",
            Target={"Arn": cases.at("Function"), "DeadLetterConfig": {"Arn": DEAD}},
        )

    flow = changed(change)
    found = {each.by.logical_id: each for each in hops(flow) if each.by.logical_id in ("Nightly", "NoRole") and not each.dead}
    decided = {name: permissions(flow, each)[0] for name, each in found.items()}
    assert {(each.verdict, each.by) for each in decided.values()} == {("unknown", "role")}
    assert {name: each.reason for name, each in decided.items()} == {
        "Nightly": "the role arn:aws:iam::123456789012:role/scheduler is outside the template",
        "NoRole": "no role is given",
    }


def test_a_subscription_of_a_function_asks_its_policy():
    flow = changed(lambda r: r["Subscription"]["Properties"].update(Protocol="lambda", Endpoint=cases.at("Function")))
    [decided] = permissions(flow, hop(flow, "Subscription"))
    assert (decided.verdict, decided.by) == ("denied", "resource policy")
    assert decided.reason == "Function has no policy that lets sns.amazonaws.com lambda:InvokeFunction from the topic Topic"


def test_a_queue_that_lets_another_service_in_does_not_let_in_this_one():
    flow = changed(lambda r: r.update(QueuePolicy=policy_of("Queue", services=["events.amazonaws.com"])))
    decided = permissions(flow, hop(flow, "Subscription"))[0]
    assert decided.reason == "no statement of the policy of Queue lets sns.amazonaws.com sqs:SendMessage from the topic Topic"
