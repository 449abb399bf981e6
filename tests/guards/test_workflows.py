"""What is for the outside world: workflows and templates are as they must be."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_has_few_rights_and_ends(file):
    workflow = yaml.safe_load(file.read_text("utf-8"))
    assert workflow["permissions"] in ({}, {"contents": "read"})
    for job in workflow["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 30
        assert set(job.get("permissions", {}).values()) <= {"read"} or job.get("permissions") == {"id-token": "write"}
        for step in job["steps"]:
            assert "uses" not in step or re.fullmatch(r"[\w-]+/[\w-]+@(v\d+|release/v1)", step["uses"])
            assert "${{ github.event" not in step.get("run", ""), "what strangers write is no part of a command"


def test_workflows_call_only_targets_that_are_there():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for file in (*WORKFLOWS, ROOT / "CONTRIBUTING.md"):
        called = re.findall(r"(?:run: |^|`)make ((?:\w+ ?)+)", file.read_text("utf-8"), re.MULTILINE)
        assert {name for names in called for name in names.split()} <= targets


def test_the_matrix_has_every_python_of_the_classifiers():
    classified = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    workflow = yaml.safe_load((GITHUB / "workflows" / "ci.yml").read_text("utf-8"))
    assert workflow["jobs"]["suite"]["strategy"]["matrix"]["python"] == classified


@pytest.mark.parametrize(
    "file", [*(GITHUB / "ISSUE_TEMPLATE").glob("*.yml"), ROOT / ".pre-commit-config.yaml"], ids=lambda file: file.name
)
def test_forms_and_hooks_can_be_read(file):
    assert yaml.safe_load(file.read_text("utf-8"))


def test_links_of_the_pages_at_the_root_lead_somewhere():
    for file in ("README.md", "CONTRIBUTING.md", "SECURITY.md", ".github/pull_request_template.md"):
        for link in re.findall(r"\]\((?!http|#)([^)#]+)", (ROOT / file).read_text("utf-8")):
            assert (ROOT / link).exists(), f"{file}: {link}"
