"""Contracts."""

import copy
import json

from .making import ORDER, declared, resource


def declared_and_filtered_out(resources):
    declared(resources, policy={"detail-type": ["OrderSubmitted"]})
    failed = {"properties": {**ORDER["properties"], "detail-type": {"const": "PackingFailed"}}, "type": "object"}
    resources["Failed"] = resource("EventSchemas::Schema", Type="JSONSchemaDraft4", Content=json.dumps(failed))
    resources["Rule"]["Properties"]["EventPattern"]["detail-type"] = ["OrderSubmitted", "PackingFailed"]


def asked(value, key="detail"):
    """The filter of the subscription asks for this of the declared order."""
    return (None, lambda r: declared(r, policy={key: value}))


def reshaped(resources):
    """The topic gets the detail alone, of which the contract says nothing."""
    declared(resources, policy={"regoin": ["eu"]})
    resources["Rule"]["Properties"]["Targets"][0]["InputPath"] = "$.detail"


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
    ],
    "EF702": [
        (None, lambda r: declared(r, policy={"detail": {"region": ["eu", "apac"]}})),
        asked({"channel": ["app", "web"]}),
        asked({"$or": [{"region": ["apac"]}, {"region": ["eu"]}]}),
    ],
    "EF703": [
        asked({"channel": ["web", {"numeric": [">", 1]}]}),
        asked({"size": [1, {"prefix": "x"}]}),
        asked({"total": [5, {"equals-ignore-case": "x"}]}),
        asked({"count": [5, "5"]}),
        (None, lambda r: declared(r, policy={"detail": {"note": [{"numeric": [">", 1]}]}})),
        (None, lambda r: declared(r, pattern={"detail": {"total": ["5"]}})),
    ],
    "EF704": [
        (None, lambda r: [declared(r), r["Rule"]["Properties"].update(EventPattern={"source": ["another"]})]),
        (None, declared_and_filtered_out),
        (None, reshaped),  # what the filter may ask for is not known
        (None, fed_by_another_too),
    ],
}

SOUND_TOO = {
    "EF701": [
        (None, lambda r: declared(r, policy={"detail": {"region": ["eu"], "total": [{"exists": True}]}})),
    ],
    "EF702": [asked({"channel": ["web"], "size": [1, {"exists": True}]})],
    "EF703": [asked({"count": [{"numeric": [">", 1]}], "note": [{"anything-but": 5}], "channel": [{"prefix": "w"}]})],
}
