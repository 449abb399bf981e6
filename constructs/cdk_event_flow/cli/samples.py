"""The events that the page begins with: those of the app's folder `events`."""

from pathlib import Path
from typing import Any

from cdk_event_flow.errors import EventError
from cdk_event_flow.flow.event_files import events_of

FOLDER = "events"
MOST = 200


def saved_samples(app: Path) -> list[tuple[str, dict[str, Any]]]:
    """The events of the `*.json` in the folder `events` of `app`, if it is there; what is no event is left out."""
    found: list[tuple[str, dict[str, Any]]] = []
    folder = app / FOLDER
    for file in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            found.extend(events_of(file))
        except EventError:
            continue  # a folder of this name may hold other things too
    return found[:MOST]
