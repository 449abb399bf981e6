"""The pytest plugin. It is loaded in every pytest run of an environment, so it imports when it is used, not before."""

import json
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cdk_event_flow.flow import Flow
    from cdk_event_flow.testing.local_run import Run
    from cdk_event_flow.testing.local_runs import LocalRuns


def pytest_addoption(parser: pytest.Parser) -> None:
    """The settings: which app, and whether CDK validates it."""
    parser.addini("event_flow_app", "the command that synthesizes the app (default: the one in cdk.json)", default="")
    group = parser.getgroup("event-flow")
    group.addoption("--cdk-validation", action="store_true", help="synthesize with CDK's validation plugins (slow)")


@dataclass(frozen=True)
class Synthesized:
    """A cloud assembly's folder, read."""

    assembly: Path

    @property
    def flow(self) -> "Flow":
        """Where events go, over all stacks."""
        from cdk_event_flow.flow import Flow

        return Flow.from_assembly(self.assembly)

    @property
    def templates(self) -> Mapping[str, dict[str, Any]]:
        """The templates by stack name, stable for snapshots; those of nested stacks by `Shop/Audit`."""
        from cdk_event_flow.flow.template import stacks_of
        from cdk_event_flow.testing.snapshots import stable, with_nested

        read = [with_nested(stack.name, stack.read(), stack.file.parent) for stack in stacks_of(self.assembly)]
        return {name: stable(template) for stack in read for name, template in stack}

    @property
    def template(self) -> dict[str, Any]:
        """The template of the only stack. Raises pytest.UsageError where there are several: then use `templates`."""
        templates = {name: template for name, template in self.templates.items() if "/" not in name}
        if len(templates) != 1:
            raise pytest.UsageError(f"the app has {len(templates)} stacks ({', '.join(templates)}); use templates[name]")
        return next(iter(templates.values()))


@pytest.fixture(scope="session")
def assembly(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cloud assembly of the app, synthesized once a session; CDK's validation runs with --cdk-validation only."""
    from cdk_event_flow.synth import app_of, synthesize

    root = request.config.rootpath
    folder = tmp_path_factory.mktemp("assembly")
    app = request.config.getini("event_flow_app") or app_of(root)
    synthesize(app, folder, folder=root, validate=request.config.getoption("--cdk-validation"))
    return folder


@pytest.fixture(scope="session")
def flow(assembly: Path) -> "Flow":
    """The flow of the app."""
    return Synthesized(assembly).flow


@pytest.fixture(scope="session")
def template(assembly: Path) -> dict[str, Any]:
    """The template of the app's only stack, stable for snapshots."""
    return Synthesized(assembly).template


@pytest.fixture(scope="session")
def templates(assembly: Path) -> Mapping[str, dict[str, Any]]:
    """The templates of the app's stacks by name, stable for snapshots; those of nested stacks by `Shop/Audit`."""
    return Synthesized(assembly).templates


@pytest.fixture
def synth(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., Synthesized]:
    """A function that synthesizes in this process: `synth(Shop)` or `synth(lambda app: Shop(app, "Shop", stage="dev"))`.

    It is given a class of stacks, or a function of an app; the result has `flow`, `template` and `templates`. The app
    has the context of cdk.json.
    """
    # Not by CDK_VALIDATION: the CDK's process has its environment from when aws_cdk was first imported.
    validate = bool(request.config.getoption("--cdk-validation"))

    def synthesized(make: Callable[..., object]) -> Synthesized:
        import aws_cdk as cdk

        file = request.config.rootpath / "cdk.json"
        context = json.loads(file.read_text("utf-8")).get("context", {}) if file.is_file() else {}
        context = {"aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True, **context}
        outdir = tempfile.mkdtemp(prefix="assembly-", dir=tmp_path)
        app = cdk.App(outdir=outdir, context=context, builtin_cloud_formation_validation=validate)
        make(app, make.__name__) if isinstance(make, type) else make(app)
        return Synthesized(Path(app.synth().directory))

    return synthesized


@pytest.fixture(scope="session")
def local_runs(request: pytest.FixtureRequest) -> "Iterator[LocalRuns]":
    """What the local runs of a session share: the functions, built for this machine, and their warm environments."""
    from cdk_event_flow.extras import LOCAL, need_extra

    need_extra("local", "local_run", LOCAL, "running functions in tests")
    from cdk_event_flow.testing.local_runs import LocalRuns

    flow, assembly = request.getfixturevalue("flow"), request.getfixturevalue("assembly")
    runs = LocalRuns(flow, app=request.config.rootpath, assembly=assembly)
    yield runs
    runs.close()


@pytest.fixture
def local_run(local_runs: "LocalRuns") -> "Iterator[Run]":
    """A local run of the app, empty: its own handlers, its queues, topics, tables, and time that jumps. See `Run`."""
    from cdk_event_flow.testing.local_run import Run

    run = Run(local_runs, local_runs.open())
    yield run
    local_runs.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what became of its events."""
    report = yield
    run = getattr(item, "funcargs", {}).get("local_run")
    if run is not None and report.when == "call" and report.failed:
        report.sections.append(("what became of the events", run.report()))
    return report
