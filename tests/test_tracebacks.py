"""What is left of a traceback: the exception, however many lines its message has."""

from cdk_event_flow.tracebacks import without_frames

QUOTED = """All records failed.

Traceback (most recent call last):
  File "base.py", line 560, in _process_record
    data = self._to_batch_type(record)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "main.py", line 792, in model_validate
    return validate(
pydantic_core.ValidationError: 1 validation error for OrderRecord
body.detail.currency
  Field required [type=missing]
"""


def test_the_exception_with_its_whole_message_is_left_and_what_stood_before():
    assert without_frames(QUOTED).split("\n") == [
        "All records failed.",
        "",
        "",
        "pydantic_core.ValidationError: 1 validation error for OrderRecord",
        "body.detail.currency",
        "  Field required [type=missing]",
    ]


def test_of_chained_tracebacks_the_last_counts():
    first = 'Traceback (most recent call last):\n  File "a.py", line 1, in a\n    b()\nKeyError: 1\n\n'
    chained = first + QUOTED.partition("\n\n")[2]
    assert without_frames(chained).startswith("pydantic_core.ValidationError: ")


def test_a_text_without_a_traceback_stays():
    assert without_frames("total is negative") == "total is negative"
