"""PutEvents entries: what EventBridge refuses in one, and events given in another form turned into entries."""

import json
from collections.abc import Mapping
from typing import Any

from cdk_event_flow.errors import EventError, Problem


def entry_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """An entry for an event given as an entry (`Source`, `Detail`) or as rules see it (`source`, `detail`).

    Raises EventError (EF-EVENT-FORM) for anything else.
    """
    if "Source" in event or "DetailType" in event:
        entry = dict(event)
        if isinstance(entry.get("Detail"), Mapping):
            entry["Detail"] = json.dumps(entry["Detail"])
        return entry
    if "source" not in event or "detail-type" not in event:
        problem = Problem(
            code="EF-EVENT-FORM",
            given=f"the event has the keys {', '.join(map(str, event)) or '(none)'}",
            allowed="EventBridge needs source, detail-type and detail",
            fix='send {"source": …, "detail-type": …, "detail": {…}}',
        )
        raise EventError("event", problem)
    entry = {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event.get("detail", {})),
        "Resources": list(event.get("resources", ())),
    }
    if "time" in event:
        entry["Time"] = event["time"]
    if "EventBusName" in event:
        entry["EventBusName"] = event["EventBusName"]
    return entry


def refusal(entry: Mapping[str, Any], *, trusted: bool = False) -> tuple[str, str] | None:
    """Error code and message with which EventBridge refuses an entry; None when it takes it.

    `trusted` allows the sources of AWS's own services.
    """
    for key in ("Source", "DetailType", "Detail"):
        if not entry.get(key):
            return "InvalidArgument", f"Parameter {key} is not valid. Reason: {key} is a required argument."
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        return "MalformedDetail", "Detail is malformed."
    if not isinstance(detail, dict):
        return "MalformedDetail", "Detail is malformed."
    if not trusted and str(entry["Source"]).startswith("aws."):
        return "NotAuthorizedForSourceException", "Not authorized for the source."
    return None
