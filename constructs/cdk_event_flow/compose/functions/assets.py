"""Bundles as assets of the app, and what is recorded of where they come from."""

from pathlib import Path
from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.bundling import Bundle
from constructs import IConstruct

CODE_METADATA = "cdk-event-flow:code"
Python = Literal["3.11", "3.12", "3.13", "3.14"]


def asset_of(bundled: Bundle) -> lambda_.AssetCode:
    """A bundle as the CDK takes it: its hash is ours, which is the same on every machine."""
    return lambda_.Code.from_asset(str(bundled.zip), asset_hash=bundled.sha256, asset_hash_type=cdk.AssetHashType.CUSTOM)


def tell(construct: IConstruct, bundled: Bundle) -> None:
    """Say in the synth's output what may make the next bundle another one."""
    for note in bundled.notes:
        cdk.Annotations.of(construct).add_info(note)


def relative(path: Path) -> str:
    """A path as it is recorded in a template: relative to where the app runs, so the same on every machine."""
    resolved, here = path.resolve(), Path.cwd()
    return resolved.relative_to(here).as_posix() if resolved.is_relative_to(here) else path.as_posix()
