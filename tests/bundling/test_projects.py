"""Dependencies from pyproject.toml: with the versions of uv.lock, or the newest; never what the project itself does not name."""

import zipfile

import pytest

from cdk_event_flow.bundling import Platform, Source, bundle
from cdk_event_flow.bundling.install import run_uv
from cdk_event_flow.errors import BundleError

ARM = Platform.aws(python="3.14", architecture="arm64")
PROJECT = """
[project]
name = "Billing.App"
version = "1"
requires-python = ">=3.11"
dependencies = ["six"]

[project.optional-dependencies]
fast = ["wrapt"]

[dependency-groups]
dev = ["iniconfig"]
"""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "billing"
    folder.mkdir()
    (folder / "handler.py").write_text("def handler(event, context): ...\n")
    (folder / "pyproject.toml").write_text(PROJECT)
    return folder


@pytest.fixture
def locked(folder):
    """The project, locked at an older version than the newest."""
    lock(folder)
    return folder


def lock(folder):
    done = run_uv("lock", "--upgrade-package", "six==1.16.0", within=folder, at="test")
    assert done.returncode == 0, done.stderr


def refused(folder, code):
    with pytest.raises(BundleError) as error:
        bundle(Source(folder=folder), ARM, at="Shop/Billing")
    assert error.value.code == code
    return str(error.value)


def packages(folder):
    """The installed packages with their versions, and the other names at the root of the bundle."""
    with zipfile.ZipFile(bundle(Source(folder=folder), ARM, at="Shop/Billing").zip) as archive:
        return {name.split("/")[0] for name in archive.namelist()}


def test_a_lock_says_the_version_and_only_the_projects_own_dependencies_are_installed(locked):
    assert packages(locked) == {"handler.py", "six.py", "six-1.16.0.dist-info"}
    assert bundle(Source(folder=locked), ARM, at="Shop/Billing").notes == ()


def test_without_a_lock_the_newest_is_taken_and_that_is_said(folder):
    assert "six-1.16.0.dist-info" not in packages(folder)
    (note,) = bundle(Source(folder=folder), ARM, at="Shop/Billing").notes
    assert note == "pyproject.toml: 'six' is not pinned, and there is no uv.lock: the bundle can change"


def test_requirements_come_first_where_there_are_both(locked):
    (locked / "requirements.txt").write_text("iniconfig==2.1.0\n")
    assert packages(locked) == {"handler.py", "iniconfig", "iniconfig-2.1.0.dist-info"}


def test_a_new_lock_is_another_bundle(locked):
    before = bundle(Source(folder=locked), ARM, at="Shop/Billing").sha256
    assert run_uv("lock", "--upgrade", within=locked, at="test").returncode == 0
    assert bundle(Source(folder=locked), ARM, at="Shop/Billing").sha256 != before


def test_the_lock_of_a_workspace_is_found_at_its_root(folder):
    member = PROJECT.replace("Billing.App", "billing")
    (folder / "pyproject.toml").write_text(member)
    (folder.parent / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\n\n'
                                                  '[tool.uv.workspace]\nmembers = ["billing"]\n')  # fmt: skip
    lock(folder)
    assert (folder.parent / "uv.lock").is_file()
    assert "six-1.16.0.dist-info" in packages(folder)


def test_the_sdk_of_the_runtime_is_left_out_unless_it_is_named(folder):
    (folder / "pyproject.toml").write_text(PROJECT.replace('"six"', '"s3transfer"'))
    lock(folder)
    assert "s3transfer" in packages(folder)
    (folder / "pyproject.toml").write_text(PROJECT.replace('"six"', '"aws-xray-sdk"'))
    lock(folder)
    assert not {"boto3", "botocore"} & packages(folder)


def test_a_lock_for_a_python_that_is_not_here_is_read_all_the_same(locked):
    (locked / "pyproject.toml").write_text(PROJECT.replace(">=3.11", ">=3.14"))
    (locked / "uv.lock").write_text(
        (locked / "uv.lock").read_text().replace('requires-python = ">=3.11"', 'requires-python = ">=3.14"')
    )
    assert "six-1.16.0.dist-info" in packages(locked)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace('["six"]', '["six", "wrapt"]'), "do not agree on wrapt"),
        (lambda text: text.replace('"six"', '"six>=1.17"'), "is older than pyproject.toml"),
        (lambda text: text.replace("Billing.App", "shipping"), "do not agree on six"),
    ],
)
def test_a_lock_that_is_older_than_its_project_is_refused(locked, change, said):
    (locked / "pyproject.toml").write_text(change(PROJECT))
    message = refused(locked, "EF-CODE-LOCK")
    assert said in message
    assert "run 'uv lock' there" in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[project]\nname = "x"\nversion = "1"\ndynamic = ["dependencies"]', "to another tool only"),
        ('[tool.poetry.dependencies]\nsix = "1"', "to another tool only"),
        ("[project", "is not TOML"),
    ],
)
def test_a_project_that_does_not_list_its_dependencies_is_refused(folder, text, said):
    (folder / "pyproject.toml").write_text(text)
    assert said in refused(folder, "EF-CODE-PYPROJECT")


def test_a_project_of_tools_only_depends_on_nothing(folder):
    (folder / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
    assert packages(folder) == {"handler.py"}


@pytest.mark.parametrize("with_lock", [True, False])
def test_a_package_without_a_wheel_is_named_with_its_platform(folder, with_lock):
    (folder / "pyproject.toml").write_text(PROJECT.replace('"six"', '"docopt==0.6.2"'))
    if with_lock:
        run_uv("lock", within=folder, at="test")
    message = refused(folder, "EF-CODE-WHEEL")
    assert "docopt 0.6.2 in " in message
    assert "has no wheel for Lambda's python3.14 on arm64" in message


def test_a_package_of_this_machine_is_refused(folder):
    (folder / "lib").mkdir()
    (folder / "lib" / "pyproject.toml").write_text('[project]\nname = "lib"\nversion = "1"\nrequires-python = ">=3.11"\n')
    (folder / "pyproject.toml").write_text(
        PROJECT.replace('"six"', '"lib"') + '\n[tool.uv.sources]\nlib = { path = "lib", editable = true }\n'
    )
    run_uv("lock", within=folder, at="test")
    assert "a bundle holds packages from wheels, not folders of this machine" in refused(folder, "EF-CODE-REQUIREMENT")
