"""How long a handler's imports take here: what is counted, what is not, and what an import can do wrong."""

import sys
import time
from pathlib import Path

import pytest

from cdk_event_flow.flow.model import Function
from cdk_event_flow.local.code import kept_folder
from cdk_event_flow.local.coldstarts import imports
from cdk_event_flow.local.coldstarts.imports import Importer, NotImported
from cdk_event_flow.local.environments import Prepared, choose
from cdk_event_flow.local.environments.runtime_folder import make_runtime_folder

RUNTIME = f"python3.{sys.version_info.minor}"


@pytest.fixture(scope="module")
def importer(tmp_path_factory):
    """One for all tests, so that Python's own modules are compiled once."""
    return Importer(tmp_path_factory.mktemp("imports"), make_runtime_folder(kept_folder() / "runtime"))


@pytest.fixture
def measure(importer, tmp_path):
    """Measures a handler of this text, beside modules of these."""

    def measure(text, *, handler="handler.handler", environment=None, layers=(), **modules):
        root = tmp_path / "task"
        root.mkdir()
        for name, content in {"handler": text, **modules}.items():
            (root / f"{name}.py").write_text(content)
        function = Function(
            logical_id="F", arn="arn:aws:lambda:us-east-1:123456789012:function:F", name="F", path="Shop/F", unknown={},
            runtime=RUNTIME, handler=handler, environment=environment or {},
        )  # fmt: skip
        prepared = Prepared(root, choose(RUNTIME)[0], layers=tuple(layers))
        return importer.measure(function, prepared, runs=1, precompiled=False)

    return measure


def test_the_time_and_its_parts_are_those_of_the_handler_and_what_it_imports(measure):
    found = measure(
        "import slow, time\ntime.sleep(0.1)\nprint('import time:  1 | 1 | forged')\n", slow="import time\ntime.sleep(0.3)\n"
    )
    assert found.seconds >= 0.4
    assert found.precompiled >= 0.4
    assert list(found.shares)[:2] == ["slow", "handler"]
    assert found.shares["slow"] > 0.6
    assert sum(found.shares.values()) == pytest.approx(1)
    assert "forged" not in found.shares
    assert "awslambdaric" not in found.shares, "what the runtime itself imports is no part of it"


def test_with_bytecode_nothing_is_compiled(measure):
    """By what takes the time in a large module: compiling it, not running it."""
    found = measure("import large\n", large="\n".join(f"def f{n}(a, b=({n}, 'x')): return [a, b, {n}]" for n in range(4_000)))
    assert found.precompiled < found.seconds / 2


def test_bytecode_never_goes_into_the_code(measure, tmp_path):
    measure("import beside\n", beside="")
    assert sorted(file.name for file in (tmp_path / "task").rglob("*")) == ["beside.py", "handler.py"]


def test_modules_of_layers_are_found(measure, tmp_path):
    (tmp_path / "layer" / "python").mkdir(parents=True)
    (tmp_path / "layer" / "python" / "shared_tools.py").write_text("")
    assert "shared_tools" in measure("import shared_tools\n", layers=[tmp_path / "layer"]).shares


def test_nothing_of_this_machines_environment_is_there(measure, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("SECRET_OF_MINE", "x")
    text = "import os\nassert 'SECRET_OF_MINE' not in os.environ and 'AWS_PROFILE' not in os.environ and 'HOME' not in os.environ\n"
    measure(
        text + "assert os.environ['TABLE'] == 'Orders' and os.environ['_HANDLER'] == 'handler.handler'\n",
        environment={"TABLE": "Orders"},
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nowhere\n", "its import fails here: ModuleNotFoundError: No module named 'nowhere'"),
        ("import os\nos.environ['TABLE']\n", "its import fails here: KeyError: 'TABLE'"),
        ("raise SystemExit(3)\n", "its import fails here: SystemExit: 3"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "its import ends the process here (signal SIGKILL)"),
        ("import os, urllib.request\nurllib.request.urlopen(os.environ['AWS_ENDPOINT_URL'])\n", "its import fails here: URLError: "),
    ],
)
def test_an_import_that_fails_says_why_in_one_line(measure, text, said):
    with pytest.raises(NotImported) as failed:
        measure(text)
    assert str(failed.value).startswith(said)
    assert "\n" not in str(failed.value)


def test_an_import_without_end_is_ended_with_all_that_it_has_started(measure, monkeypatch, tmp_path):
    monkeypatch.setattr(imports, "LIMIT", 1.0)
    pids = tmp_path / "pids"
    text = (
        f"import os, subprocess, time\nchild = subprocess.Popen(['sleep', '600'])\nopen({str(pids)!r}, 'w').write(str(child.pid))\n"
    )
    with pytest.raises(NotImported, match="its import takes over 1 seconds here"):
        measure(text + "time.sleep(600)\n")
    deadline = time.monotonic() + 5
    while Path(f"/proc/{pids.read_text()}").exists() and _state(pids.read_text()) != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _state(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
