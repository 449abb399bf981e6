"""Each function with what decides how it starts."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdk_event_flow.errors import EventFlowError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Alias, Function, Layer, Other, Version
from cdk_event_flow.flow.names import short_names
from cdk_event_flow.flow.readers.resource import whole
from cdk_event_flow.local.code import CodeForHere, kept_folder
from cdk_event_flow.local.coldstarts.imports import Importer, Imports, NotImported
from cdk_event_flow.local.coldstarts.sizes import Size, size_of_asset, size_of_text
from cdk_event_flow.local.environments.programs import Kind, kind_of
from cdk_event_flow.local.environments.runtime_folder import make_runtime_folder
from cdk_event_flow.local.runnable import why_not_run

_SCALING = "AWS::ApplicationAutoScaling::ScalableTarget"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """How many environments of an alias or version are kept ready: `least` to `most`."""

    qualifier: str
    least: int
    most: int

    def __str__(self) -> str:
        number = f"{self.least}" if self.least == self.most else f"{self.least} to {self.most}"
        return f"{number} of {self.qualifier}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """`size` is None where the template does not lead to the package, `layers` (bytes, unzipped) where a layer is from elsewhere.

    `imports` is None where nothing was measured, and `why` then says why.
    """

    name: str
    function: Function
    size: Size | None
    layers: int | None
    ready: tuple[Ready, ...]
    keeps_versions: bool
    imports: Imports | None
    why: str = ""


def overview_of(
    flow: Flow, functions: Sequence[Function], *, app: Path, assembly: Path, runs: int, say: Callable[[str], None] = lambda _: None
) -> Iterator[Overview]:
    """The functions one after the other, each with its package as it lies in `assembly`, and its imports measured here.

    Code is made ready as the local run does it; `app` is the folder that the app is synthesized in, `say` is told what goes
    on and what differs from Lambda. `runs` of 0 measures no imports. Raises RunError (EF-RUN-PACKAGE).
    """
    code = CodeForHere(app=app, assembly=assembly, layers=flow.of(Layer), say=say)
    names = short_names(flow.nodes)
    with tempfile.TemporaryDirectory(prefix="event-flow-imports-", ignore_cleanup_errors=True) as folder:
        importer = Importer(Path(folder), make_runtime_folder(kept_folder() / "runtime"))
        for number, function in enumerate(functions, start=1):
            size = _size(function, code)
            imports, why = None, "imports were not asked for"
            if runs:
                say(f"measuring {function.path} ({number} of {len(functions)})")
                imports, why = _imports(function, code, importer, runs, compiled=size is not None and size.compiled)
            yield Overview(
                name=names[function.arn],
                function=function,
                size=size,
                layers=_layers(function, flow, code),
                ready=tuple(_ready(function, flow)),
                keeps_versions=any(each.kept for each in flow.of(Version) if each.function_arn == function.arn),
                imports=imports,
                why=why,
            )


def _size(node: Function | Layer, code: CodeForHere) -> Size | None:
    if node.code.inline is not None:
        return size_of_text(node.code.inline)
    if node.code.image or not node.code.asset:
        return None
    try:
        return size_of_asset(code.asset(node))
    except EventFlowError:  # a template by itself: its assets are elsewhere
        return None


def _layers(function: Function, flow: Flow, code: CodeForHere) -> int | None:
    here = {layer.arn: layer for layer in flow.of(Layer)}
    sizes = [_size(here[arn], code) if arn in here else None for arn in function.layers]
    known = [size.unzipped for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _ready(function: Function, flow: Flow) -> Iterator[Ready]:
    scaled = {
        str(each.properties.get("ResourceId")): each
        for each in flow.of(Other)
        if each.type == _SCALING and each.properties.get("ServiceNamespace") == "lambda"
    }
    nodes: list[Alias | Version] = [*flow.of(Alias), *flow.of(Version)]
    for node in nodes:
        if node.function_arn != function.arn:
            continue
        qualifier = node.arn.rpartition(":")[2] if isinstance(node, Alias) else f"version {node.version}"
        target = scaled.get(f"function:{function.name}:{qualifier}")
        if target is not None:
            least = whole(target.properties.get("MinCapacity"), 0)
            yield Ready(qualifier=qualifier, least=least, most=whole(target.properties.get("MaxCapacity"), least))
        elif node.provisioned:
            yield Ready(qualifier=qualifier, least=node.provisioned, most=node.provisioned)


def _imports(function: Function, code: CodeForHere, importer: Importer, runs: int, *, compiled: bool) -> tuple[Imports | None, str]:
    try:
        if reason := _unmeasured(function, code):
            return None, reason
        return importer.measure(function, code.prepare(function), runs=runs, precompiled=compiled), ""
    except NotImported as failed:
        return None, str(failed)
    except EventFlowError as refused:
        return None, f"its code cannot be made ready here: {refused}"


def _unmeasured(function: Function, code: CodeForHere) -> str | None:
    """Why its imports are not measured. What a run here would not do (tenants, checkpoints) does not matter to them."""
    if kind_of(function.runtime) is not Kind.PYTHON and not function.code.image:
        return f"its runtime is {function.runtime or 'not given'}, and imports are measured of Python only"
    return None if function.durable or function.tenants else why_not_run(function, code)
