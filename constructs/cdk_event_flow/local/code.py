"""A function's code, made ready to run on this machine, and which functions cannot be run here."""

import dataclasses
import hashlib
import sys
import zipfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from cdk_event_flow.bundling import Bundle, Platform, Source, bundle, unpack
from cdk_event_flow.bundling.cache import cache_folder
from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Alias, Function, Node, Other, Version
from cdk_event_flow.local.environments import Environments, Prepared, choose


def kept_folder() -> Path:
    """What outlives a run, so that the next starts faster: unpacked code, links to the runtime's packages, bytecode.

    One folder for each installation of Python, because links and bytecode are that installation's.
    """
    installation = hashlib.sha256(f"{sys.prefix} {sys.version}".encode()).hexdigest()[:16]
    return cache_folder() / "run" / installation


def why_not_run(function: Function) -> str | None:
    """Why this function cannot be run here ("its runtime is nodejs22.x"); None where it can."""
    if function.code.image:
        return "it is a container image"
    if not Environments.supports(function):
        return f"its runtime is {function.runtime or 'not given'}"
    if not (function.code.source or function.code.asset or function.code.inline):
        return "the template does not tell where its code is"
    return None


def runnable(flow: Flow) -> tuple[Flow, tuple[str, ...]]:
    """The flow with functions that cannot be run here taken out, and a sentence for each of them.

    What would reach such a function is traced and says so. Raises RunError (EF-RUN-FUNCTIONS) where none is left.
    """
    reasons = {function.arn: reason for function in flow.of(Function) if (reason := why_not_run(function))}
    notes = tuple(f"{flow.nodes[arn].path}: not run, {reason}" for arn, reason in reasons.items())
    if len(reasons) == len(flow.of(Function)):
        raise RunError("event-flow run", _nothing_to_run(notes))
    return Flow({arn: _taken_out(node, reasons) for arn, node in flow.nodes.items()}, account=flow.account, region=flow.region), notes


def _taken_out(node: Node, reasons: dict[str, str]) -> Node:
    behind = node.function_arn if isinstance(node, Alias | Version) else node.arn
    if behind not in reasons:
        return node
    known = {field.name: getattr(node, field.name) for field in dataclasses.fields(Node)}
    return Other(**known, type=f"function ({reasons[behind]})")


def _nothing_to_run(notes: tuple[str, ...]) -> Problem:
    return Problem(
        code="EF-RUN-FUNCTIONS",
        given="; ".join(notes) or "the template has no Lambda functions",
        allowed="a run needs at least one Python function with its code",
        fix="give the template of the stack with the functions, or use `event-flow trace` to see where events go",
    )


class CodeForHere:
    """Makes a function's code ready: bundled again for this machine, or taken from the assembly.

    `app` is the folder that recorded sources are relative to, `assembly` the one that assets are relative to. `say` is
    told once for each runtime that is run by another version of Python.
    """

    def __init__(self, *, app: Path, assembly: Path, say: Callable[[str], None]) -> None:
        self._app = app
        self._assembly = assembly
        self._say = say
        self._told: set[str] = set()
        self._kept = kept_folder()

    def prepare(self, function: Function) -> Prepared:
        """The function's task root and interpreter. Raises BundleError, and RunError (EF-RUN-CODE)."""
        interpreter, note = choose(function.runtime)
        if note and note not in self._told:
            self._told.add(note)
            self._say(note)
        return Prepared(task_root=self._task_root(function, interpreter), interpreter=interpreter)

    def _task_root(self, function: Function, interpreter: Path) -> Path:
        code = function.code
        if code.source:
            shared = self._app / code.shared if code.shared else None
            source = Source(folder=self._app / code.source, handler=function.handler, shared=shared)
            return unpack(bundle(source, _platform(interpreter), at=function.path), self._kept / "code")
        if code.inline is not None:
            return self._inline(code.inline)
        asset = self._asset(function, code.asset or "")
        if asset.is_dir():
            return asset
        digest = hashlib.sha256(asset.read_bytes()).hexdigest()
        try:
            return unpack(Bundle(zip=asset, sha256=digest), self._kept / "code")
        except zipfile.BadZipFile:
            raise RunError(function.path, _unreadable(f"its asset {asset} is neither a folder nor a zip")) from None

    def _inline(self, text: str) -> Path:
        """The text of `ZipFile`, which Lambda puts into `index.py`."""
        folder = self._kept / "code" / hashlib.sha256(text.encode()).hexdigest()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.py").write_text(text, "utf-8")
        return folder

    def _asset(self, function: Function, asset: str) -> Path:
        """Assets lie in the assembly, or in that of a stage inside it."""
        places = [self._assembly, *sorted(p for p in self._assembly.glob("assembly-*") if p.is_dir())]
        found = next((place / asset for place in places if (place / asset).exists()), None)
        if found is None:
            raise RunError(function.path, _unreadable(f"its asset {asset} is not in {self._assembly}"))
        return found


@lru_cache
def _platform(interpreter: Path) -> Platform:
    return Platform.here(interpreter)


def _unreadable(given: str) -> Problem:
    return Problem(
        code="EF-RUN-CODE",
        given=given,
        allowed="the code of a function is a source folder, an asset of the assembly, or inline",
        fix="synthesize again, and give the folder that synthesis wrote",
    )
