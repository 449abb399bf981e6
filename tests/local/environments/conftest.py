"""Tiny handlers in temporary folders, run in real environments."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from cdk_event_flow.flow.model import Function
from cdk_event_flow.local.environments import Environments, Prepared, choose

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:demo"


@dataclass
class Bench:
    """Makes functions from source text and runs a test's body with an Environments that it closes afterwards."""

    folder: Path
    functions: list[Function] = field(default_factory=list)
    offset: float = 0.0

    def function(self, source: str, name: str = "demo", **given: Any) -> Function:
        code = self.folder / "code" / name
        code.mkdir(parents=True)
        (code / "app.py").write_text(source)
        made = Function(
            logical_id=name, arn=ARN.replace("demo", name), name=name, path=f"Shop/{name}", runtime="python3.13",
            handler="app.handler",
        )  # fmt: skip
        self.functions.append(replace(made, **given))
        return self.functions[-1]

    def run(self, body: Callable[[Environments], Awaitable[None]], **given: Any) -> None:
        async def prepare(function: Function) -> Prepared:
            return Prepared(self.folder / "code" / function.name, choose(function.runtime)[0])

        async def main() -> None:
            options = {
                "functions": self.functions, "prepare": prepare, "endpoint": "http://127.0.0.1:4566",
                "region": "eu-west-1", "account": "111122223333", "folder": self.folder / "work",
                "offset": lambda: self.offset, "rng": random.Random(1),
            }  # fmt: skip
            environments = Environments(**(options | given))
            try:
                async with asyncio.timeout(20):
                    await body(environments)
            finally:
                await environments.close()

        asyncio.run(main())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
