"""Tables of who gets what: rows as people write them, checked before a test runs."""

import difflib
import importlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdk_event_flow.errors import EventFlowError, Problem, TableError
from cdk_event_flow.flow.event_files import events_of
from cdk_event_flow.testing.rows import rows_in
from cdk_event_flow.testing.samples import sample

_EVENTS = ("event", "file", "sample")
_WANTS = ("reaches_only", "reaches", "reaches_not")
_KEYS = ("name", "send_to", *_EVENTS, "with", *_WANTS)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: `event` is put on `send_to`; `only` are all who get it in the end, None where others may get it too."""

    at: str
    name: str
    send_to: str
    event: Any
    only: tuple[str, ...] | None
    reaches: tuple[str, ...]
    reaches_not: tuple[str, ...]


def table(rows: str | Path | Iterable[Mapping[str, Any]], *, folder: Path, written: str) -> tuple[Row, ...]:
    """The rows of a YAML file in `folder`, or of a list that stands at `written`, their events read. Raises TableError."""
    if isinstance(rows, str | Path):
        file, written = folder / rows, str(rows)
        folder = file.parent
        placed: Iterable[tuple[str, Any]] = ((f"{written}:{line}", row) for line, row in rows_in(file, written))
    else:
        placed = ((f"{written}, row {number}", row) for number, row in enumerate(rows, start=1))
    read: dict[str, Row] = {}
    for at, row in placed:
        made = _row(at, row, folder)
        if made.name in read:
            raise TableError(
                at, _wrong(f"{made.name!r} is the name of {read[made.name].at} too", "names differ", "change one of them")
            )
        read[made.name] = made
    if not read:
        raise TableError(written, _wrong("it has no rows", "a table has one or more", "write one, or take the table away"))
    return tuple(read.values())


def _row(at: str, row: Any, folder: Path) -> Row:
    if not isinstance(row, Mapping):
        raise TableError(at, _wrong(f"the row is {_shown(row)}", f"a row has the keys {', '.join(_KEYS)}", "write it as `name: …`"))
    if problems := list(_problems(row)):
        raise TableError(at, problems)
    return Row(
        at=at,
        name=row["name"],
        send_to=row["send_to"],
        event=_event(at, row, folder),
        only=tuple(row["reaches_only"]) if "reaches_only" in row else None,
        reaches=tuple(row.get("reaches", ())),
        reaches_not=tuple(row.get("reaches_not", ())),
    )


def _problems(row: Mapping[str, Any]) -> Iterator[Problem]:
    """All that is wrong with the form of a row."""
    for key in row:
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, n=1)
            fix = f"did you mean {near[0]}?" if near else "take it away"
            yield _wrong(f"there is no key {key!r}", f"a row has {', '.join(_KEYS)}", fix)
    for key in ("name", "send_to"):
        if not (isinstance(row.get(key), str) and row[key]):
            yield _wrong(f"{key} is {_shown(row.get(key))}", "it is a text", f"write `{key}: …`")
    events = [key for key in _EVENTS if key in row]
    if len(events) != 1:
        given = " and ".join(events) or "no event"
        yield _wrong(f"the row has {given}", f"it has exactly one of {', '.join(_EVENTS)}", "say what is sent, once")
    if "with" in row and not ("sample" in row and isinstance(row["with"], Mapping)):
        yield _wrong(
            f"with is {_shown(row['with'])}", "it gives fields of a sample by name", "write `with: {total: 5}` beside a sample"
        )
    wants = [key for key in _WANTS if key in row]
    for key in wants:
        if not (isinstance(row[key], list | tuple) and all(isinstance(each, str) for each in row[key])):
            yield _wrong(f"{key} is {_shown(row[key])}", "it is a list of names", f"write `{key}: [Billing]`")
            return
    if not any(key == "reaches_only" or row[key] for key in wants):
        yield _wrong("the row says nobody who gets it or must not", f"it has {', '.join(_WANTS)}", "for nobody: `reaches_only: []`")
    if "reaches_only" in wants and "reaches" in wants:
        yield _wrong("the row has reaches_only and reaches", "reaches_only is all who get it", "put all names into one of them")
    for name in sorted({*row.get("reaches_only", ()), *row.get("reaches", ())} & {*row.get("reaches_not", ())}):
        yield _wrong(f"{name} must get it and must not", "it cannot be both", "take one away")


def _event(at: str, row: Mapping[str, Any], folder: Path) -> Any:
    """What is sent: as it stands, from its file, or a sample."""
    try:
        if "file" in row:
            return _only_event(at, folder, row["file"])
        event = sample(_model(at, row["sample"]), **row.get("with", {})) if "sample" in row else row["event"]
        json.dumps(event)
    except EventFlowError as error:
        raise TableError(at, error.problems) from None
    except (TypeError, ValueError, RecursionError) as error:  # what is no JSON, and pydantic's refusal of a sample
        said = " ".join(str(error).split())
        raise TableError(at, _wrong(f"the event cannot be made: {said}", "an event is JSON", "correct the row")) from None
    return event


def _only_event(at: str, folder: Path, name: Any) -> Any:
    if not isinstance(name, str):
        raise TableError(at, _wrong(f"file is {_shown(name)}", "it is the path of a JSON file", "write `file: events/order.json`"))
    try:
        events = [event for _, event in events_of(folder / name)]
    except EventFlowError as error:
        given = f"{name}: {error.problems[0].given}"
        raise TableError(at, _wrong(given, "a row sends the event of a file", "correct the path or the file")) from None
    if len(events) != 1:
        given = f"{name} holds {len(events)} events"
        raise TableError(at, _wrong(given, "a row sends one", "give each a file, or write it as event"))
    return events[0]


def _model(at: str, given: Any) -> Any:
    """A pydantic model: itself, or `module:Model`."""
    allowed, fix = "a sample is of a pydantic model", "write `sample: shop.events:OrderSubmitted`"
    model = given
    if isinstance(given, str):
        module, _, name = given.partition(":")
        if not (module and name):
            raise TableError(at, _wrong(f"sample is {given!r}", allowed, fix))
        try:
            model = getattr(importlib.import_module(module), name)
        except Exception as error:  # whatever the module does when it is imported
            said = f"sample {given!r} cannot be imported: {type(error).__name__}: {error}"
            raise TableError(at, _wrong(said, allowed, fix)) from None
    if not hasattr(model, "model_json_schema"):
        raise TableError(at, _wrong(f"sample is {_shown(model)}", allowed, fix))
    return model


def _shown(value: Any) -> str:
    return "missing" if value is None else repr(value)[:60]


def _wrong(given: str, allowed: str, fix: str) -> Problem:
    return Problem(code="EF-TABLE", given=given, allowed=allowed, fix=fix)
