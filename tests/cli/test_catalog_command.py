"""`event-flow catalog` into a folder, and what it says of a folder that is out of date."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

EVENT_FLOW = Path(sys.executable).with_name("event-flow")


def ran(folder, *arguments, status=0):
    """What the command prints on standard output and standard error, in this folder, at this exit status."""
    command = [EVENT_FLOW, "catalog", "--template", "t.json", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return done.stdout, done.stderr


def declare(folder, *names):
    """A template with these events of the bus `shop`."""
    schemas = {
        name: {
            "Type": "AWS::EventSchemas::Schema",
            "Properties": {"Content": {"properties": {"source": {"const": "shop"}, "detail-type": {"const": name}}}},
        }
        for name in names
    }
    bus = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "shop"}}
    (folder / "t.json").write_text(json.dumps({"Resources": {"Bus": bus, **schemas}}))


@pytest.fixture
def folder(tmp_path):
    declare(tmp_path, "Sold", "Returned")
    return tmp_path


def test_a_stale_folder_is_told_file_by_file_until_it_is_written_again(folder):
    out, _ = ran(folder)
    assert out == "2 events, 1 channel, 0 functions: catalog/README.md\n"
    assert ran(folder, "--check")[0] == "catalog is up to date\n"
    declare(folder, "Sold", "Lent")
    out, err = ran(folder, "--check", status=1)
    assert out == ""
    assert err.splitlines() == [
        "catalog: events/Lent.md is missing",
        "catalog: asyncapi.yaml is out of date",
        "catalog: README.md is out of date",
        "catalog: events/Returned.md is of an event that is no more",
        "write it again with the same command without --check",
    ]
    ran(folder)
    ran(folder, "--check")
    assert sorted(page.name for page in (folder / "catalog" / "events").iterdir()) == ["Lent.md", "Sold.md"]


def test_files_of_others_are_neither_written_over_nor_removed(folder):
    ran(folder)
    (folder / "catalog" / "events" / "notes.md").write_text("mine")
    declare(folder, "notes")
    _, err = ran(folder, status=1)
    assert err == (
        "EF-CATALOG-FILE at catalog/events/notes.md: it was not written by event-flow catalog, only its own files are written over; "
        "give another folder with -o, or move it away\n"
    )
    assert "Sold" in (folder / "catalog" / "README.md").read_text(), "nothing was written"
    declare(folder, "Sold")
    ran(folder)
    assert sorted(page.name for page in (folder / "catalog" / "events").iterdir()) == ["Sold.md", "notes.md"]


def test_a_place_that_cannot_be_written_is_one_sentence(folder):
    (folder / "file").write_text("")
    _, err = ran(folder, "-o", "file/catalog", status=1)
    (line,) = err.splitlines()
    assert line.startswith("EF-CATALOG-FILE at file/catalog: it cannot be written: Not a directory, ")


def test_title_version_and_owner_are_as_given(folder):
    ran(folder, "--title", "Shop & Co", "--api-version", "1.4.0", "--owner-tag", "team")
    text = (folder / "catalog" / "asyncapi.yaml").read_text()
    assert "title: Shop & Co\n  version: 1.4.0\n" in text
    assert "# Shop &amp; Co\n" in (folder / "catalog" / "README.md").read_text()
