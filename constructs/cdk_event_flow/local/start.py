"""From a flow to a run with the real handlers: their code made ready, their environments, delivery."""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, Unpack

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Alias, Function, Layer, Version
from cdk_event_flow.flow.workers import Workers
from cdk_event_flow.local.code import CodeForHere, kept_folder
from cdk_event_flow.local.environments import Environments, Prepared
from cdk_event_flow.local.environments.debugging import Debugging, debugging
from cdk_event_flow.local.faults import FaultRule, Faults, faults_of
from cdk_event_flow.local.functions import LogWatcher
from cdk_event_flow.local.gaps import denied
from cdk_event_flow.local.ids import seeded
from cdk_event_flow.local.reload import Reload
from cdk_event_flow.local.run import LocalRun
from cdk_event_flow.local.runnable import runnable
from cdk_event_flow.local.trace import Delivery
from cdk_event_flow.local.workers.fleets import Fleets, Setting, codes_of


class Options(TypedDict, total=False):
    """What `LocalRun` takes by name."""

    port: int
    fast: bool
    seed: int
    start: float | None
    state: Path | None
    reset: bool
    faults: Sequence[FaultRule]
    allowed: Sequence[str]
    on_event: Callable[[str, Delivery], None] | None
    on_log: LogWatcher | None


@dataclass(frozen=True, slots=True)
class Ready:
    """A flow with the code of its functions and workers ready to run, by ARN; `notes` tell of those that are not run here."""

    flow: Flow
    notes: tuple[str, ...]
    code: Mapping[str, Prepared]
    workers: Mapping[str, Prepared]
    builder: CodeForHere

    def environments(
        self,
        endpoint: str,
        folder: Path,
        *,
        offset: Callable[[], float],
        rng: random.Random,
        faults: Faults | None = None,
        debugging: Debugging | None = None,
    ) -> Environments:
        """Execution environments of the functions, whose handlers find AWS at `endpoint`. See `Environments`."""

        async def prepare(function: Function) -> Prepared:
            return self.code[function.arn]

        return Environments(
            functions=self.flow.of(Function),
            versions=self.flow.of(Version),
            aliases=self.flow.of(Alias),
            prepare=prepare,
            endpoint=endpoint,
            region=self.flow.region,
            account=self.flow.account,
            folder=folder,
            kept=kept_folder(),
            offset=offset,
            faults=faults,
            debugging=debugging,
            rng=rng,
        )

    def fleets(
        self, folder: Path, *, seed: int = 0, pace: float = 0.0, on_log: LogWatcher | None = None
    ) -> Callable[[LocalRun], Fleets] | None:
        """What makes the fleets of a run; None where there are none. See `Setting`."""

        def made(run: LocalRun) -> Fleets:
            rng = seeded(seed, run.keep.generation)
            setting = Setting(ready=self.workers, folder=folder, kept=kept_folder(), pace=pace, rng=rng, on_log=on_log)
            return Fleets(self.flow, run, setting)

        return made if self.workers else None


def make_ready(
    flow: Flow, *, app: Path, assembly: Path, say: Callable[[str], None] = lambda _: None, faults: Sequence[FaultRule] = ()
) -> Ready:
    """Build the code of every function that can be run here, for this machine.

    `app` is the folder that the app is synthesized in, `assembly` the folder its assets lie in; `say` is told what goes on.
    Raises BundleError, RunError (EF-RUN-FUNCTIONS, EF-RUN-CODE, EF-RUN-BOOTSTRAP, EF-RUN-NODE, EF-FAULT).
    """
    code = CodeForHere(app=app, assembly=assembly, layers=flow.of(Layer), say=say)
    flow, notes = runnable(flow, code)
    functions = flow.of(Function)
    workers = {each.arn: each for each in codes_of(flow.of(Workers))}
    faults_of(faults, functions, workers.values())  # a wrong name is told before anything is built
    ready: dict[str, Prepared] = {}
    for number, function in enumerate(functions, start=1):
        say(f"building {function.path} ({number} of {len(functions)})")
        ready[function.arn] = code.prepare(function)
    for each in workers.values():
        say(f"building {each.path}, workers")
    return Ready(flow, notes, ready, {arn: code.prepare(each) for arn, each in workers.items()}, code)


@asynccontextmanager
async def start(
    flow: Flow,
    *,
    app: Path,
    assembly: Path,
    say: Callable[[str], None] = lambda _: None,
    pace: float = 0.0,
    reload: bool = False,
    debug: str | None = None,
    **options: Unpack[Options],
) -> AsyncIterator[LocalRun]:
    """A run of `flow` with its functions in execution environments, until the block ends.

    `debug` names a function that waits for a debugger. With `reload`, code that changes meanwhile takes over, and `say` is
    told. On a fast clock the work of workers takes no time, or `pace` times what it really takes. Options are those of
    `LocalRun`, the others those of `make_ready`. Everything that keeps a function from running is raised before anything
    starts: see `make_ready`, and `LocalRun` for what it raises.
    """
    faults = options.get("faults", ())
    ready = await asyncio.to_thread(make_ready, flow, app=app, assembly=assembly, say=say, faults=faults)
    debugged = _debugged(ready, debug, say) if debug else None
    with tempfile.TemporaryDirectory(prefix="event-flow-run-") as folder:

        def environments(run: LocalRun) -> Environments:
            rng = seeded(options.get("seed", 0), run.keep.generation)
            return ready.environments(
                run.endpoint_url, Path(folder), offset=lambda: run.clock.offset, rng=rng, faults=run.faults, debugging=debugged
            )

        fleets = ready.fleets(Path(folder), seed=options.get("seed", 0), pace=pace, on_log=options.get("on_log"))
        async with LocalRun(ready.flow, environments, fleets=fleets, **options) as run:
            run.notes[:0] = [*ready.notes, *(gap.said for gap in denied(ready.flow))]
            async with _reloading(ready, run, app=app, say=say) if reload else nullcontext():
                yield run


@asynccontextmanager
async def _reloading(ready: Ready, run: LocalRun, *, app: Path, say: Callable[[str], None]) -> AsyncIterator[None]:
    environments, fleets = run.invoker, run.fleets
    assert isinstance(environments, Environments)

    async def renew(function: Function, prepared: Prepared) -> str:
        if fleets is not None and function.arn in ready.workers:
            return await fleets.renew(function.arn, prepared)
        return await environments.renew(function, prepared)

    reload = Reload(
        [*ready.flow.of(Function), *codes_of(ready.flow.of(Workers))],
        ready.flow.of(Layer),
        app=app,
        code=ready.builder,
        renew=renew,
        names=ready.flow.names,
        say=say,
    )
    watching = asyncio.create_task(reload.watch())
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def _debugged(ready: Ready, name: str, say: Callable[[str], None]) -> Debugging:
    """Raises TemplateError for a name that no function has, RunError (EF-RUN-DEBUG)."""
    function = ready.flow.find(name, Function)
    assert isinstance(function, Function)

    def waiting(code: Path, port: int) -> None:
        source = f" (made of {function.code.source})" if function.code.source else ""
        say(f"{ready.flow.names[function.arn]} waits for a debugger at 127.0.0.1:{port}; its code is {code}{source}")

    return debugging(function, kept_folder() / "debug", waiting)
