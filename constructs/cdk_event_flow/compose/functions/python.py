"""A Python function: bundled without Docker for the platform it runs on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Unpack

from cdk_event_flow.bundling import Platform, Source, bundle, size_problems
from cdk_event_flow.compose.edge import place, refuse
from cdk_event_flow.compose.functions.assets import CODE_METADATA, Python, asset_of, relative, tell
from cdk_event_flow.compose.functions.function import Function
from cdk_event_flow.compose.functions.options import FunctionOptions, complete, known_size, problems_of
from constructs import Construct


class PythonFunction(Function):
    """A Lambda function written in Python; everything but its code is as in `Function`.

    `code` is its folder. What it depends on is installed by uv for the function's Python and architecture (wheels only): of
    its `requirements.txt`, else of its `pyproject.toml`, with the versions of `uv.lock` where there is one (there, or at the
    root of its workspace). What is not pinned is said in the synth's output. The modules of `shared` (default: the folder
    `shared` beside `code`, where there is one) go with it. `handler` is `module.function` (default `handler.handler`).
    `python` is the newest version that the CDK lists, or an older one.

    Left out are the folder's `tests`, `events`, `conftest.py`, `requirements*.txt`, `pyproject.toml` and `uv.lock`; anywhere,
    bytecode, hidden files, `*.egg-info`, `node_modules` and `cdk.out`; of packages, their scripts; boto3 and botocore, unless
    they are named, for Lambda has them. `exclude` takes further shell patterns over the names in the bundle, where `*` also
    crosses folders (`*/tests/*`, `*.pyi`).

    `precompile` adds bytecode, which Lambda cannot keep by itself, and so shortens cold starts (`event-flow functions` shows
    by how much) for about half as many bytes again; default False, because it needs the function's Python on the machine.

    Raises ConstructError: EF-CODE-FOLDER, EF-CODE-MODULE, EF-CODE-HANDLER, EF-CODE-EXCLUDE, and those of Function;
    BundleError: EF-CODE-WHEEL, and the others of `bundling.bundle`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        code: str | Path,
        handler: str = "handler.handler",
        shared: str | Path | None = None,
        python: Python = "3.14",
        exclude: Sequence[str] = (),
        precompile: bool = False,
        **options: Unpack[FunctionOptions],
    ) -> None:
        at = place(scope, id)
        settings = complete(options)
        source = _source(Path(code), handler, Path(shared) if shared else None, tuple(exclude))
        refuse(at, [*problems_of(settings, f"python{python}"), *source.problems()])
        platform = Platform.aws(python=python, architecture=settings["architecture"])
        bundled = bundle(source, platform, precompile=python if precompile else None, at=at)
        refuse(at, size_problems(bundled.size, layers=known_size(settings["layers"])))
        super().__init__(scope, id, code=asset_of(bundled), handler=handler, runtime=f"python{python}", **options)
        tell(self, bundled)
        self._metadata[CODE_METADATA] = _recorded(source)


def _source(folder: Path, handler: str, shared: Path | None, exclude: tuple[str, ...]) -> Source:
    beside = folder.parent / "shared"
    return Source(folder=folder, handler=handler, shared=shared or (beside if beside.is_dir() else None), exclude=exclude)


def _recorded(source: Source) -> dict[str, Any]:
    """What the local run needs to build the function again for this machine."""
    return {
        "source": relative(source.folder),
        **({"shared": relative(source.shared)} if source.shared else {}),
        **({"exclude": list(source.exclude)} if source.exclude else {}),
    }
