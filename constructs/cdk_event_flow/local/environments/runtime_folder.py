"""What Lambda's Python runtime brings along, behind the task root: the runtime client and boto3, and nothing else.

The folder holds symbolic links to these packages of our own environment, so that a handler can import exactly what it
could import in Lambda, and a dependency missing from its bundle is missing here too.
"""

import contextlib
import importlib.metadata
from pathlib import Path

from cdk_event_flow.errors import Problem, RunError

DISTRIBUTIONS = (
    "awslambdaric",
    "snapshot-restore-py",
    "simplejson",
    "boto3",
    "botocore",
    "s3transfer",
    "jmespath",
    "python-dateutil",
    "urllib3",
    "six",
    "time-machine",
)


def make_runtime_folder(folder: Path) -> Path:
    """Fill `folder` with the links and return it. Raises RunError `EF-RUN-PACKAGE` where one is not installed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in DISTRIBUTIONS:
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            raise RunError(
                "local run",
                Problem(
                    code="EF-RUN-PACKAGE",
                    given=f"the package {name} is not installed",
                    allowed="running functions locally needs it",
                    fix='pip install "cdk-event-flow[local]"',
                ),
            ) from None
        tops = {file.parts[0] for file in distribution.files or ()}
        for top in sorted(t for t in tops if t not in {"..", "__pycache__"} and not t.endswith(".dist-info")):
            with contextlib.suppress(FileExistsError):  # another run may be filling the same folder
                (folder / top).symlink_to(Path(str(distribution.locate_file(top))).resolve())
    return folder
