"""The template with every type: what is read of it, said of it and sent through it stays as it is, unless it is meant to change."""

from .everything import FILE, lines


def test_all_that_is_read_said_and_sent_is_as_it_was():
    assert lines() == FILE.read_text("utf-8").splitlines(), "python -m tests.flow.everything writes it again"
