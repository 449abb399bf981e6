"""Messages that are lost."""

from ..sound import policy_of
from .making import DEAD, alarm, fifo, resource, rule_to_function_without_dead_letters, schedule


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


CASES = {
    "EF201": [("Rule", lambda p: p["Targets"][0].pop("DeadLetterConfig"))],
    "EF202": [("Subscription", lambda p: p.pop("RedrivePolicy"))],
    "EF203": [("Queue", lambda p: p.pop("RedrivePolicy"))],
    "EF204": [
        ("Dead", lambda p: p.update(MessageRetentionPeriod=345_600)),
        ("Dead", lambda p: p.update(MessageRetentionPeriod=100_000)),
    ],
    "EF205": [
        ("Mapping", lambda p: p.pop("FunctionResponseTypes")),
        ("Mapping", lambda p: [p.pop("FunctionResponseTypes"), p.update(BatchSize=2)]),
    ],
    "EF206": [(None, fifo_dead_letters_of_the_rule)],
    "EF207": [(None, fifo_topic_with_standard_dead_letters), (None, standard_topic_with_fifo_dead_letters)],
    "EF208": [(None, fifo_queue_with_standard_dead_letters)],
    "EF209": [(None, rule_to_function_without_dead_letters)],
    "EF210": [(None, schedule)],
    "EF211": [("Queue", lambda p: p["RedrivePolicy"].update(maxReceiveCount=4))],
    "EF212": [(None, lambda r: r.pop("DeadAlarm")), (None, failed_records_that_nobody_is_told_of)],
    "EF213": [("Subscription", lambda p: p.update(RedrivePolicy={"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead"}))],
}

SOUND_TOO = {
    "EF205": [(None, single_records)],
    "EF204": [("Dead", lambda p: p.update(MessageRetentionPeriod=345_601))],
    "EF211": [("Queue", lambda p: p["RedrivePolicy"].update(maxReceiveCount=5))],
}
