"""Contracts."""

import json

from .making import ORDER, declared, resource


def declared_and_filtered_out(resources):
    declared(resources, policy={"detail-type": ["OrderSubmitted"]})
    failed = {"properties": {**ORDER["properties"], "detail-type": {"const": "PackingFailed"}}, "type": "object"}
    resources["Failed"] = resource("EventSchemas::Schema", Type="JSONSchemaDraft4", Content=json.dumps(failed))
    resources["Rule"]["Properties"]["EventPattern"]["detail-type"] = ["OrderSubmitted", "PackingFailed"]


CASES = {
    "EF701": [
        (None, lambda r: declared(r, policy={"detail": {"regoin": ["eu"]}})),
        (None, lambda r: declared(r, pattern={"detail": {"totl": [{"numeric": [">", 1]}]}})),
    ],
    "EF702": [(None, lambda r: declared(r, policy={"detail": {"region": ["eu", "apac"]}}))],
    "EF703": [
        (None, lambda r: declared(r, policy={"detail": {"note": [{"numeric": [">", 1]}]}})),
        (None, lambda r: declared(r, pattern={"detail": {"total": ["5"]}})),
    ],
    "EF704": [
        (None, lambda r: [declared(r), r["Rule"]["Properties"].update(EventPattern={"source": ["another"]})]),
        (None, declared_and_filtered_out),
    ],
}

SOUND_TOO = {
    "EF701": [(None, lambda r: declared(r, policy={"detail": {"region": ["eu"], "total": [{"exists": True}]}}))],
}
