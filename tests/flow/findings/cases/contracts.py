"""Contracts."""

import copy
import json

from .making import DEAD, ORDER, declared, resource


def failures(resources, *, taken=True, **detail):
    """A second kind of event, with these fields besides or instead; the rule takes it as well."""
    fields = {**ORDER["properties"], "detail-type": {"const": "PackingFailed"}}
    fields["detail"] = {**fields["detail"], "properties": {**fields["detail"]["properties"], **detail}}
    failed = {"properties": fields, "type": "object"}
    resources["Failed"] = resource("EventSchemas::Schema", Type="JSONSchemaDraft4", Content=json.dumps(failed))
    if taken:
        resources["Rule"]["Properties"]["EventPattern"]["detail-type"] = ["OrderSubmitted", "PackingFailed"]


def declared_and_filtered_out(resources):
    declared(resources, policy={"detail-type": ["OrderSubmitted"]})
    failures(resources)


def two_kinds(policy, *, taken=True, **detail):
    """Both kinds are declared, and what the filter asks for."""
    return (None, lambda r: [declared(r, policy=policy), failures(r, taken=taken, **detail)])


def taken_twice(policy, **detail):
    """Both kinds are declared, and a second rule takes the second kind without a filter."""

    def change(resources):
        two_kinds(policy, **detail)[1](resources)
        target = {"Id": "Q", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "DeadLetterConfig": {"Arn": DEAD}}
        second = {"EventBusName": {"Ref": "Bus"}, "EventPattern": {"detail-type": ["PackingFailed"]}, "Targets": [target]}
        resources["Second"] = resource("Events::Rule", **second)

    return (None, change)


def of_types(*types, **more):
    """The rule takes these detail-types, and asks for a key that no order has."""
    return (None, lambda r: declared(r, pattern={"detail-type": list(types), "detail": {"zzz": ["x"]}, **more}))


def field(schema, *asked):
    """A field of the order's detail, and what the filter asks of it."""
    order = copy.deepcopy(ORDER)
    order["properties"]["detail"]["properties"]["field"] = schema
    return (None, lambda r: declared(r, policy={"detail": {"field": list(asked)}}, schema=order))


def beside_the_detail(schema, *asked):
    order = copy.deepcopy(ORDER)
    order["properties"]["tenant"] = schema
    return (None, lambda r: declared(r, policy={"tenant": list(asked)}, schema=order))


def of_another_bus(resources):
    """The rule takes something else, and a rule of another bus what that one has."""
    declared(resources)
    resources["Rule"]["Properties"]["EventPattern"] = {"source": ["another"]}
    target = {"Id": "Q", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "DeadLetterConfig": {"Arn": DEAD}}
    resources["Aside"] = resource("Events::Rule", EventPattern={"source": ["third"]}, Targets=[target])


def beside_another_target(resources):
    """A rule of events that nobody declares has the queue as its target, not the topic."""
    declared(resources, policy={"detail": {"zzz": ["x"]}})
    target = {"Id": "Q", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "DeadLetterConfig": {"Arn": DEAD}, "InputPath": "$.detail"}
    resources["Aside"] = resource("Events::Rule", EventPattern={"source": ["third"]}, Targets=[target])


def after_one_of_attributes(resources):
    """The first subscription looks at attributes, of a topic that nothing of the template feeds; the second is wrong."""
    declared(resources)
    resources["Unfed"] = resource("SNS::Topic")
    resources["Wrong"] = copy.deepcopy(resources["Subscription"])
    resources["Wrong"]["Properties"]["FilterPolicy"] = {"detail": {"zzz": ["x"]}}
    attributes = resources["Subscription"]["Properties"]
    del attributes["FilterPolicyScope"]
    attributes.update(TopicArn={"Ref": "Unfed"}, FilterPolicy={"region": ["eu"]})


def after_one_of_something_else(resources):
    """The first subscription's topic gets no events; the second is wrong."""
    declared(resources)
    resources["Reshaped"] = resource("SNS::Topic")
    resources["ReshapedPolicy"] = copy.deepcopy(resources["TopicPolicy"])
    resources["ReshapedPolicy"]["Properties"]["Topics"] = [{"Ref": "Reshaped"}]
    resources["ReshapedPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] = "*"
    target = {"Id": "R", "Arn": {"Ref": "Reshaped"}, "DeadLetterConfig": {"Arn": DEAD}, "InputPath": "$.detail"}
    resources["Rule"]["Properties"]["Targets"].append(target)
    resources["Wrong"] = copy.deepcopy(resources["Subscription"])
    resources["Wrong"]["Properties"]["FilterPolicy"] = {"detail": {"zzz": ["x"]}}
    resources["Subscription"]["Properties"]["TopicArn"] = {"Ref": "Reshaped"}


def published_by_a_function(resources):
    declared(resources, policy={"detail": {"zzz": ["x"]}})
    resources["Publisher"] = resource("Lambda::Function", Environment={"Variables": {"TOPIC": {"Ref": "Topic"}}})


def asked(value, key="detail"):
    """The filter of the subscription asks for this of the declared order."""
    return (None, lambda r: declared(r, policy={key: value}))


def reshaped(resources, **given):
    """The topic gets the detail alone, of which the contract says nothing."""
    declared(resources, policy={"regoin": ["eu"]})
    resources["Rule"]["Properties"]["Targets"][0].update(given or {"InputPath": "$.detail"})


def reshaped_once(resources):
    """Two rules feed the topic, and one of them does not give it events."""
    declared(resources, policy={"detail": {"regoin": ["eu"]}})
    resources["Other"] = copy.deepcopy(resources["Rule"])
    resources["Other"]["Properties"]["Targets"][0]["InputPath"] = "$.detail"


def fed_by_another_too(resources):
    """The topic gets events of another rule, which nobody declares."""
    declared(resources, policy={"detail": {"regoin": ["eu"]}})
    resources["Other"] = copy.deepcopy(resources["Rule"])
    resources["Other"]["Properties"]["EventPattern"] = {"detail-type": ["Undeclared"]}


CASES = {
    "EF701": [
        asked({"zzz": ["x"]}),
        (None, lambda r: declared(r, policy={"detail": {"regoin": ["eu"]}})),
        (None, lambda r: declared(r, pattern={"detail": {"totl": [{"numeric": [">", 1]}]}})),
        two_kinds({"detail-type": ["OrderSubmitted"], "detail": {"zzz": ["x"]}}),
        two_kinds({"detail": {"zzz": ["x"]}}, taken=False),
        (None, beside_another_target),
        (None, after_one_of_attributes),
        (None, after_one_of_something_else),
        (None, lambda r: declared(r, pattern={"detail": {"$or": ["zzz"]}})),
        (None, lambda r: declared(r, pattern={"detail": {"$or": [{"regoin": ["eu"]}, {"region": ["eu"]}]}})),
    ],
    "EF702": [
        (None, lambda r: declared(r, policy={"detail": {"region": ["eu", "apac"]}})),
        asked({"channel": ["app", "web"]}),
        asked({"$or": [{"region": ["apac"]}, {"region": ["eu"]}]}),
        beside_the_detail({"enum": ["a", "b"]}, "c"),
    ],
    "EF703": [
        asked({"channel": ["web", {"numeric": [">", 1]}]}),
        asked({"size": [1, {"prefix": "x"}]}),
        asked({"total": [5, {"equals-ignore-case": "x"}]}),
        asked({"count": [5, "5"]}),
        (None, lambda r: declared(r, policy={"detail": {"note": [{"numeric": [">", 1]}]}})),
        (None, lambda r: declared(r, pattern={"detail": {"total": ["5"]}})),
        asked({"total": [{"suffix": "x"}], "size": [{"cidr": "10.0.0.0/8"}]}),
        (None, lambda r: declared(r, pattern={"detail": {"total": [{"wildcard": "*x"}]}})),
        field({"type": ["string", "null"], "enum": ["a", None]}, {"numeric": [">", 1]}),
        asked({"note": [True, 5, 1.5]}),
        field({"const": True}, {"prefix": "y"}),
    ],
    "EF704": [
        (None, lambda r: [declared(r), r["Rule"]["Properties"].update(EventPattern={"source": ["another"]})]),
        (None, declared_and_filtered_out),
        (None, reshaped),  # what the filter may ask for is not known
        (None, fed_by_another_too),
        (None, lambda r: reshaped(r, Input="{}")),
        (None, lambda r: reshaped(r, InputTransformer={"InputTemplate": '"x"'})),
        (None, reshaped_once),
        (None, of_another_bus),
        of_types("OrderSubmitted", "Undeclared"),
        of_types({"prefix": "Order"}),
        of_types("OrderSubmitted", {"prefix": "Order"}),
        (None, published_by_a_function),
    ],
}

SOUND_TOO = {
    "EF701": [
        (None, lambda r: declared(r, policy={"detail": {"region": ["eu"], "total": [{"exists": True}]}})),
    ],
    "EF702": [
        asked({"channel": ["web"], "size": [1, {"exists": True}]}),
        asked(["another", "shop"], key="source"),
        field({"type": "string"}, "anything"),
        taken_twice({"detail": {"region": ["eu", "apac"]}}, region={"type": "string"}),
    ],
    "EF704": [
        (None, lambda r: [declared(r), r.pop("Rule")]),
        two_kinds({"detail": {"region": ["eu"]}}, region={"type": "string"}),
        (None, lambda r: [declared(r), r["Subscription"]["Properties"].pop("FilterPolicy")]),
    ],
    "EF703": [
        field({"type": ["string", "number"]}, {"prefix": "a"}, {"numeric": [">", 1]}),
        field({"type": "integer"}, 5),
        taken_twice({"detail": {"total": [{"prefix": "5"}, {"numeric": [">", 1]}]}}, total={"description": "whatever"}),
        asked({"count": [{"numeric": [">", 1]}], "note": [{"anything-but": 5}], "channel": [{"prefix": "w"}]}),
    ],
}
