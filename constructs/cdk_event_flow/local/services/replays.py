"""Archives and replays of Amazon EventBridge, answered by the run's own archives."""

from typing import Any

from cdk_event_flow.local.archives import LocalArchive, Replay, Replays
from cdk_event_flow.local.services.service import Operation, Result
from cdk_event_flow.local.wire import Caller, ServiceError


class ReplayOperations:
    """The operations, by name, for the service that they are a part of."""

    def __init__(self, replays: Replays) -> None:
        self._replays = replays
        self.operations: dict[str, Operation] = {
            "ListArchives": self._list_archives,
            "DescribeArchive": self._describe_archive,
            "StartReplay": self._start,
            "DescribeReplay": self._describe,
            "ListReplays": self._list,
            "CancelReplay": self._cancel,
        }

    def _archive(self, name: str) -> LocalArchive:
        archive = self._replays.archive(name)
        if archive is None:
            raise ServiceError("ResourceNotFoundException", f"Archive {name} does not exist.")
        return archive

    def _list_archives(self, _: dict[str, Any], __: Caller) -> Result:
        return {"Archives": [_shown_archive(archive) for archive in self._replays.archives]}

    def _describe_archive(self, parameters: dict[str, Any], _: Caller) -> Result:
        archive = self._archive(parameters["ArchiveName"])
        return {**_shown_archive(archive), "ArchiveArn": archive.node.arn}

    def _start(self, parameters: dict[str, Any], _: Caller) -> Result:
        name, archive = parameters["ReplayName"], self._archive(parameters["EventSourceArn"])
        start, end = parameters["EventStartTime"].timestamp(), parameters["EventEndTime"].timestamp()
        destination = parameters["Destination"]
        if name in self._replays.by_name:
            raise ServiceError("ResourceAlreadyExistsException", f"Replay {name} already exists.")
        if end <= start:
            raise ServiceError(
                "ValidationException", "Parameter EventEndTime is not valid. Reason: EventStartTime must be before it."
            )
        if destination["Arn"] != archive.bus.node.arn:
            message = "Parameter Destination.Arn is not valid. Reason: Must contain the event bus of the archive."
            raise ServiceError("ValidationException", message)
        rules = frozenset(destination.get("FilterArns") or ())
        replay = self._replays.start(name, archive, start=start, end=end, rules=rules)
        return {"ReplayArn": _arn(replay), "State": "STARTING", "ReplayStartTime": replay.began}

    def _replay(self, parameters: dict[str, Any]) -> Replay:
        name = parameters["ReplayName"]
        if name not in self._replays.by_name:
            raise ServiceError("ResourceNotFoundException", f"Replay {name} does not exist.")
        return self._replays.by_name[name]

    def _describe(self, parameters: dict[str, Any], _: Caller) -> Result:
        replay = self._replay(parameters)
        destination = {"Arn": replay.archive.bus.node.arn, "FilterArns": sorted(replay.rules)}
        return {**_shown(replay), "ReplayArn": _arn(replay), "Destination": destination}

    def _list(self, parameters: dict[str, Any], _: Caller) -> Result:
        prefix, state = parameters.get("NamePrefix") or "", parameters.get("State")
        found = [each for each in self._replays.by_name.values() if each.name.startswith(prefix) and state in (None, each.state)]
        return {"Replays": [_shown(replay) for replay in found]}

    def _cancel(self, parameters: dict[str, Any], _: Caller) -> Result:
        replay = self._replay(parameters)
        if replay.state != "RUNNING":
            raise ServiceError("IllegalStatusException", f"Replay {replay.name} is not in a valid state for this operation.")
        self._replays.cancel(replay)
        return {"ReplayArn": _arn(replay), "State": "CANCELLING"}


def _arn(replay: Replay) -> str:
    return f"{replay.archive.bus.node.arn.split(':event-bus/')[0]}:replay/{replay.name}"


def _shown(replay: Replay) -> dict[str, Any]:
    times = {"EventLastReplayedTime": replay.last, "ReplayEndTime": replay.ended}
    return {
        "ReplayName": replay.name,
        "EventSourceArn": replay.archive.node.arn,
        "State": replay.state,
        "EventStartTime": replay.start,
        "EventEndTime": replay.end,
        "ReplayStartTime": replay.began,
        **{name: at for name, at in times.items() if at is not None},
    }


def _shown_archive(archive: LocalArchive) -> dict[str, Any]:
    return {
        "ArchiveName": archive.node.name,
        "EventSourceArn": archive.bus.node.arn,
        "State": "ENABLED",
        "EventCount": len(archive),
    }
