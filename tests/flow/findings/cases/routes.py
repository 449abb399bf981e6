"""Routes that nothing takes."""

import copy
import json

from ..sound import policy_of
from .limits import pattern_of
from .making import DEAD, declared, resource


def stream_filter(resources, image=None):
    image = {"total": {"N": [{"numeric": [">", 5]}]}} if image is None else image
    filters = {"Filters": [{"Pattern": json.dumps({"dynamodb": {"NewImage": image}})}]}
    source = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026"
    resources["Stream"] = resource(
        "Lambda::EventSourceMapping", EventSourceArn=source, FunctionName={"Ref": "Function"}, FilterCriteria=filters
    )


def mapping_filter(*patterns):
    """Filters on the queue's mapping."""
    return lambda p: p.update(FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns]})


PAST = {"body": {"detail": {"region": ["eu"]}}}


def enveloped_filter(resources, *patterns):
    del resources["Subscription"]["Properties"]["RawMessageDelivery"]
    if patterns:
        mapping_filter(*patterns)(resources["Mapping"]["Properties"])


def enveloped(*patterns):
    """The queue gets envelopes, and the mapping has these filters."""
    return (None, lambda resources: enveloped_filter(resources, *patterns))


def beside_another_queue(resources):
    """Another queue of the topic has raw delivery, and its mapping the same filter."""
    resources["Another"], resources["AnotherPolicy"] = copy.deepcopy(resources["Queue"]), policy_of("Another")
    for id in ("Mapping", "Subscription"):
        # Before those of the queue that gets envelopes: what is sound does not end the looking.
        resources[f"Another{id}"] = resources.pop(id)
        resources[id] = copy.deepcopy(resources[f"Another{id}"])
    another = {"Fn::GetAtt": ["Another", "Arn"]}
    resources["AnotherMapping"]["Properties"]["EventSourceArn"] = another
    resources["AnotherSubscription"]["Properties"]["Endpoint"] = another
    resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]["Resource"] = "*"
    mapping_filter(PAST)(resources["AnotherMapping"]["Properties"])
    enveloped_filter(resources, PAST)


def straight_from_the_rule(resources):
    """The queue gets events without an envelope too, straight from the rule."""
    enveloped_filter(resources, PAST)
    target = {"Id": "Q", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "DeadLetterConfig": {"Arn": DEAD}}
    resources["Rule"]["Properties"]["Targets"].append(target)


def raw_once_and_enveloped_once(resources):
    """Two subscriptions of one queue."""
    resources["Second"] = copy.deepcopy(resources["Subscription"])
    enveloped_filter(resources, PAST)


def fed_by_nobody(resources):
    del resources["Subscription"], resources["Rule"]
    mapping_filter(PAST)(resources["Mapping"]["Properties"])


def on_a_schedule(resources, minutes=5, target=None):
    """A rule that fires by the clock."""
    targets = [target or resources["Rule"]["Properties"]["Targets"][0]]
    resources["Clock"] = resource("Events::Rule", ScheduleExpression=f"rate({minutes} minutes)", Targets=targets)


def attributes(resources, policy, *, topic="Topic"):
    """A filter by attributes, on this topic."""
    properties = resources["Subscription"]["Properties"]
    properties |= {"TopicArn": {"Ref": topic}, "FilterPolicy": policy}
    del properties["FilterPolicyScope"]


def attributes_behind_no_rule(resources):
    del resources["Rule"]
    resources["Another"] = resource("SNS::Topic")
    attributes(resources, {"region": ["eu"]}, topic="Another")


def body_filter(policy):
    return ("Subscription", lambda p: p.update(FilterPolicy=policy))


def of_rule(policy, **pattern):
    """The filter, and what of the rule's pattern is another."""

    def change(resources):
        resources["Rule"]["Properties"]["EventPattern"] = {each.replace("_", "-"): asked for each, asked in pattern.items()}
        resources["Subscription"]["Properties"]["FilterPolicy"] = policy

    return (None, change)


def of_two_rules(source, *, first="another", **target):
    """The topic is fed by a rule on this source and by the usual one, and the filter asks for `source`."""

    def change(resources):
        resources["Second"] = resources.pop("Rule")
        resources["Rule"] = copy.deepcopy(resources["Second"])
        resources["Rule"]["Properties"]["EventPattern"] = {"source": [first]}
        resources["Rule"]["Properties"]["Targets"][0].update(target)
        resources["Subscription"]["Properties"]["FilterPolicy"] = {"source": [source]}

    return (None, change)


def with_another_target(source, **more):
    """The rule has a target besides the topic."""

    def change(resources):
        target = {"Id": "Q", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "DeadLetterConfig": {"Arn": DEAD}, **more}
        resources["Rule"]["Properties"]["Targets"].insert(0, target)
        resources["Subscription"]["Properties"]["FilterPolicy"] = {"source": [source]}

    return (None, change)


def a_rule_of_another_topic(resources):
    """It lets through what the filter asks for, and not to its topic."""
    resources["Another"] = resource("SNS::Topic", Subscription=[{"Protocol": "email", "Endpoint": "someone@example.com"}])
    resources["AnotherPolicy"] = copy.deepcopy(resources["TopicPolicy"])
    resources["AnotherPolicy"]["Properties"]["Topics"] = [{"Ref": "Another"}]
    resources["AnotherPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] = "*"
    target = {"Id": "A", "Arn": {"Ref": "Another"}, "DeadLetterConfig": {"Arn": DEAD}}
    resources["Elsewhere"] = resource(
        "Events::Rule", EventPattern={"source": ["another"]}, Targets=[target], EventBusName={"Ref": "Bus"}
    )
    resources["Subscription"]["Properties"]["FilterPolicy"] = {"source": ["another"]}


def behind_a_topic_that_is_fed_something_else(resources):
    """The first subscription is of a topic that gets no events."""
    a_rule_of_another_topic(resources)
    resources["Elsewhere"]["Properties"]["Targets"][0]["InputPath"] = "$.detail"
    del resources["Another"]["Properties"]["Subscription"]
    two_subscriptions({"TopicArn": {"Ref": "Another"}}, {"source": ["another"]})[1](resources)


def reshaped(**given):
    """What the topic gets of the rule is no event."""

    def change(resources):
        resources["Rule"]["Properties"]["Targets"][0].update(given)
        resources["Subscription"]["Properties"]["FilterPolicy"] = {"source": ["another"]}

    return (None, change)


def published_by_a_function(resources, policy=None):
    """A function publishes to the topic as well."""
    resources["Publisher"] = resource("Lambda::Function", Environment={"Variables": {"TOPIC": {"Ref": "Topic"}}})
    resources["Subscription"]["Properties"]["FilterPolicy"] = policy or {"source": ["another"]}


def two_subscriptions(first, second):
    """The one that is sound stands first."""

    def change(resources):
        resources["Sound"] = resources.pop("Subscription")
        resources["Subscription"] = copy.deepcopy(resources["Sound"])
        resources["Sound"]["Properties"].update(first)
        resources["Subscription"]["Properties"]["FilterPolicy"] = second

    return (None, change)


CASES = {
    "EF101": [
        ("Rule", lambda p: p.update(EventPattern={"source": []})),
        (None, lambda r: declared(r, pattern={"detail": {"channel": "app"}})),
        ("Rule", lambda p: pattern_of(p, 4_097)),
    ],
    "EF102": [
        ("Subscription", lambda p: p.update(FilterPolicy={"a": [{"sufix": "x"}]})),
        body_filter({"source": [{"sufix": "x"}]}),
        (None, lambda r: declared(r, policy={"detail": {"note": [{"region": ["apac"]}, {"channel": ["x"]}]}})),
    ],
    "EF103": [
        ("Subscription", lambda p: p.pop("FilterPolicyScope") and p.update(FilterPolicy={"region": ["eu"]})),
        (None, lambda r: attributes(r, {"source": ["another"]})),
        (None, lambda r: [declared(r), attributes(r, {"detail": ["another"]})]),
    ],
    "EF104": [
        ("Mapping", mapping_filter({"body": {"region": []}})),
        ("Mapping", lambda p: p.update(FilterCriteria={"Filters": [{"Pattern": '{"body": {"a": [1]}}'}] * 11})),
    ],
    "EF105": [
        enveloped(PAST),
        enveloped({"body": {"Message": {"detail": {"region": ["eu"]}}}}),
        (None, beside_another_queue),
        enveloped({"body": {"Type": ["Notification"], "MessageAttributes": {"a": ["b"]}, "detail": {"region": ["eu"]}}}),
    ],
    "EF106": [("Mapping", mapping_filter({"messageAttributes": {"region": {"stringValue": ["eu"]}}}))],
    "EF107": [("Rule", lambda p: p.update(Targets=[]))],
    "EF108": [(None, lambda r: [r.pop(id) for id in ("Subscription", "Queue", "Mapping", "Function")])],
    "EF109": [
        (None, stream_filter),
        (
            None,
            lambda r: stream_filter(
                r, {"state": {"S": ["paid"]}, "$or": [{"id": {"S": ["a"]}}, {"total": {"N": ["1", {"numeric": [">", 5]}]}}]}
            ),
        ),
    ],
    "EF110": [
        ("Subscription", lambda p: p.update(FilterPolicy={"source": ["shopp"]})),
        ("Subscription", lambda p: p.update(FilterPolicy={"source": [{"prefix": "shop."}]})),
        of_rule({"detail-type": ["Sold"]}, detail_type=["Bought"]),
        of_rule({"account": ["1"]}, account=["2"]),
        of_rule({"region": ["eu-west-1"]}, region=["us-east-1"]),
        of_rule({"source": ["a"], "detail-type": ["Sold"]}, source=["b"], detail_type=["Bought"]),
        of_two_rules("third"),
        with_another_target("another", InputPath="$.detail"),
        (None, a_rule_of_another_topic),
        two_subscriptions({"FilterPolicy": None}, {"source": ["another"]}),
        (None, behind_a_topic_that_is_fed_something_else),
        (None, lambda r: declared(r, policy={"detail-type": ["Nothing"], "detail": {"zzz": ["x"]}})),
    ],
}

SOUND_TOO = {
    "EF101": [(None, on_a_schedule)],
    "EF103": [(None, attributes_behind_no_rule)],
    "EF105": [
        ("Mapping", mapping_filter({"body": {"detail": {"region": ["eu"]}}})),
        enveloped(),
        enveloped({"body": {"Type": ["Notification"], "Subject": ["x"], "Message": [{"prefix": "{"}]}}),
        enveloped({"body": {"MessageAttributes": {"a": {"Value": ["b"]}}}}),
        enveloped({"body": {"$or": [{"detail": {"region": ["eu"]}}, {"Type": ["Notification"]}]}}),
        enveloped({"$or": [PAST, {"body": {"Type": ["Notification"]}}]}),
        enveloped(PAST, {"body": {"Type": ["Notification"]}}),
        (None, straight_from_the_rule),
        (None, raw_once_and_enveloped_once),
        (None, fed_by_nobody),
    ],
    "EF106": [("Mapping", mapping_filter({"$or": [{"body": {"a": [1]}}, {"body": {"b": [1]}}]}))],
    "EF108": [(None, lambda r: r.update(Unused=resource("SNS::Topic")))],
    "EF109": [
        ("Mapping", mapping_filter({"body": {"total": {"N": [{"numeric": [">", 5]}]}}})),
        (None, lambda r: stream_filter(r, {"total": {"N": ["numeric", {"prefix": "5"}]}})),
        (None, lambda r: stream_filter(r, {"N": {"N": ["5"]}, "$or": [{"a": {"S": ["numeric"]}}, {"b": {"S": ["x"]}}]})),
    ],
    "EF110": [
        ("Subscription", lambda p: p.update(FilterPolicy={"source": [{"prefix": "sho"}]})),
        ("Subscription", lambda p: p.pop("FilterPolicy")),
        body_filter({"detail-type": ["Sold"]}),
        of_rule({"source": ["another"]}, source=[{"prefix": "sh"}]),
        of_rule({"source": ["another"]}, source=["shop", {"prefix": "sh"}]),
        of_two_rules("another"),
        (None, lambda r: [r.pop("Rule"), r["Subscription"]["Properties"].update(FilterPolicy={"source": ["another"]})]),
        (None, lambda r: [on_a_schedule(r), r["Subscription"]["Properties"].update(FilterPolicy={"source": ["another"]})]),
        reshaped(Input="{}"),
        reshaped(InputPath="$.detail"),
        reshaped(InputTransformer={"InputTemplate": '"x"'}),
        of_two_rules("third", InputPath="$.detail"),
        (None, published_by_a_function),
    ],
}
