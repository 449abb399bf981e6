"""A Python function: bundled without Docker for the platform it runs on."""

from pathlib import Path
from typing import Any, Literal, Unpack

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.bundling import Platform, Source, bundle
from cdk_event_flow.compose.edge import place, refuse
from cdk_event_flow.compose.functions.function import Function
from cdk_event_flow.compose.functions.options import FunctionOptions, complete, problems_of
from constructs import Construct

CODE_METADATA = "cdk-event-flow:code"


class PythonFunction(Function):
    """A Lambda function written in Python; everything but its code is as in `Function`.

    `code` is its folder; `requirements.txt` there is installed by uv for the function's platform (wheels only), and the
    modules of `shared` (default: the folder `shared` beside `code`, where there is one) go with it. `handler` is
    `module.function` (default `handler.handler`). `python` is the newest version that the CDK lists, or an older one.

    Raises ConstructError: EF-CODE-FOLDER, EF-CODE-MODULE, EF-CODE-HANDLER, and those of Function;
    BundleError: EF-CODE-WHEEL.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        code: str | Path,
        handler: str = "handler.handler",
        shared: str | Path | None = None,
        python: Literal["3.11", "3.12", "3.13", "3.14"] = "3.14",
        **options: Unpack[FunctionOptions],
    ) -> None:
        at = place(scope, id)
        settings = complete(options)
        source = _source(Path(code), handler, Path(shared) if shared else None)
        refuse(at, [*problems_of(settings), *source.problems()])
        bundled = bundle(source, Platform.aws(python=python, architecture=settings["architecture"]), at=at)
        asset = lambda_.Code.from_asset(str(bundled.zip), asset_hash=bundled.sha256, asset_hash_type=cdk.AssetHashType.CUSTOM)
        super().__init__(scope, id, code=asset, handler=handler, runtime=f"python{python}", **options)
        resource: Any = self.function.node.default_child
        resource.add_metadata(CODE_METADATA, _recorded(source))


def _source(folder: Path, handler: str, shared: Path | None) -> Source:
    beside = folder.parent / "shared"
    return Source(folder=folder, handler=handler, shared=shared or (beside if beside.is_dir() else None))


def _recorded(source: Source) -> dict[str, str]:
    """What the local run needs to build the function again for this machine; relative, so the same on every machine."""

    def relative(path: Path) -> str:
        resolved, here = path.resolve(), Path.cwd()
        return resolved.relative_to(here).as_posix() if resolved.is_relative_to(here) else path.as_posix()

    recorded = {"source": relative(source.folder)}
    return {**recorded, "shared": relative(source.shared)} if source.shared else recorded
