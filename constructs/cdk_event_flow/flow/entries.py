"""PutEvents entries, made of events in another form."""

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
