"""Routes that nothing takes."""

import json

from .making import resource


def stream_filter(resources):
    filters = {"Filters": [{"Pattern": json.dumps({"dynamodb": {"NewImage": {"total": {"N": [{"numeric": [">", 5]}]}}}})}]}
    source = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026"
    resources["Stream"] = resource(
        "Lambda::EventSourceMapping", EventSourceArn=source, FunctionName={"Ref": "Function"}, FilterCriteria=filters
    )


def mapping_filter(pattern):
    """A filter on the queue's mapping."""
    return lambda p: p.update(FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})


def enveloped_filter(resources):
    del resources["Subscription"]["Properties"]["RawMessageDelivery"]
    mapping_filter({"body": {"detail": {"region": ["eu"]}}})(resources["Mapping"]["Properties"])


def enveloped_message_filter(resources):
    del resources["Subscription"]["Properties"]["RawMessageDelivery"]
    mapping_filter({"body": {"Message": {"detail": {"region": ["eu"]}}}})(resources["Mapping"]["Properties"])


CASES = {
    "EF101": [("Rule", lambda p: p.update(EventPattern={"source": []}))],
    "EF102": [("Subscription", lambda p: p.update(FilterPolicy={"a": [{"sufix": "x"}]}))],
    "EF103": [("Subscription", lambda p: p.pop("FilterPolicyScope") and p.update(FilterPolicy={"region": ["eu"]}))],
    "EF104": [
        ("Mapping", mapping_filter({"body": {"region": []}})),
        ("Mapping", lambda p: p.update(FilterCriteria={"Filters": [{"Pattern": '{"body": {"a": [1]}}'}] * 11})),
    ],
    "EF105": [(None, enveloped_filter), (None, enveloped_message_filter)],
    "EF106": [("Mapping", mapping_filter({"messageAttributes": {"region": {"stringValue": ["eu"]}}}))],
    "EF107": [("Rule", lambda p: p.update(Targets=[]))],
    "EF108": [(None, lambda r: [r.pop(id) for id in ("Subscription", "Queue", "Mapping", "Function")])],
    "EF109": [(None, stream_filter)],
    "EF110": [
        ("Subscription", lambda p: p.update(FilterPolicy={"source": ["shopp"]})),
        ("Subscription", lambda p: p.update(FilterPolicy={"source": [{"prefix": "shop."}]})),
    ],
}

SOUND_TOO = {
    "EF105": [("Mapping", mapping_filter({"body": {"detail": {"region": ["eu"]}}}))],
    "EF110": [("Subscription", lambda p: p.update(FilterPolicy={"source": [{"prefix": "sho"}]}))],
}
