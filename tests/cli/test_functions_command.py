"""`event-flow functions` on the reference app: the list, one object of JSON, and clear errors."""

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

EVENT_FLOW = Path(sys.executable).with_name("event-flow")


def said(*arguments):
    """Exit status, and what the command says on both of its outputs."""
    done = subprocess.run([EVENT_FLOW, "functions", *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_each_function_has_a_line(assembly):
    status, out, err = said("--template", assembly, "--runs", "0")
    head, *lines = out.splitlines()
    assert (status, err) == (0, "")
    assert head.split() == [
        "function",
        "runtime",
        "zip",
        "unzipped",
        "memory",
        "import",
        "precompiled",
        "heaviest",
        "ready",
        "versions",
    ]
    rows = [line for line in lines if not line.startswith("note: ")]
    assert [row.split()[0] for row in rows] == ["Billing", "Packing", "HumanDispatch", "Reconcile"]
    assert all(re.search(r"python3\.14 +\d\.\d MB +1\d\.\d MB +512 MB +- +- +- +- +newest$", row) for row in rows)
    assert lines[len(rows) :] == ["note: imports are not measured with --runs 0"]


def test_a_terminal_that_is_too_narrow_for_the_table_gets_paragraphs(assembly):
    ours, theirs = pty.openpty()
    command = [EVENT_FLOW, "functions", "--template", assembly, "--runs", "0"]
    subprocess.run(command, stdout=theirs, env=os.environ | {"COLUMNS": "80"}, check=True)
    os.close(theirs)
    with os.fdopen(ours, "rb") as terminal:
        said = b""
        with contextlib.suppress(OSError):  # how Linux says that the other side is closed
            while read := terminal.read1():
                said += read
    assert len(said.splitlines()) == 4 * 10 + 1
    assert b"HumanDispatch" in said


def test_json_has_what_was_measured(tmp_path):
    properties = {"Runtime": "python3.14", "Handler": "index.handler", "Code": {"ZipFile": "import colorsys\ndef handler(e, c): ..."}}
    function = {"Type": "AWS::Lambda::Function", "Properties": {**properties, "MemorySize": 256}}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"Billing": function}}))
    status, out, err = said("Billing", "--template", tmp_path / "t.json", "--runs", "1", "--json")
    assert (status, err) == (0, "measuring Billing (1 of 1)\n")
    document = json.loads(out)
    (found,) = document["functions"]
    measured, zipped = found.pop("imports"), found.pop("zip_bytes")
    assert (measured["runs"], measured["seconds"] > 0, measured["precompiled_seconds"] > 0) == (1, True, True)
    assert set(measured["shares"]) == {"colorsys", "index"}
    assert zipped > 0
    assert found == {
        "name": "Billing", "path": "Billing", "runtime": "python3.14", "architecture": "x86_64", "memory_mb": 256,
        "unzipped_bytes": 38, "layers_unzipped_bytes": 0, "precompiled": False, "provisioned": [], "snap_start": False,
        "keeps_versions": False, "not_measured": None,
    }  # fmt: skip
    assert document["notes"] == [f"functions for python3.14 run on Python 3.{sys.version_info.minor} here"]


def test_a_name_that_nothing_has_is_one_line(assembly):
    status, out, err = said("Reconcil", "--template", assembly)
    (line,) = err.splitlines()
    assert (status, out) == (1, "")
    assert line.startswith("EF-NAME-UNKNOWN at Reconcil: ")
    assert line.endswith("did you mean Reconcile?")


def test_a_template_without_functions_says_so(tmp_path):
    (tmp_path / "t.json").write_text('{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}')
    assert said("--template", tmp_path / "t.json") == (0, "the template has no functions\n", "")
