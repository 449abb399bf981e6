"""What the page on schedules shows is what the command prints."""

from tests.examples.readme import printed

from .blocks import blocks_of, run_by


def test_the_times_shown_are_the_times_of_the_reference_app(assembly, monkeypatch):
    (shown,) = run_by("docs/test_schedules_page.py::test_the_times_shown_are_the_times_of_the_reference_app")
    (command,) = (block.text.split() for block in blocks_of(shown.page) if block.kind == "sh")
    assert printed([*command[1:], "--template", str(assembly)], monkeypatch) == shown.text
