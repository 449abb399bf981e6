"""From a flow to a run with the real handlers: their code made ready, their environments, delivery."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypedDict, Unpack

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Alias, Function, Layer, Version
from cdk_event_flow.local.code import CodeForHere, kept_folder
from cdk_event_flow.local.environments import Environments, Prepared
from cdk_event_flow.local.faults import FaultRule, faults_of
from cdk_event_flow.local.functions import LogWatcher
from cdk_event_flow.local.gaps import denied
from cdk_event_flow.local.ids import seeded
from cdk_event_flow.local.run import LocalRun
from cdk_event_flow.local.runnable import runnable
from cdk_event_flow.local.trace import Delivery


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


@asynccontextmanager
async def start(
    flow: Flow,
    *,
    app: Path,
    assembly: Path,
    say: Callable[[str], None] = lambda _: None,
    **options: Unpack[Options],
) -> AsyncIterator[LocalRun]:
    """A run of `flow` with its functions in execution environments, until the block ends.

    `app` is the folder that the app is synthesized in, `assembly` the folder its assets lie in; `say` is told what goes
    on. Options are those of `LocalRun`. Everything that keeps a function from running is raised before anything starts:
    BundleError, RunError (EF-RUN-FUNCTIONS, EF-RUN-CODE, EF-RUN-BOOTSTRAP, EF-RUN-NODE, EF-FAULT, and those of
    `LocalRun`).
    """
    code = CodeForHere(app=app, assembly=assembly, layers=flow.of(Layer), say=say)
    flow, notes = runnable(flow, code)
    functions = flow.of(Function)
    faults_of(options.get("faults", ()), functions)  # a wrong name is told before anything is built
    ready: dict[str, Prepared] = {}
    for number, function in enumerate(functions, start=1):
        say(f"building {function.path} ({number} of {len(functions)})")
        ready[function.arn] = await asyncio.to_thread(code.prepare, function)

    async def prepare(function: Function) -> Prepared:
        return ready[function.arn]

    with tempfile.TemporaryDirectory(prefix="event-flow-run-") as folder:

        def environments(run: LocalRun) -> Environments:
            return Environments(
                functions=functions,
                versions=flow.of(Version),
                aliases=flow.of(Alias),
                prepare=prepare,
                endpoint=run.endpoint_url,
                region=run.region,
                account=run.account,
                folder=Path(folder),
                kept=kept_folder(),
                offset=lambda: run.clock.offset,
                faults=run.faults,
                rng=seeded(options.get("seed", 0), run.keep.generation),
            )

        async with LocalRun(flow, environments, **options) as run:
            run.notes[:0] = [*notes, *(gap.said for gap in denied(flow))]
            yield run
