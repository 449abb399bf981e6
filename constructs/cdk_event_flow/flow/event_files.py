"""Events as they lie in files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cdk_event_flow.errors import EventError, Problem


def events_of(place: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events of a file, or of every `*.json` in a folder, with the name of where each was. Raises EventError (EF-EVENT)."""
    if not place.is_dir():
        yield from events_in(place.name, _text(place))
        return
    files = sorted(place.glob("*.json"))
    if not files:
        raise _refused(str(place), "the folder has no *.json")
    for file in files:
        yield from events_in(file.name, _text(file))


def events_in(name: str, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events in a text: one, a list of them, or PutEvents' `{"Entries": […]}`. Raises EventError (EF-EVENT)."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused(name, f"it is not JSON: {error}") from None
    if isinstance(found, dict) and isinstance(found.get("Entries"), list):
        found = found["Entries"]
    events = found if isinstance(found, list) else [found]
    for number, event in enumerate(events, start=1):
        if not isinstance(event, dict):
            raise _refused(name, f"it holds {json.dumps(event)[:60]}, which is no event")
        yield (name if len(events) == 1 else f"{name}[{number}]"), event


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise _refused(str(file), f"it cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise _refused(str(file), f"it is not UTF-8: {error.reason} at byte {error.start}") from None


def _refused(at: str, given: str) -> EventError:
    problem = Problem(code="EF-EVENT", given=given, allowed="an event is a JSON object in a file", fix="correct the file")
    return EventError(at, problem)
