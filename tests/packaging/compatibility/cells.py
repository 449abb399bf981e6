"""What is tried: everything with one Python and one end of the versions of what we depend on; and each extra by itself."""

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.packaging.compatibility.machine import ROOT, Closed
from tests.packaging.compatibility.trying import Environment, ends_with, prints, says, succeeds

OUTSIDE = ROOT / "tests" / "packaging" / "outside_app"
EXTRAS = ("cli", "local", "operate", "testing", "png", "debug")
# Of the versions that the package allows of what it depends on, and how uv finds them.
ENDS = {"oldest": "lowest-direct", "newest": "highest"}
# Neither an address outside nor a name can be reached; this machine's own can.
PROOF = """
import os, socket, sys
for address in (("pypi.org", 443), ("1.1.1.1", 443)):
    try:
        socket.create_connection(address, timeout=3).close()
    except OSError:
        continue
    sys.exit(f"{address} was reached") if "HTTPS_PROXY" not in os.environ else None
import shutil
sys.exit(next((f"there is {tool}" for tool in ("node", "git", "docker", "npm") if shutil.which(tool)), 0))
"""


@dataclass(frozen=True)
class Built:
    """The distributions, built once."""

    wheel: Path
    sdist: Path

    def with_extras(self, *extras: str) -> str:
        chosen = f"[{','.join(extras)}]" if extras else ""
        return f"cdk-event-flow{chosen} @ {self.wheel.as_uri()}"


def required() -> list[str]:
    """What the package requires, with all extras: for uv only what is asked for directly can be the oldest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    every = [*project["dependencies"], *(each for extra in EXTRAS for each in project["optional-dependencies"][extra])]
    return [each for each in every if not each.startswith("cdk-event-flow")]


def everything(environment: Environment, built: Built, end: str, closed: Closed, *, types: bool) -> None:
    """A new app and the outside app, from the wheel with all extras; the network is closed after the installation. With `types`
    mypy reads the outside app too, which takes longer than all the rest."""
    more = ["cdk-monitoring-constructs>=10.3.3", "mypy>=2"]
    if not environment.install(built.with_extras(*EXTRAS), *more, *required(), resolution=ENDS[end]):
        return
    folder = environment.folder
    # Once with the network: what the function of a new app requires, and the wheels of its local run, come into uv's cache.
    environment.run("init, online", "event-flow", "init", "first shop")
    environment.run(
        "run, online", "event-flow", "run", "--once", "events", cwd=folder / "first shop", judge=prints("2 sent = 1 processed")
    )
    shutil.rmtree(folder / "home")

    def offline(name: str, *command: str, cwd: Path | None = None, judge=succeeds, **more: str) -> None:
        environment.run(name, *command, cwd=cwd, judge=judge, closed=closed, **more)

    offline("no network, node or git", "python", "-c", PROOF)
    offline("init", "event-flow", "init", "a new shop")
    shop = folder / "a new shop"
    offline("pytest", "python", "-m", "pytest", "-q", "-W", "error", cwd=shop)
    offline("trace", "event-flow", "trace", "events", cwd=shop, judge=prints("the rule Bill wants a number greater than 0"))
    offline("check", "event-flow", "check", cwd=shop, judge=prints("nothing found"))
    offline("run", "event-flow", "run", "--once", "events", cwd=shop, judge=prints("2 sent = 1 processed"))
    offline("diagram", "event-flow", "diagram", "-o", "flow.png", cwd=shop)
    shutil.copytree(OUTSIDE, folder / "the store", ignore=shutil.ignore_patterns("__pycache__", "cdk.out"))
    _outside(offline, folder / "the store")
    if types:
        offline("outside: mypy", "python", "-m", "mypy", "--strict", "app.py", "monitored.py", cwd=folder / "the store")


def _outside(offline, store: Path) -> None:
    for number, seed in enumerate(("1", "77")):
        out = str(store / f"out{number}")
        offline(
            f"synth, {number + 1}", "python", "app.py", cwd=store, PYTHONHASHSEED=seed, CDK_OUTDIR=out, CDK_DISABLE_STACK_TRACE="1"
        )
    offline("same bytes", "python", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {SAME}", cwd=store)
    offline("outside: pytest", "python", "-m", "pytest", "-q", "--snapshot-update", cwd=store)
    offline("outside: the same snapshots", "python", "-m", "pytest", "-q", "-k", "test_template", cwd=store)
    monitored = ("event-flow", "check", "--app", "python monitored.py")
    offline("outside: monitoring", *monitored, cwd=store, judge=prints("nothing found"))


SAME = "from tests.packaging.same_bytes import differences; sys.exit('\\n'.join(differences('out0', 'out1')) or 0)"


def alone(environment: Environment, built: Built, extra: str | None) -> None:
    """One extra, or none: what must work works, and what needs another says so in one sentence."""
    if not environment.install(built.with_extras(*([extra] if extra else []))):
        return
    folder = environment.folder
    shutil.copytree(ROOT / "constructs" / "cdk_event_flow" / "new_app", folder / "shop")
    shop = folder / "shop"
    run = environment.run
    run("synth", "python", "app.py", cwd=shop, CDK_OUTDIR=str(shop / "cdk.out"), CDK_VALIDATION="false")
    run("flow", "python", "-c", "from cdk_event_flow.flow import Flow; assert Flow.from_assembly('cdk.out').check() == []", cwd=shop)
    if extra == "testing":
        run("pytest", "python", "-m", "pytest", "-q", "-W", "error", cwd=shop)
        (shop / "tests" / "test_run.py").write_text("def test_it(local_run):\n    pass\n")
        run("local_run", "python", "-m", "pytest", "-q", "tests/test_run.py", cwd=shop,
            judge=lambda done: done.returncode == 1 and _needs("local", "local_run") in done.stdout)  # fmt: skip
    if extra not in ("cli", "local"):
        run(
            "event-flow",
            "event-flow",
            "check",
            cwd=shop,
            judge=says("event-flow needs the extra [cli]", "pip install 'cdk-event-flow[cli]'"),
        )
        return
    for name, judge in READING.items():
        run(name, *f"event-flow {name}".split(), cwd=shop, judge=judge)
    run("diagram as PNG", "event-flow", "diagram", "-o", "flow.png", cwd=shop, judge=says(_needs("png", "diagram")))
    (without_operate, run_and_more) = (OPERATING, RUNNING) if extra == "cli" else ({}, LOCAL)
    for name, judge in {**without_operate, **run_and_more}.items():
        run(name, *f"event-flow {name}".split(), cwd=shop, judge=judge)


def _needs(extra: str, command: str) -> str:
    return (
        f"EF-EXTRA at {command}: the extra [{extra}] is not installed"
        if extra == "local" and command == "local_run"
        else (f"EF-EXTRA at event-flow {command}: the extra [{extra}] is not installed")
    )


READING = {
    "--help": prints("Prove, from the template"),
    "--version": prints("0.1.0"),
    "init other": succeeds,
    "trace events": prints("the rule Bill wants"),
    "trace events --template cdk.out": prints("the rule Bill wants"),
    "check": prints("nothing found"),
    "check --format sarif --template cdk.out": prints('"version": "2.1.0"'),
    "routes --template cdk.out": prints("Billing"),
    "access --template cdk.out": succeeds,
    "network --template cdk.out": succeeds,
    "schedules --template cdk.out": succeeds,
    "diff cdk.out cdk.out": succeeds,
    "diagram -o flow.svg --template cdk.out": succeeds,
    "diagram -o flow.mmd --template cdk.out": succeeds,
    "view cdk.out -o flow.html": succeeds,
    "catalog -o catalog --template cdk.out": succeeds,
}
OPERATING = {
    command: says(_needs("operate", name), "pip install 'cdk-event-flow[operate]'")
    for name, command in {
        "check": "check --stack Shop",
        "diff": "diff stack:Shop cdk.out",
        "send": "send Orders events/1-order.json --stack Shop",
        "tail": "tail --stack Shop",
        "metrics": "metrics --stack Shop",
        "dlq ls": "dlq ls --stack Shop",
        "dlq show": "dlq show Undelivered --local",
        "dlq redrive": "dlq redrive Undelivered --local",
        "dlq purge": "dlq purge Undelivered --local",
        "replay": "replay Orders --from 2026-01-01T00:00:00Z --stack Shop",
    }.items()
}
RUNNING = {
    "run --once events": says(_needs("local", "run"), "pip install 'cdk-event-flow[local]'"),
    "functions": says(_needs("local", "functions"), "pip install 'cdk-event-flow[local]'"),
}
LOCAL = {
    "functions": prints("Billing"),
    "run --once events": prints("2 sent = 1 processed"),
    "run --debug Billing --once events": ends_with("debugpy is not installed", "pip install 'cdk-event-flow[debug]'"),
    "dlq ls --local": says("EF-"),
    "send Orders events/1-order.json --local": says("EF-"),
}
