"""Amazon CloudWatch Logs, as far as the functions' own log groups are read; the rest is moto's."""

import re
from collections.abc import Mapping
from typing import Any

from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.services.service import Result, Service
from cdk_event_flow.local.wire import Caller, ServiceError

MOST_EVENTS = 10_000  # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
_TERM = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s"{}\[\]?%-]+)')


class Logs(Service):
    """Reading what functions wrote."""

    name = "logs"

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._book = engine.logbook
        self._groups = {function.log_group for function in engine.functions.by_arn.values()}
        self.operations = {"FilterLogEvents": self._filter}

    def knows(self, operation: str, parameters: Mapping[str, Any]) -> bool:
        """See Service. A group that the handlers made by themselves is moto's."""
        group = parameters.get("logGroupName")
        return super().knows(operation, parameters) and isinstance(group, str) and (group in self._groups or group in self._book)

    def _filter(self, parameters: dict[str, Any], _: Caller) -> Result:
        group = str(parameters["logGroupName"])
        if group not in self._book:
            raise ServiceError("ResourceNotFoundException", "The specified log group does not exist.")
        terms = _terms(parameters.get("filterPattern") or "")
        begin, end = parameters.get("startTime") or 0, parameters.get("endTime")
        found = [
            event
            for event in self._book.lines(group)
            if event.at >= begin and (end is None or event.at < end) and all(term in event.text for term in terms)
        ]
        start = int(parameters.get("nextToken") or 0)
        stop = start + (parameters.get("limit") or MOST_EVENTS)
        shown = [
            {"logStreamName": e.stream, "timestamp": e.at, "message": e.text, "ingestionTime": e.taken, "eventId": e.id}
            for e in found[start:stop]
        ]
        return {"events": shown, "searchedLogStreams": []} | ({"nextToken": str(stop)} if stop < len(found) else {})


def _terms(pattern: str) -> list[str]:
    """The terms that all must occur. Patterns on JSON fields and optional terms are not answered here."""
    if _TERM.sub("", pattern).strip():
        raise ServiceError("InvalidParameterException", "this run filters logs by plain and quoted terms only")
    return [quoted.replace('\\"', '"').replace("\\\\", "\\") or plain for quoted, plain in _TERM.findall(pattern)]
