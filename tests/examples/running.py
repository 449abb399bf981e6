"""The app of a folder, run as its reader would, with another `cdk.App`."""

import json
import os
import runpy
import sys
from pathlib import Path

import aws_cdk as cdk

# What stands at the root beside the reference app.
NOT_OF_AN_APP = (".venv", "benchmarks", "constructs", "tests")


def run_app(folder, made):
    """Run `folder`'s app; `made` makes its app of the class and the context that the CDK command line would give."""
    modules, path, app, here = set(sys.modules), list(sys.path), cdk.App, Path.cwd()
    described = json.loads((folder / "cdk.json").read_text("utf-8"))
    context = {"aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True, **described.get("context", {})}
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    cdk.App = lambda **_: made(app, context)
    try:
        runpy.run_path(str(folder / "app.py"), run_name="__main__")
    finally:
        cdk.App, sys.path[:] = app, path
        os.chdir(here)
        for name in set(sys.modules) - modules:
            file = Path(getattr(sys.modules[name], "__file__", None) or "/")
            if file.is_relative_to(folder) and file.relative_to(folder).parts[0] not in NOT_OF_AN_APP:
                del sys.modules[name]
