"""One test for each row of a table of who gets what."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cdk_event_flow.errors import EventFlowError, TableError
from cdk_event_flow.testing.table import Row, table

if TYPE_CHECKING:
    from cdk_event_flow.flow import Flow, Sent
    from cdk_event_flow.flow.sent import Reach


def who_gets_what(rows: str | Path | Iterable[Mapping[str, Any]]) -> Callable[..., None]:
    """A test for each row, named after it: `test_who_gets_what = who_gets_what("routes.yaml")`. It uses the fixture `flow`.

    `rows` is the path of a YAML file, from the folder of the test, or a list of rows. A row has `name`; `send_to`, the
    bus, topic or queue that the event is put on; the event, as `event`, as the path of a JSON `file` from the table's
    folder, or as `sample` of a pydantic model (itself, or `module:Model`) `with` these fields; and lists of names:
    `reaches_only` are all who get it in the end (functions, and what nothing leads on from), `reaches` get it whoever
    else does, `reaches_not` do not.

    A wrong table fails the collection of the test's file with one error: its file, line, and what to change. A name
    that the app does not have fails its row.
    """
    import pytest

    caller = sys._getframe(1)
    place = Path(caller.f_code.co_filename)
    try:
        read = table(rows, folder=place.parent, written=f"{place.name}:{caller.f_lineno}")
    except TableError as error:
        raise pytest.Collector.CollectError(str(error)) from None

    @pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in read])
    def who_gets_what(flow: "Flow", row: Row) -> None:
        if said := "\n".join(_wrong(flow, row)):
            pytest.fail(said, pytrace=False)

    return who_gets_what


def _wrong(flow: "Flow", row: Row) -> Iterator[str]:
    """What is otherwise than the row says, in lines; none where nothing is."""
    try:
        sent = flow.send(row.send_to, row.event)
        missing, too_many = _missing(sent, row), _too_many(sent, row)
    except EventFlowError as error:
        yield str(TableError(f"{row.at} ({row.name})", error.problems))
        return
    if not (missing or too_many):
        return
    yield f"{row.at} ({row.name}): sent to {row.send_to},"
    for name in missing:
        yield f"  {name} does not get it:"
        yield from (f"    {line}" for line in sent.why_not(name).splitlines())
    for name, reach in too_many:
        yield f"  {name} gets it too: {reach!r}"
    if too_many:
        yield "  all that becomes of it:"
        yield from (f"    {line}" for line in sent.explain().splitlines())


def _missing(sent: "Sent", row: Row) -> list[str]:
    return [name for name in (*(row.only or ()), *row.reaches) if not sent.reaches(name)]


def _too_many(sent: "Sent", row: Row) -> list[tuple[str, "Reach"]]:
    """Who must not get it by name, then those who are not among the only ones; each with its route."""
    named = [(name, reach) for name in row.reaches_not if (reach := sent.reaches(name))]
    if row.only is None:
        return named
    expected = {sent.receiver(name).arn for name in (*row.only, *row.reaches_not)}
    return [*named, *((end.path, sent.reaches(end.arn)) for end in sent.ends if end.arn not in expected)]
