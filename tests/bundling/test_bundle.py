"""Same inputs, same bytes; wheels of the platform asked for; installed once; one clear error where something is missing."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cdk_event_flow.bundling import Platform, Source, bundle, install, ready, unpack
from cdk_event_flow.bundling.ready import machine_of
from cdk_event_flow.errors import BundleError

ROOT = Path(__file__).parent.parent.parent
ARM = Platform.aws(python="3.14", architecture="arm64")
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def copied(to):
    """The billing function and its shared modules, elsewhere, with other times and, where that can be done, another owner."""
    shutil.copytree(ROOT / "lambda_src" / "billing", to / "billing")
    shutil.copytree(ROOT / "lambda_src" / "shared", to / "shared")
    for number, file in enumerate(sorted(to.rglob("*"))):
        os.utime(file, (10**9 + number, 10**9 + number))
        if os.getuid() == 0:
            os.chown(file, 1000 + number, 1000 + number)
    return Source(folder=to / "billing", shared=to / "shared")


@pytest.fixture
def made(tmp_path):
    """A function of these files; its handler does nothing unless it is given."""

    def made(name="function", **files):
        folder = tmp_path / name
        folder.mkdir()
        for file, text in {"handler.py": "def handler(event, context): ...\n", **files}.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text)
        return folder

    return made


@pytest.fixture
def asked(monkeypatch):
    """What uv is asked, as it is asked."""
    asked = []
    run = install.run_uv

    def counted(*arguments, **options):
        asked.append(" ".join(map(str, arguments[:2])))
        return run(*arguments, **options)

    monkeypatch.setattr(install, "run_uv", counted)
    return asked


def names(bundled):
    with zipfile.ZipFile(bundled.zip) as archive:
        return archive.namelist()


def test_two_folders_owners_times_umasks_and_caches_give_the_same_bytes(tmp_path):
    first = bundle(copied(tmp_path / "one"), ARM, at="Shop/Billing", cache=tmp_path / "cache")
    before = os.umask(0o077)
    try:
        second = bundle(copied(tmp_path / "a much longer name"), ARM, at="Shop/Billing", cache=tmp_path / "elsewhere")
    finally:
        os.umask(before)
    assert first.sha256 == second.sha256
    assert first.zip.read_bytes() == second.zip.read_bytes()
    assert {"handler.py", "charges.py", "shared/events.py"} <= set(names(first))


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_every_compiled_module_is_of_the_functions_architecture_and_python(tmp_path, architecture):
    platform = Platform.aws(python="3.13", architecture=architecture)
    bundled = bundle(copied(tmp_path / "source"), platform, at="Shop/Billing")
    with zipfile.ZipFile(bundled.zip) as archive:
        modules = [name for name in archive.namelist() if name.endswith(".so")]
        assert {machine_of(archive.read(name)[:20]) for name in modules} == {architecture}
    assert all("cpython-313" in name or "abi3" in name for name in modules)


def test_functions_with_the_same_requirements_are_installed_once(made, tmp_path, asked):
    for number in range(4):
        folder = made(
            f"function{number}", **{"requirements.txt": "six==1.17.0\n", "handler.py": f"def handler(e, c): return {number}\n"}
        )
        bundle(Source(folder=folder), ARM, at="Shop/F", cache=tmp_path / "cache")
    assert asked == ["pip install"]
    assert len(list((tmp_path / "cache" / "bundles").iterdir())) == 4


def test_four_functions_of_one_source_are_one_bundle(tmp_path, asked):
    source = copied(tmp_path / "source")
    made = {bundle(source, ARM, at=f"Shop/F{number}", cache=tmp_path / "cache").zip for number in range(4)}
    assert (len(made), asked) == (1, ["pip install"])


def test_no_program_but_uv_is_needed(made, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    bundled = bundle(Source(folder=made(**{"requirements.txt": "six==1.17.0\n"})), ARM, at="Shop/F", cache=tmp_path / "cache")
    assert "six.py" in names(bundled)


LEFT_OUT = """
    tests/test_it.py events/one.json conftest.py requirements.txt requirements-dev.txt uv.lock .env .venv/x.py cdk.out/x
    __pycache__/handler.cpython-311.pyc nested/__pycache__/x.pyc .mypy_cache/x billing.egg-info/PKG-INFO node_modules/x.js
"""


@pytest.mark.parametrize("name", LEFT_OUT.split())
def test_tests_caches_and_what_belongs_to_the_project_are_left_out(made, name):
    bundled = bundle(Source(folder=made(**{name: "", "data/tests/kept.txt": "", "nested/events.py": ""})), ARM, at="Shop/F")
    assert names(bundled) == ["data/tests/kept.txt", "handler.py", "nested/events.py"]


def test_what_is_excluded_is_in_neither_part_of_the_bundle(made, tmp_path):
    folder = made(**{"requirements.txt": "annotated-types==0.7.0\n", "notes/readme.md": "", "notes/kept.txt": ""})
    whole = bundle(Source(folder=folder), ARM, at="Shop/F", cache=tmp_path / "cache")
    less = bundle(Source(folder=folder, exclude=("*.md", "*/test_cases.py")), ARM, at="Shop/F", cache=tmp_path / "cache")
    assert set(names(whole)) - set(names(less)) == {"notes/readme.md", "annotated_types/test_cases.py"}
    assert less.sha256 != whole.sha256


def test_the_limit_counts_dependencies_and_own_files_together(made, tmp_path, monkeypatch):
    folder = made(**{"requirements.txt": "six==1.17.0\n"})
    size = bundle(Source(folder=folder), ARM, at="Shop/F", cache=tmp_path / "cache").size
    monkeypatch.setattr(ready, "UNZIPPED_LIMIT", size)
    bundle(Source(folder=folder), ARM, at="Shop/F", cache=tmp_path / "cache")
    (folder / "one_more.txt").write_text("x")
    with pytest.raises(BundleError, match="EF-CODE-SIZE at Shop/F"):
        bundle(Source(folder=folder), ARM, at="Shop/F", cache=tmp_path / "cache")


def test_precompiled_code_runs_without_a_look_at_its_source(made, tmp_path):
    source = "import shapes\ndef handler(event, context):\n    return shapes.SIDES\n"
    folder = made(**{"handler.py": source, "shapes.py": "SIDES = 5\n", "requirements.txt": "six==1.17.0\n"})
    bundled = bundle(Source(folder=folder), ARM, precompile=HERE, at="Shop/F", cache=tmp_path / "cache")
    code = unpack(bundled, tmp_path / "unpacked")
    for module in ("handler.py", "shapes.py", "six.py"):
        (code / module).write_text("raise SystemExit('compiled again')")
    script = f"import sys; sys.path[0] = {str(code)!r}; import handler, six; print(handler.handler(1, 1))"
    done = subprocess.run([sys.executable, "-S", "-B", "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("5\n", "")


def test_precompiled_code_is_the_same_twice_and_another_bundle_than_the_source(made, tmp_path):
    folder = made(**{"handler.py": "KINDS = {'a', 'b', 'c'}\ndef handler(event, context): return event in {'x', 'y', 'z'}\n"})
    first = bundle(Source(folder=folder), ARM, precompile=HERE, at="Shop/F", cache=tmp_path / "one")
    second = bundle(Source(folder=folder), ARM, precompile=HERE, at="Shop/F", cache=tmp_path / "two")
    assert first.zip.read_bytes() == second.zip.read_bytes()
    assert bundle(Source(folder=folder), ARM, at="Shop/F", cache=tmp_path / "one").sha256 != first.sha256


def test_bytecode_for_a_python_that_is_not_here_is_refused(made, tmp_path):
    with pytest.raises(BundleError, match="EF-CODE-PRECOMPILE at Shop/F: Python 3.99 is not installed .*uv python install 3.99"):
        bundle(Source(folder=made()), ARM, precompile="3.99", at="Shop/F", cache=tmp_path / "cache")


def test_changed_code_is_another_bundle(tmp_path):
    source = copied(tmp_path / "one")
    before = bundle(source, ARM, at="Shop/Billing")
    with (source.folder / "charges.py").open("a") as file:
        file.write("\nROUNDED = True\n")
    assert bundle(source, ARM, at="Shop/Billing").sha256 != before.sha256


def test_a_requirement_without_a_wheel_for_the_platform_is_one_clear_error(tmp_path):
    folder = tmp_path / "function"
    folder.mkdir()
    (folder / "handler.py").write_text("def handler(event, context): ...\n")
    (folder / "requirements.txt").write_text("docopt==0.6.2\n")
    with pytest.raises(BundleError) as refused:
        bundle(Source(folder=folder), ARM, at="Shop/F", cache=tmp_path / "cache")
    assert refused.value.code == "EF-CODE-WHEEL"
    assert "docopt" in str(refused.value)
    assert "arm64" in str(refused.value)
