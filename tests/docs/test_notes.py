"""Every sentence of the notes stands in a table with what became of it, and all that the tables name is there."""

import pytest

from tests.docs.notes import ROOT, Row, digest, problems_of, rows_of

# By page: how many sentences its chapters have, and the digest over them in their order.
CHAPTERS = {"events-and-messaging.md": (84, "e23bcd7daffd4f71"), "lambda.md": (100, "72a2c5b632f2d0c3")}


@pytest.mark.parametrize("page", CHAPTERS)
def test_no_sentence_is_missing_and_none_was_altered(page):
    sentences = [row.sentence for row in rows_of(ROOT / "docs" / "reference" / page)]
    assert (len(sentences), digest(sentences)) == CHAPTERS[page]


@pytest.mark.parametrize("page", CHAPTERS)
def test_all_that_a_row_names_is_there(page):
    rows = rows_of(ROOT / "docs" / "reference" / page)
    assert {row.sentence: found for row in rows if (found := problems_of(row))} == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"constructs": ()}, "construct is missing"),
        ({"tests": ()}, "test is missing"),
        ({"constructs": ("Funktion",)}, "there is no construct, option, command or finding Funktion"),
        ({"constructs": ("Function(memmory)",)}, "there is no construct, option, command or finding Function(memmory)"),
        (
            {"constructs": ("Function.consume(batches)",)},
            "there is no construct, option, command or finding Function.consume(batches)",
        ),
        ({"constructs": ("Function.on_succes",)}, "there is no construct, option, command or finding Function.on_succes"),
        ({"constructs": ("event-flow rum",)}, "there is no construct, option, command or finding event-flow rum"),
        ({"constructs": ("EF999",)}, "there is no construct, option, command or finding EF999"),
        ({"examples": ("http_apis",)}, "there is no example http_apis"),
        ({"tests": ("docs/test_notes.py::test_nothing",)}, "there is no test docs/test_notes.py::test_nothing"),
        ({"tests": ("docs/test_note.py::test_nothing",)}, "there is no test docs/test_note.py::test_nothing"),
    ],
)
def test_what_is_not_there_is_said(given, said):
    good = {"constructs": ("Function.consume(batch)", "Function.role", "event-flow run", "EF901"), "examples": ("http_api", "app.py"),
            "tests": ("docs/test_notes.py::test_what_is_not_there_is_said",)}  # fmt: skip
    assert problems_of(Row("a sentence", **good)) == []
    assert problems_of(Row("a sentence", **{**good, **given})) == [said]
