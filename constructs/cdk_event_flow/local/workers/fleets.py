"""All fleets of a run, and whose worker asks."""

import os
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cdk_event_flow import worker
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Function, Node
from cdk_event_flow.flow.workers import Workers
from cdk_event_flow.local.environments import Prepared
from cdk_event_flow.local.environments.runtime_folder import make_runtime_folder
from cdk_event_flow.local.functions import LogWatcher
from cdk_event_flow.local.workers.fleet import LocalFleet
from cdk_event_flow.local.workers.process import Image, WorkerProcess

if TYPE_CHECKING:
    from cdk_event_flow.local.run import LocalRun


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What fleets are made with: workers' code made ready, by their ARN, and folders of the run and of the machine.

    `pace`: so many seconds of a fast clock is a second of a worker's work (0: none).
    """

    ready: Mapping[str, Prepared]
    folder: Path
    kept: Path
    pace: float = 0.0
    rng: random.Random
    on_log: LogWatcher | None = None


def worker_code(workers: Workers) -> Function:
    """Workers as what makes functions' code ready sees them."""
    known = {name: getattr(workers, name) for name in ("logical_id", "arn", "name", "path")}
    return Function(**known, runtime=f"python{workers.python}", handler=workers.handler, code=replace(workers.code, image=False))


def why_not_run(workers: Workers) -> str | None:
    """Why these workers are not run here; None where they are."""
    if not workers.runner:
        return "its containers run a program of their own"
    if not workers.code.source or not workers.python:
        return "the template does not tell where its code is"
    return None


def codes_of(nodes: Iterable[Node]) -> list[Function]:
    """The code of the workers that are run here."""
    return [worker_code(node) for node in nodes if isinstance(node, Workers) and why_not_run(node) is None]


class Fleets:
    """Made for a run; `start` when it answers, `close` before it does no more."""

    def __init__(self, flow: Flow, run: "LocalRun", setting: Setting) -> None:
        self.all: list[LocalFleet] = []
        self._gone: set[str] = set()
        engine = run.engine
        queues = {queue.node.arn: queue for queue in engine.queues}
        self._beside: tuple[Path, ...] = ()
        self._pycache = setting.kept / "pycache"
        for node in flow.of(Workers):
            if node.arn not in setting.ready:
                continue
            if node.queue_arn not in queues:
                run.notes.append(f"{node.path}: not run, its queue {node.queue_arn} is not of this flow")
                continue
            self._beside = self._beside or (_runner(setting.kept / "runner"), make_runtime_folder(setting.kept / "runtime"))
            self.all.append(
                LocalFleet(
                    node,
                    queues[node.queue_arn],
                    self._image(setting.ready[node.arn]),
                    hub=engine.hub,
                    faults=run.faults,
                    logbook=engine.logbook,
                    variables=_variables(node, run, setting.folder),
                    pace=setting.pace,
                    rng=setting.rng,
                    note=run.notes.append,
                    on_log=setting.on_log,
                )
            )

    def __getitem__(self, name: str) -> LocalFleet:
        """The fleet of this name, path or ARN. Raises KeyError."""
        for fleet in self.all:
            if name in (fleet.name, fleet.node.path, fleet.node.arn, fleet.node.path.rpartition("/")[2]):
                return fleet
        raise KeyError(name)

    def _image(self, prepared: Prepared) -> Image:
        folders = (prepared.task_root, *self._beside)
        return Image(interpreter=prepared.interpreter, folders=folders, pycache=self._pycache)

    async def renew(self, arn: str, prepared: Prepared) -> str:
        """Let workers with other code take over. See `LocalFleet.renew`."""
        return await self[arn].renew(self._image(prepared))

    def start(self) -> None:
        """Start all."""
        for fleet in self.all:
            fleet.start()

    async def close(self) -> None:
        """End all processes."""
        for fleet in self.all:
            await fleet.close()

    def asking(self, key: str) -> tuple[LocalFleet | None, WorkerProcess | None]:
        """The worker with this access key, and its fleet."""
        for fleet in self.all:
            if found := fleet.workers.get(key):
                self._gone.add(key)
                return fleet, found
        return None, None

    def ended(self, key: str) -> bool:
        """Whether this was the key of a worker that has ended."""
        return key in self._gone and self.asking(key) == (None, None)


def _runner(folder: Path) -> Path:
    """A folder in which the runner has the name that it has in an image."""
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / worker.PACKAGE
    source = Path(worker.__file__).parent.resolve()
    if not link.is_symlink() or link.resolve() != source:
        link.unlink(missing_ok=True)
        link.symlink_to(source)
    return folder


def _variables(node: Workers, run: "LocalRun", folder: Path) -> Callable[[str, Mapping[str, str]], Mapping[str, str]]:
    """The environment of a worker: what the container is told, and nothing of this machine's own."""

    def variables(name: str, secrets: Mapping[str, str]) -> Mapping[str, str]:
        tmp = folder / name.replace("/", "-")
        tmp.mkdir(parents=True, exist_ok=True)
        return {
            **node.environment,
            **secrets,
            "AWS_REGION": run.region,
            "AWS_DEFAULT_REGION": run.region,
            "AWS_ENDPOINT_URL": run.endpoint_url,
            "PATH": os.pathsep.join(("/usr/local/bin", "/usr/bin", "/bin")),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "TMPDIR": str(tmp),
        }

    return variables
