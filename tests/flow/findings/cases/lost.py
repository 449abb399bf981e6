"""Messages that are lost."""

import copy

from ..sound import policy_of, role, statement
from .making import (
    DEAD,
    UNKNOWN,
    alarm,
    elsewhere,
    fifo,
    invoked_by_topic,
    resource,
    rule_to_function_without_dead_letters,
    schedule,
)


def fifo_dead_letters_of_the_rule(resources):
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True)
    resources["OrderedAlarm"] = alarm("Ordered")
    resources["OrderedPolicy"] = policy_of("Ordered")
    resources["Rule"]["Properties"]["Targets"][0]["DeadLetterConfig"] = {"Arn": {"Fn::GetAtt": ["Ordered", "Arn"]}}


def fifo_topic_with_standard_dead_letters(resources):
    fifo(resources, "Topic", "Queue")
    del resources["Rule"]
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True)
    resources["OrderedAlarm"] = alarm("Ordered")
    resources["Queue"]["Properties"]["RedrivePolicy"]["deadLetterTargetArn"] = {"Fn::GetAtt": ["Ordered", "Arn"]}


def fifo_queue_with_standard_dead_letters(resources):
    resources["Ordered"] = resource(
        "SQS::Queue", FifoQueue=True, VisibilityTimeout=60, RedrivePolicy={"maxReceiveCount": 5, "deadLetterTargetArn": DEAD}
    )


def failed_records_that_nobody_is_told_of(resources):
    resources["Failed"] = resource("SQS::Queue")
    resources["FailedPolicy"] = policy_of("Failed")
    resources["Mapping"]["Properties"]["DestinationConfig"] = {"OnFailure": {"Destination": {"Fn::GetAtt": ["Failed", "Arn"]}}}
    allowed = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Failed", "Arn"]}}
    resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].append(allowed)


def standard_topic_with_fifo_dead_letters(resources):
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True)
    resources["OrderedAlarm"] = alarm("Ordered")
    resources["OrderedPolicy"] = policy_of("Ordered")
    resources["Subscription"]["Properties"]["RedrivePolicy"] = {"deadLetterTargetArn": {"Fn::GetAtt": ["Ordered", "Arn"]}}


def single_records(resources):
    mapping = resources["Mapping"]["Properties"]
    mapping["BatchSize"] = 1
    del mapping["FunctionResponseTypes"]


def to_function(resources, **more):
    """A topic that invokes a function, with dead letters of the function."""
    invoked_by_topic(resources, **more)
    resources["Alone"]["Properties"]["DeadLetterConfig"] = {"TargetArn": DEAD}


def consumed_dead_letters(resources):
    """A function goes through the dead letters, which nothing else watches."""
    del resources["DeadAlarm"]
    resources["Again"] = copy.deepcopy(resources["Mapping"])
    resources["Again"]["Properties"]["EventSourceArn"] = DEAD
    may_read = statement(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], DEAD)
    resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].append(may_read)
    resources["Dead"]["Properties"]["VisibilityTimeout"] = 60


def fifo_dead_letters_of_a_queue(resources):
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True, MessageRetentionPeriod=1_209_600)
    resources["OrderedAlarm"] = alarm("Ordered")
    resources["Outbox"] = resource(
        "SQS::Queue", RedrivePolicy={"maxReceiveCount": 5, "deadLetterTargetArn": {"Fn::GetAtt": ["Ordered", "Arn"]}}
    )


def fifo_dead_letters_of_a_schedule(resources):
    fifo_dead_letters_of_the_rule(resources)
    resources["Rule"]["Properties"]["Targets"][0]["DeadLetterConfig"] = {"Arn": DEAD}
    schedule(resources, DeadLetterConfig={"Arn": {"Fn::GetAtt": ["Ordered", "Arn"]}})


def asynchronous(resources, function="Alone", qualifier="$LATEST", **config):
    """A function that a rule invokes, and how its asynchronous invokes are configured."""
    rule_to_function_without_dead_letters(resources)
    resources["Async"] = resource("Lambda::EventInvokeConfig", FunctionName=function, Qualifier=qualifier, **config)
    if function == "Alone":
        resources["Async"]["Properties"]["FunctionName"] = {"Ref": "Alone"}
    to = statement(["sqs:SendMessage", "kms:Decrypt", "kms:GenerateDataKey"])
    resources["AloneRole"] = role("lambda.amazonaws.com", to)
    resources["Alone"]["Properties"]["Role"] = {"Fn::GetAtt": ["AloneRole", "Arn"]}


def failures_to(queue):
    return {"OnFailure": {"Destination": queue}}


def told_of_success(resources):
    """What succeeds is told, what fails is not."""
    asynchronous(resources, DestinationConfig={"OnSuccess": {"Destination": {"Fn::GetAtt": ["Queue", "Arn"]}}})


def scheduled_alone(resources):
    """A schedule invokes a function without dead letters."""
    resources["Alone"] = resource("Lambda::Function")
    may = (statement(["lambda:InvokeFunction", "sqs:SendMessage", "kms:Decrypt", "kms:GenerateDataKey"]),)
    resources["SchedulerRole"] = role("scheduler.amazonaws.com", *may)
    alone = {"Arn": {"Fn::GetAtt": ["Alone", "Arn"]}, "RoleArn": {"Fn::GetAtt": ["SchedulerRole", "Arn"]}}
    schedule(resources, DeadLetterConfig={"Arn": DEAD}, **alone)


def buried(resources):
    """Another queue for dead letters, which nobody is told of."""
    resources["Buried"], resources["BuriedPolicy"] = resource("SQS::Queue"), policy_of("Buried")
    return {"Fn::GetAtt": ["Buried", "Arn"]}


def watched_by_a_sum(resources, *odd):
    """The alarm adds up several metrics, of which some tell nothing."""
    dimensions = resources["DeadAlarm"]["Properties"].pop("Dimensions")
    metrics = [{"Id": "m", "MetricStat": {"Metric": {"Dimensions": dimensions}}}, {"Id": "sum", "Expression": "m + m"}]
    resources["DeadAlarm"]["Properties"]["Metrics"] = [*odd, *metrics]


def odd_alarms(resources):
    """Alarms of which nobody can tell what they watch."""
    for number, given in enumerate(
        [
            {"Dimensions": UNKNOWN},
            {"Dimensions": [UNKNOWN]},
            {"Metrics": UNKNOWN},
            {"Metrics": [UNKNOWN, {"MetricStat": UNKNOWN}, {"MetricStat": {"Metric": UNKNOWN}}]},
        ]
    ):
        resources[f"Odd{number}"] = resource("CloudWatch::Alarm", **given)


CASES = {
    "EF201": [("Rule", lambda p: p["Targets"][0].pop("DeadLetterConfig"))],
    "EF202": [("Subscription", lambda p: p.pop("RedrivePolicy")), (None, to_function)],
    "EF203": [("Queue", lambda p: p.pop("RedrivePolicy")), (None, consumed_dead_letters)],
    "EF204": [
        ("Dead", lambda p: p.update(MessageRetentionPeriod=345_600)),
        ("Dead", lambda p: p.update(MessageRetentionPeriod=100_000)),
        ("Dead", lambda p: p.update(MessageRetentionPeriod=86_400)),
        ("Dead", lambda p: p.update(MessageRetentionPeriod=90_000)),
        ("Dead", lambda p: p.update(MessageRetentionPeriod=60)),
    ],
    "EF205": [
        ("Mapping", lambda p: p.pop("FunctionResponseTypes")),
        ("Mapping", lambda p: [p.pop("FunctionResponseTypes"), p.update(BatchSize=2)]),
    ],
    "EF206": [(None, fifo_dead_letters_of_the_rule), (None, fifo_dead_letters_of_a_schedule)],
    "EF207": [(None, fifo_topic_with_standard_dead_letters), (None, standard_topic_with_fifo_dead_letters)],
    "EF208": [(None, fifo_queue_with_standard_dead_letters), (None, fifo_dead_letters_of_a_queue)],
    "EF209": [
        (None, rule_to_function_without_dead_letters),
        (None, lambda r: asynchronous(r, MaximumEventAgeInSeconds=3_600)),
        (None, lambda r: asynchronous(r, MaximumRetryAttempts=0, MaximumEventAgeInSeconds=90)),
        (None, lambda r: asynchronous(r, MaximumRetryAttempts=1, MaximumEventAgeInSeconds=120)),
        (None, lambda r: asynchronous(r, MaximumRetryAttempts=UNKNOWN)),
        (None, lambda r: asynchronous(r, MaximumEventAgeInSeconds=UNKNOWN)),
        (None, told_of_success),
        (None, lambda r: asynchronous(r, qualifier="live", DestinationConfig=failures_to(DEAD))),
        (None, lambda r: asynchronous(r, function="elsewhere", DestinationConfig=failures_to(DEAD))),
        (None, scheduled_alone),
        (None, lambda r: invoked_by_topic(r, RedrivePolicy={"deadLetterTargetArn": DEAD})),
    ],
    "EF210": [(None, schedule)],
    "EF211": [("Queue", lambda p: p["RedrivePolicy"].update(maxReceiveCount=4))],
    "EF212": [
        (None, lambda r: r.pop("DeadAlarm")),
        (None, failed_records_that_nobody_is_told_of),
        (None, lambda r: r["Subscription"]["Properties"].update(RedrivePolicy={"deadLetterTargetArn": buried(r)})),
        (None, lambda r: r["Rule"]["Properties"]["Targets"][0].update(DeadLetterConfig={"Arn": buried(r)})),
        (None, lambda r: r["Function"]["Properties"].update(DeadLetterConfig={"TargetArn": buried(r)})),
        (None, lambda r: schedule(r, DeadLetterConfig={"Arn": buried(r)})),
        (None, lambda r: [r.pop("DeadAlarm"), odd_alarms(r)]),
    ],
    "EF213": [("Subscription", lambda p: p.update(RedrivePolicy={"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead"}))],
}

SOUND_TOO = {
    "EF202": [
        (None, lambda r: to_function(r, RedrivePolicy={"deadLetterTargetArn": DEAD})),
        (None, lambda r: r.update(Told=resource("SNS::Topic", Subscription=[{"Protocol": "email", "Endpoint": "a@example.com"}]))),
    ],
    "EF205": [
        (None, single_records),
        ("Mapping", lambda p: p.update(FunctionResponseTypes=UNKNOWN)),
        ("Mapping", lambda p: [p.update(BatchSize=UNKNOWN), p.pop("FunctionResponseTypes")]),
    ],
    "EF204": [
        ("Dead", lambda p: p.update(MessageRetentionPeriod=345_601)),
        ("Dead", lambda p: p.update(MessageRetentionPeriod=UNKNOWN)),
        (
            None,
            lambda r: [
                r["Dead"]["Properties"].pop("MessageRetentionPeriod"),
                r["Queue"]["Properties"].update(MessageRetentionPeriod=UNKNOWN),
            ],
        ),
    ],
    "EF207": [(None, elsewhere)],
    "EF209": [(None, lambda r: asynchronous(r, DestinationConfig=failures_to(DEAD)))],
    "EF212": [(None, watched_by_a_sum), (None, odd_alarms)],
    "EF211": [("Queue", lambda p: p["RedrivePolicy"].update(maxReceiveCount=5))],
}
