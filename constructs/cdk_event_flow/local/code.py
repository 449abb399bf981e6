"""A function's code, made ready to run on this machine."""

import hashlib
import sys
import zipfile
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from cdk_event_flow.bundling import Bundle, Platform, Source, bundle, bundle_layer, unpack
from cdk_event_flow.bundling.cache import cache_folder
from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.flow.model import Function, Layer
from cdk_event_flow.local.environments import Prepared, choose, program_of
from cdk_event_flow.local.environments.programs import Kind, kind_of


def kept_folder() -> Path:
    """What outlives a run, so that the next starts faster: unpacked code, links to the runtime's packages, bytecode.

    One folder for each installation of Python, because links and bytecode are that installation's.
    """
    installation = hashlib.sha256(f"{sys.prefix} {sys.version}".encode()).hexdigest()[:16]
    return cache_folder() / "run" / installation


class CodeForHere:
    """Makes a function's code ready: bundled again for this machine, or taken from the assembly.

    `app` is the folder that recorded sources are relative to, `assembly` the one that assets are relative to; `layers` are
    those of the flow. `say` is told once of what differs from Lambda: another version of the language, a layer not there.
    """

    def __init__(self, *, app: Path, assembly: Path, layers: Iterable[Layer], say: Callable[[str], None]) -> None:
        self._app = app
        self._assembly = assembly
        self._layers = {layer.arn: layer for layer in layers}
        self._say = say
        self._told: set[str] = set()
        self._kept = kept_folder()

    def prepare(self, function: Function) -> Prepared:
        """The function's task root, its layers, and what runs it.

        Raises BundleError, and RunError (EF-RUN-CODE, EF-RUN-BOOTSTRAP, EF-RUN-NODE).
        """
        interpreter, note = choose(function.runtime)
        if note:
            self._tell(note)
        layers = tuple(root for arn in reversed(function.layers) if (root := self._layer(arn, function, interpreter)))
        task_root = self._root(function, interpreter)
        program = program_of(function.runtime, (task_root, *layers), at=function.path, cache=cache_folder())
        return Prepared(task_root, interpreter, program, layers)

    def _layer(self, arn: str, function: Function, interpreter: Path) -> Path | None:
        layer = self._layers.get(arn)
        if layer is None or not (layer.code.source or layer.code.asset):
            self._tell(f"{function.path}: the code of its layer {arn} is not in this template, and is left out")
            return None
        return self._root(layer, interpreter)

    def _root(self, node: Function | Layer, interpreter: Path) -> Path:
        """The folder with the code of a function, as in /var/task, or of a layer, as in /opt."""
        code = node.code
        if code.source and isinstance(node, Layer):
            listed = bundle_layer(self._app / code.source, _platform(interpreter), exclude=code.exclude, at=node.path)
            return unpack(listed, self._kept / "code")
        if code.source and isinstance(node, Function):
            shared = self._app / code.shared if code.shared else None
            source = Source(folder=self._app / code.source, handler=node.handler, shared=shared, exclude=code.exclude)
            return unpack(bundle(source, _platform(interpreter), at=node.path), self._kept / "code")
        if code.inline is not None and isinstance(node, Function):
            return self._inline(code.inline, "js" if kind_of(node.runtime) is Kind.NODE else "py")
        asset = self.asset(node)
        if asset.is_dir():
            return asset
        digest = hashlib.sha256(asset.read_bytes()).hexdigest()
        try:
            return unpack(Bundle(zip=asset, sha256=digest), self._kept / "code")
        except zipfile.BadZipFile:
            raise RunError(node.path, _unreadable(f"its asset {asset} is neither a folder nor a zip")) from None

    def _tell(self, note: str) -> None:
        if note not in self._told:
            self._told.add(note)
            self._say(note)

    def _inline(self, text: str, ending: str) -> Path:
        """The text of `ZipFile`, which Lambda puts into `index.py` or `index.js`."""
        folder = self._kept / "code" / hashlib.sha256(text.encode()).hexdigest()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"index.{ending}").write_text(text, "utf-8")
        return folder

    def asset(self, node: Function | Layer) -> Path:
        """Assets lie in the assembly, or in that of a stage inside it. Raises RunError (EF-RUN-CODE) where there is none."""
        asset = node.code.asset or ""
        places = [self._assembly, *sorted(p for p in self._assembly.glob("assembly-*") if p.is_dir())]
        found = next((place / asset for place in places if (place / asset).exists()), None)
        if found is None:
            raise RunError(node.path, _unreadable(f"its asset {asset} is not in {self._assembly}"))
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
