"""Limits."""

from ..sound import policy_of
from .making import DEAD, UNKNOWN, alarm, fifo, resource, without_consumer


def many_rules(resources, more=300):
    for number in range(more):
        resources[f"Rule{number}"] = resources["Rule"]


def many_filters(resources, more=200):
    for number in range(more):
        resources[f"Subscription{number}"] = resources["Subscription"]


def fifo_topic_to_function(resources):
    fifo(resources, "Topic")
    without_consumer(resources, "Queue", "Rule")
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True)
    resources["OrderedAlarm"] = alarm("Ordered")
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Ordered", "Arn"]}}
    resources["Subscription"]["Properties"].update(Protocol="https", Endpoint="https://example.com/", RedrivePolicy=redrive)


def standard_topic_to_fifo_queue(resources):
    without_consumer(resources)
    fifo(resources, "Queue")
    del resources["Queue"]["Properties"]["RedrivePolicy"]


def fifo_target(resources, *, deduplication=False, **target):
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True, ContentBasedDeduplication=deduplication)
    resources["OrderedPolicy"] = policy_of("Ordered")
    target |= {"Id": "O", "Arn": {"Fn::GetAtt": ["Ordered", "Arn"]}, "DeadLetterConfig": {"Arn": DEAD}}
    resources["Rule"]["Properties"]["Targets"].append(target)


def fifo_topic_as_target(resources):
    fifo(resources, "Topic")
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True)
    resources["OrderedAlarm"], resources["OrderedPolicy"] = alarm("Ordered"), policy_of("Ordered")
    resources["Subscription"]["Properties"]["RedrivePolicy"] = {"deadLetterTargetArn": {"Fn::GetAtt": ["Ordered", "Arn"]}}


def pattern_of(p, characters):
    """A pattern of so many characters."""
    p.update(EventPattern={"source": ["shop", "x" * (characters - len('{"source":["shop",""]}'))]})


def long_pattern(p):
    p.update(EventPattern={"source": ["shop"], "detail": {"id": [f"order-{number:06d}" for number in range(140)]}})


def function_with_fifo_dead_letters(resources):
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True)
    resources["OrderedAlarm"] = alarm("Ordered")
    resources["Function"]["Properties"]["DeadLetterConfig"] = {"TargetArn": {"Fn::GetAtt": ["Ordered", "Arn"]}}


def permitted_often(resources, times):
    """As many permissions of one function as there are rules."""
    for number in range(times):
        rule = f"rule/orders/a-rule-of-usual-length-{number:03d}"
        arn = {"Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:" + rule}
        given = {"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "SourceArn": arn}
        resources[f"Permits{number}"] = resource("Lambda::Permission", FunctionName={"Ref": "Function"}, **given)


def permitted(resources, arn):
    """One permission more."""
    given = {"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "SourceArn": arn}
    resources["Permits"] = resource("Lambda::Permission", FunctionName={"Ref": "Function"}, **given)


CASES = {
    "EF401": [(None, function_with_fifo_dead_letters)],
    "EF402": [("Rule", lambda p: p.update(Targets=[{**p["Targets"][0], "Id": f"T{number}"} for number in range(6)]))],
    "EF403": [("Rule", long_pattern), ("Rule", lambda p: pattern_of(p, 2_049)), ("Rule", lambda p: pattern_of(p, 4_096))],
    "EF404": [(None, many_rules)],
    "EF405": [(None, fifo_topic_to_function)],
    "EF406": [(None, standard_topic_to_fifo_queue)],
    "EF407": [("Mapping", lambda p: p.update(FilterCriteria={"Filters": [{"Pattern": '{"body": {"a": [1]}}'}] * 10}))],
    "EF408": [("Function", lambda p: p.update(Environment={"Variables": {"TABLE": "x" * 4_092}}))],
    "EF409": [(None, many_filters)],
    "EF410": [
        (None, lambda r: fifo_target(r, deduplication=True)),
        (None, lambda r: fifo_target(r, SqsParameters={"MessageGroupId": "all"})),
        (None, fifo_topic_as_target),
    ],
    "EF411": [(None, lambda r: permitted_often(r, 80))],
}

SOUND_TOO = {
    "EF403": [("Rule", lambda p: pattern_of(p, 2_048))],
    "EF404": [(None, lambda r: many_rules(r, 299))],
    "EF409": [(None, lambda r: many_filters(r, 199))],
    "EF411": [
        (None, lambda r: permitted_often(r, 40)),
        (None, lambda r: permitted(r, UNKNOWN)),
    ],
    "EF402": [("Rule", lambda p: p.update(Targets=[{**p["Targets"][0], "Id": f"T{number}"} for number in range(5)]))],
    "EF407": [("Mapping", lambda p: p.update(FilterCriteria={"Filters": [{"Pattern": '{"body": {"a": [1]}}'}] * 5}))],
    "EF408": [("Function", lambda p: p.update(Environment={"Variables": {"TABLE": "x" * 4_091}}))],
    "EF410": [
        (None, lambda r: fifo_target(r, deduplication=True, SqsParameters={"MessageGroupId": "all"})),
        (None, lambda r: fifo_target(r, deduplication=UNKNOWN, SqsParameters={"MessageGroupId": "all"})),
    ],
}
