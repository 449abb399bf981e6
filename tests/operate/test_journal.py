"""The journal of a redrive, as a process that was killed leaves it."""

import json
import subprocess
import sys

import pytest

from cdk_event_flow.errors import RunError
from cdk_event_flow.operate.journal import journal, known_in


@pytest.fixture
def file(tmp_path):
    return tmp_path / "redrives" / "queue.jsonl"


def test_each_step_is_on_disk_before_the_next(file):
    with journal(file) as written:
        written.begins(60)
        written.is_sending(["a", "b", "c"])
        assert known_in(file).doubtful == {"a", "b", "c"}
        written.was_sent(["a"])
        written.was_refused(["b"])
        assert known_in(file).doubtful == {"c"}
        written.was_deleted(["a"])
        assert not known_in(file).settled
    assert known_in(file).hold == 60


def test_a_journal_that_is_at_its_end_tells_nothing_and_is_begun_anew(file):
    with journal(file) as written:
        written.is_sending(["a"])
        written.was_sent(["a"])
        written.end()
    assert known_in(file).sent == set()
    with journal(file) as written:
        assert written.before == frozenset()
        written.begins(60)
    assert len(file.read_text().splitlines()) == 1


def test_one_that_was_cut_off_is_gone_on_with(file):
    with journal(file) as written:
        written.is_sending(["a", "b"])
        written.was_sent(["a"])
    with journal(file) as written:
        assert written.before == {"a"}
        assert written.known.doubtful == {"b"}
        written.was_sent(["b"])
    assert known_in(file).settled is False
    assert known_in(file).sent == {"a", "b"}


def test_a_line_that_was_being_written_counts_as_not_begun(file):
    with journal(file) as written:
        written.is_sending(["a"])
    with file.open("a") as stream:
        stream.write('{"what": "sending", "ids": ["b"')
    with journal(file) as written:
        assert written.known.sending == {"a"}
        written.was_sent(["a"])
    assert known_in(file).sent == {"a"}
    assert [json.loads(line) for line in file.read_text().splitlines() if line.endswith("}")]


def test_no_journal_knows_nothing(file):
    assert known_in(file).settled


def test_it_is_for_one_process_at_a_time(file):
    other = f"from pathlib import Path; from cdk_event_flow.operate.journal import journal; journal(Path({str(file)!r})).__enter__()"
    with journal(file):
        done = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=False)
    assert "EF-REDRIVE-RUNNING" in done.stderr
    assert subprocess.run([sys.executable, "-c", other], check=False).returncode == 0


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "redrives").write_text("a file")
    with pytest.raises(RunError, match="EF-REDRIVE-JOURNAL .* XDG_STATE_HOME"), journal(tmp_path / "redrives" / "q.jsonl"):
        pass
