"""What people install: the wheel, in an environment of its own, outside of the repository."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import uv

ROOT = Path(__file__).parent.parent.parent

README = (ROOT / "README.md").read_text("utf-8")
TEN_LINES = README.partition("<!-- an app -->\n```python\n")[2].partition("```")[0]


def said(command, cwd, **environment):
    """What a command that must succeed prints."""
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(distributions):
    """The wheel, built from the sources as they stand, by way of the sdist."""
    return distributions[1]


@pytest.fixture(scope="module")
def shop(wheel, tmp_path_factory):
    """An app in a folder with an environment that has the wheel and its command line, and nothing of ours besides."""
    folder = tmp_path_factory.mktemp("a shop")
    said([uv.find_uv_bin(), "venv", "--quiet", "--python", sys.executable, "venv"], cwd=folder)
    install = [uv.find_uv_bin(), "pip", "install", "--quiet", "--python", "venv", "-c", ROOT / "constraints.txt"]
    said([*install, f"cdk-event-flow[cli] @ {wheel.as_uri()}"], cwd=folder)
    for function in ("billing", "packing"):
        (folder / function).mkdir()
        (folder / function / "handler.py").write_text("def handler(event, context):\n    return {'batchItemFailures': []}\n")
    (folder / "app.py").write_text(TEN_LINES)
    return folder


def run(shop, *command, cwd=None, **environment):
    """A command of the shop's own environment, in the shop or elsewhere, without what the tests' environment sets."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("JSII_NODE", "PYTHONPATH")}
    return subprocess.run(
        [shop / "venv" / "bin" / command[0], *command[1:]],
        cwd=cwd or shop,
        env={**inherited, "CDK_VALIDATION": "false", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_ten_line_app_makes_a_filtered_fan_out(shop):
    done = run(shop, "python", "app.py", CDK_OUTDIR="cdk.out")
    assert done.returncode == 0, done.stderr
    template = json.loads((shop / "cdk.out" / "Shop.template.json").read_text())
    subscriptions = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::SNS::Subscription"]
    assert [each["FilterPolicy"] for each in subscriptions] == [{"total": [{"numeric": [">", 0]}]}, {"region": ["eu", "us"]}]


def test_the_command_line_follows_an_event_through_it(shop):
    (shop / "order.json").write_text('{"total": 5, "region": "apac"}')
    done = run(shop, "event-flow", "trace", "order.json", "--app", "python app.py", "--on", "Orders")
    assert done.returncode == 0, done.stderr
    assert 'region is "apac", the filter of Orders → Packing wants "eu" or "us"' in done.stdout


def test_a_run_without_its_extra_is_one_clear_sentence(shop):
    done = run(shop, "event-flow", "run", "--once", "order.json", "--app", "python app.py")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("EF-EXTRA at event-flow run: the extra [local] is not installed (")
    assert line.endswith("pip install 'cdk-event-flow[local]'")


def test_a_deployed_stack_without_the_sdk_is_one_clear_sentence(shop):
    done = run(shop, "event-flow", "check", "--stack", "Shop")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line == (
        "EF-EXTRA at event-flow check: the extra [operate] is not installed (boto3 not found), "
        "reading a deployed stack needs it; pip install 'cdk-event-flow[operate]'"
    )


def test_operating_without_its_extra_is_one_clear_sentence(shop):
    done = run(shop, "event-flow", "dlq", "ls", "--stack", "Shop")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("EF-EXTRA at event-flow dlq ls: the extra [operate] is not installed (boto3 not found), ")
    assert line.endswith("pip install 'cdk-event-flow[operate]'")


@pytest.fixture(scope="module")
def new_app(wheel, shop):
    """What `event-flow init` wrote, beside the shop, whose environment has got the extras [local] and [testing] in the meantime."""
    done = run(shop, "event-flow", "init", "new app")
    assert done.returncode == 0, done.stderr
    install = [uv.find_uv_bin(), "pip", "install", "--quiet", "--python", "venv", "-c", ROOT / "constraints.txt"]
    said([*install, f"cdk-event-flow[local,testing] @ {wheel.as_uri()}"], cwd=shop)
    return shop / "new app"


# The last step needs an account, or an engine: tests/rehearsal/tutorial.py.
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text("utf-8").partition("<!-- deployed -->")[0]
STEP = re.compile(
    r"(?:<!-- into (?P<into>\S+) -->\n|<!-- in (?P<file>\S+): \"(?P<old>.*?)\" is \"(?P<new>.*?)\" -->\n)?"
    r"```(?P<kind>\w+)\n(?P<text>.*?)```\n",
    re.DOTALL,
)


def as_shown(text):
    """A pattern of what is printed, as a page shows it: `[…]` is anything, and so is how long something took."""
    return re.sub(r"\d+\\ ms", r"\\d+\\ ms", re.escape(text).replace(re.escape("[…]"), ".*"))


def test_the_tutorial_is_what_happens_to_a_new_app(new_app):
    steps = [*STEP.finditer(TUTORIAL)]
    assert len(steps) >= 10
    for step in steps:
        if step["into"]:
            (new_app / step["into"]).write_text(step["text"], "utf-8")
        elif step["kind"] == "python":
            assert (new_app / "app.py").read_text("utf-8") == step["text"]
        if step["file"]:
            file = new_app / step["file"]
            before = file.read_text("utf-8")
            file.write_text(before.replace(step["old"], step["new"]), "utf-8")
            assert file.read_text("utf-8") != before
        if step["kind"] == "console":
            command, _, text = step["text"].removeprefix("$ ").partition("\n")
            if not command.startswith("event-flow init"):
                done = run(new_app.parent, *command.split(), cwd=new_app)
                assert re.fullmatch(as_shown(text), done.stdout or done.stderr, re.DOTALL), done.stdout + done.stderr


def test_the_readme_of_a_new_app_shows_what_the_tutorial_shows(new_app):
    shown = {command: as_shown(text) for command, text in re.findall(r"```console\n\$ (.*?)\n(.*?)```", TUTORIAL, re.DOTALL)[:4]}
    for block in re.findall(r"```\n\$ (.*?)```", (new_app / "README.md").read_text("utf-8"), re.DOTALL):
        command, _, text = block.partition("\n")
        assert command == "pytest" or re.fullmatch(shown[command], text)
    lines = (ROOT / "constructs" / "cdk_event_flow" / "new_app" / "app.py").read_text("utf-8").splitlines()
    assert len([line for line in lines if line.strip()]) <= 10


def test_a_new_app_has_the_flags_and_the_versions_of_ours(new_app):
    assert json.loads((new_app / "cdk.json").read_text("utf-8")) == json.loads((ROOT / "cdk.json").read_text("utf-8"))
    pinned = set((new_app / "billing" / "requirements.txt").read_text("utf-8").splitlines())
    assert pinned <= set((ROOT / "lambda_src" / "billing" / "requirements.txt").read_text("utf-8").splitlines())


def test_nothing_is_written_over(new_app):
    (new_app / "app.py").unlink()
    done = run(new_app.parent, "event-flow", "init", cwd=new_app)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("EF-INIT at .: cdk.json, billing/handler.py, ")
    assert line.endswith(" are there already, nothing is written over; give another folder: event-flow init shop")
    assert not (new_app / "app.py").exists()
