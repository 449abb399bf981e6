"""PutEvents entries: what EventBridge refuses in one."""

import json
from collections.abc import Mapping
from typing import Any


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
