"""Tiny handlers in temporary folders, run in real environments."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from cdk_event_flow.bundling.cache import cache_folder
from cdk_event_flow.flow.model import Function
from cdk_event_flow.local.environments import Environments, Prepared, choose, program_of

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:demo"


@dataclass
class Bench:
    """Makes functions from source text and runs a test's body with an Environments that it closes afterwards."""

    folder: Path
    functions: list[Function] = field(default_factory=list)
    offset: float = 0.0
    layers: tuple[Path, ...] = ()

    def function(self, source: str, name: str = "demo", file: str = "app.py", **given: Any) -> Function:
        code = self.folder / "code" / name
        code.mkdir(parents=True)
        (code / file).write_text(source)
        (code / file).chmod(0o755)
        made = Function(
            logical_id=name, arn=ARN.replace("demo", name), name=name, path=f"Shop/{name}", runtime="python3.13",
            handler="app.handler",
        )  # fmt: skip
        self.functions.append(replace(made, **given))
        return self.functions[-1]

    def run(self, body: Callable[[Environments], Awaitable[None]], *, seconds: float = 20, **given: Any) -> None:
        async def prepare(function: Function) -> Prepared:
            code = self.folder / "code" / function.name
            program = program_of(function.runtime, (code, *self.layers), at=function.path, cache=cache_folder())
            return Prepared(code, choose(function.runtime)[0], program, self.layers)

        async def main() -> None:
            options = {
                "functions": self.functions, "prepare": prepare, "endpoint": "http://127.0.0.1:4566",
                "region": "eu-west-1", "account": "111122223333", "folder": self.folder / "work",
                "offset": lambda: self.offset, "rng": random.Random(1),
            }  # fmt: skip
            environments = Environments(**(options | given))
            try:
                async with asyncio.timeout(seconds):
                    await body(environments)
            finally:
                await environments.close()

        asyncio.run(main())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
