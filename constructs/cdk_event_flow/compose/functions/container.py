"""A function from a container image: of an ECR repository, or built from a Dockerfile when the app is deployed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Unpack

from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.bundling import no_folder
from cdk_event_flow.compose.edge import place, refuse
from cdk_event_flow.compose.functions.capabilities import IMAGE
from cdk_event_flow.compose.functions.function import NOT_CODE, Function
from cdk_event_flow.compose.functions.options import FunctionOptions, complete, problems_of
from cdk_event_flow.errors import Problem
from constructs import Construct

_DOCS = "https://docs.aws.amazon.com/lambda/latest/dg/images-create.html"
_PLATFORMS = {"arm64": ecr_assets.Platform.LINUX_ARM64, "x86_64": ecr_assets.Platform.LINUX_AMD64}


class ContainerFunction(Function):
    """A Lambda function from a container image of up to 10 GB; everything but its code is as in `Function`.

    `image` is a folder with a `Dockerfile`, or another Dockerfile in its folder: it is described in the assembly and built
    for the function's architecture by `cdk deploy`, so that a synth needs no Docker (a `.dockerignore` says what does not go
    into it). Or it is a repository, with `version`: a tag, or a digest (`sha256:…`), which unlike a tag cannot be moved to
    another image. Or any of the CDK's image codes, for build arguments and the like.

    `entrypoint`, `command` and `workdir` stand in place of the image's own; default: those of the image. In AWS's base
    images the command is the handler. The local run does not run container images, and says so.

    Raises ConstructError: EF-CODE-FOLDER, EF-IMAGE-DOCKERFILE, EF-IMAGE-VERSION, EF-IMAGE-OVERRIDE, EF-IMAGE-LAYERS, and those
    of Function.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        image: str | Path | ecr.IRepository | lambda_.Code,
        version: str | None = None,
        entrypoint: Sequence[str] | None = None,
        command: Sequence[str] | None = None,
        workdir: str | None = None,
        **options: Unpack[FunctionOptions],
    ) -> None:
        settings = complete(options)
        given: dict[str, Any] = {"entrypoint": entrypoint, "cmd": command, "working_directory": workdir}
        overrides = any(value is not None for value in given.values())
        refuse(place(scope, id), [*problems_of(settings, IMAGE), *_problems(image, version, overrides, settings)])
        if isinstance(image, str | Path):
            file = Path(image).resolve()  # here: the CDK is a process of its own, which may be in another folder
            folder = file if file.is_dir() else file.parent
            code: lambda_.Code = lambda_.Code.from_asset_image(
                str(folder),
                file=None if file.is_dir() else file.name,
                platform=_PLATFORMS[settings["architecture"]],
                exclude=list(NOT_CODE),
                **given,
            )
        elif isinstance(image, lambda_.Code):
            code = image
        else:
            code = lambda_.Code.from_ecr_image(image, tag_or_digest=version, **given)
        super().__init__(scope, id, code=code, handler=lambda_.Handler.FROM_IMAGE, runtime=lambda_.Runtime.FROM_IMAGE, **options)


def _problems(
    image: str | Path | ecr.IRepository | lambda_.Code, version: str | None, overrides: bool, settings: FunctionOptions
) -> list[Problem]:
    found = []
    if isinstance(image, str | Path):
        found += _file_problems(Path(image))
    if isinstance(image, lambda_.Code) and overrides:
        found.append(
            Problem(code="EF-IMAGE-OVERRIDE", given="entrypoint, command or workdir with a code of the CDK's",
                    allowed="such a code has its own", fix="give them to the code")
        )  # fmt: skip
    repository = not isinstance(image, str | Path | lambda_.Code)
    if repository and not version:
        found.append(
            Problem(code="EF-IMAGE-VERSION", given="a repository without version",
                    allowed="a function is made from one image of it", fix="give version=, a tag or, better, a digest")
        )  # fmt: skip
    if version and not repository:
        found.append(
            Problem(code="EF-IMAGE-VERSION", given=f"version is {version!r} and the image is not a repository",
                    allowed="only images of a repository have versions", fix="leave version out")
        )  # fmt: skip
    if settings["layers"]:
        found.append(
            Problem(code="EF-IMAGE-LAYERS", given="layers with a container image", allowed=f"Lambda ({_DOCS}) takes one or the other",
                    fix="copy what the layers hold into the image")
        )  # fmt: skip
    return found


def _file_problems(image: Path) -> list[Problem]:
    if not image.exists():
        return [no_folder(image)]
    if image.is_dir() and not (image / "Dockerfile").is_file():
        files = sorted(file.name for file in image.iterdir() if file.is_file())
        return [
            Problem(code="EF-IMAGE-DOCKERFILE", given=f"{image} has no Dockerfile",
                    allowed=f"it has {', '.join(files[:5])}" if files else "it has no files",
                    fix="write one, or give the path of the file that says how the image is built")
        ]  # fmt: skip
    return []
