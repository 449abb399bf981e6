"""Lambda layers: a folder, or packages from PyPI, that several functions find in `/opt`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.bundling import Platform, bundle_layer, size_of
from cdk_event_flow.compose.edge import place, refuse
from cdk_event_flow.compose.functions.assets import CODE_METADATA, Python, asset_of, relative, tell
from constructs import Construct

_ARCHITECTURES = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}


class Layer(Construct):
    """A layer, for the option `layers` of functions.

    `code` is a folder or zip as it stands in `/opt` (`bin/`, `lib/`, `nodejs/node_modules/`, a `bootstrap`). Give
    `architecture` where it holds programs: a function of the other one then refuses it. A function takes up to 5 layers,
    at most 250 MB unzipped with its own code; where two have the same file, the last one's counts.

    `layer` is the CDK's own construct; `size` is in bytes, unzipped.

    Raises ConstructError: EF-CODE-FOLDER, EF-CODE-ZIP, EF-CODE-SIZE.
    """

    def __init__(
        self, scope: Construct, id: str, *, code: str | Path, architecture: Literal["arm64", "x86_64"] | None = None
    ) -> None:
        at = place(scope, id)
        size, problems = size_of(Path(code))
        refuse(at, problems)
        super().__init__(scope, id)
        self._make(lambda_.Code.from_asset(str(Path(code).resolve())), size, architecture)

    def _make(
        self, code: lambda_.Code, size: int, architecture: Literal["arm64", "x86_64"] | None, python: Python | None = None
    ) -> None:
        self.size, self.architecture = size, architecture
        self.layer = lambda_.LayerVersion(
            self,
            "Version",
            code=code,
            compatible_architectures=[_ARCHITECTURES[architecture]] if architecture else None,
            compatible_runtimes=[getattr(lambda_.Runtime, f"PYTHON_{python.replace('.', '_')}")] if python else None,
        )


class PythonLayer(Layer):
    """A layer of packages from PyPI.

    `requirements` is a requirements file, a pyproject.toml, or a folder with one of them; its packages are installed for
    `python` and `architecture` as those of a `PythonFunction` are, and `exclude` and `precompile` are as there. Functions that
    share packages do not need a layer for that: a bundle installs them once for all. It pays where it keeps what is large and
    changes seldom out of each deployment.

    Raises BundleError: EF-CODE-FOLDER, EF-CODE-SIZE, EF-CODE-WHEEL, and the others of `bundling.bundle`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        requirements: str | Path,
        python: Python = "3.14",
        architecture: Literal["arm64", "x86_64"] = "arm64",
        exclude: Sequence[str] = (),
        precompile: bool = False,
    ) -> None:
        listed, left_out = Path(requirements), tuple(exclude)
        bundled = bundle_layer(
            listed,
            Platform.aws(python=python, architecture=architecture),
            exclude=left_out,
            precompile=python if precompile else None,
            at=place(scope, id),
        )
        Construct.__init__(self, scope, id)
        self._make(asset_of(bundled), bundled.size, architecture, python)
        tell(self, bundled)
        resource: Any = self.layer.node.default_child
        recorded = {"source": relative(listed), **({"exclude": list(left_out)} if left_out else {})}
        resource.add_metadata(CODE_METADATA, recorded)
