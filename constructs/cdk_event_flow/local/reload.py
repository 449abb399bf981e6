"""Hot reload: when the source of functions or workers changes, it is built again and takes over, or is told to be broken."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from pathlib import Path

from cdk_event_flow.bundling.source import LEFT_OUT_ANYWHERE, matches
from cdk_event_flow.errors import EventFlowError
from cdk_event_flow.flow.model import Code, Function, Layer
from cdk_event_flow.local.code import CodeForHere
from cdk_event_flow.local.environments import Prepared

LOOK_EVERY = 0.1  # seconds
# Size and time of each file.
Fingerprint = Mapping[Path, tuple[int, int]]
# Lets a function go on with other code, or says what is wrong with it.
Renew = Callable[[Function, Prepared], Awaitable[str]]


class Reload:
    """Watches what the functions were built of: their folders, what they share, and their layers', where the template tells them.

    `app` is the folder that these are relative to; `renew` lets a function go on with what `code` made of it; `names` are what
    functions are called by; `say` is told what changed.
    """

    def __init__(
        self,
        functions: Iterable[Function],
        layers: Iterable[Layer],
        *,
        app: Path,
        code: CodeForHere,
        renew: Renew,
        names: Mapping[str, str],
        say: Callable[[str], None],
    ) -> None:
        of_layers = {layer.arn: layer.code for layer in layers}
        self._folders: dict[str, tuple[Path, ...]] = {}
        self._functions = {function.arn: function for function in functions}
        for function in self._functions.values():
            codes = [function.code, *(of_layers[arn] for arn in function.layers if arn in of_layers)]
            self._folders[function.arn] = tuple(folder for each in codes for folder in _folders(app, each))
        self._app = app
        self._code = code
        self._renew = renew
        self._names = names
        self._say = say
        self._seen = {arn: self._look(arn) for arn in self._folders}

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            await self.look()

    async def look(self) -> None:
        """Look once, and let the code that changed take over."""
        for arn in self._folders:
            now = await asyncio.to_thread(self._look, arn)
            if now != self._seen[arn]:
                changed = _changed(self._seen[arn], now)
                self._seen[arn] = now
                await self._take_over(self._functions[arn], changed)

    def _look(self, arn: str) -> Fingerprint:
        found = {}
        for folder in self._folders[arn]:
            for file in _files(folder):
                try:
                    stat = file.stat()
                except OSError:
                    continue  # just being replaced
                found[file] = (stat.st_size, stat.st_mtime_ns)
        return found

    async def _take_over(self, function: Function, changed: list[Path]) -> None:
        name = self._names.get(function.arn, function.name)
        shown = ", ".join(_shown(file, self._app) for file in changed[:3]) + (" and more" if len(changed) > 3 else "")
        try:
            prepared = await asyncio.to_thread(self._code.prepare, function)
            problem = await self._renew(function, prepared)
        except (EventFlowError, OSError) as error:  # OSError: a file that went while it was read
            problem = str(error)
        if problem:
            self._say(f"{name} keeps its code, {shown} is broken: {problem}")
        else:
            self._say(f"{name} has new code: {shown}")


def _folders(app: Path, code: Code) -> Iterator[Path]:
    yield from (app / folder for folder in (code.source, code.shared) if folder)


def _files(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        if matches(entry.name, LEFT_OUT_ANYWHERE):
            continue
        if entry.is_dir():
            yield from _files(entry)
        else:
            yield entry


def _changed(before: Fingerprint, now: Fingerprint) -> list[Path]:
    return sorted(file for file in before.keys() | now.keys() if before.get(file) != now.get(file))


def _shown(file: Path, app: Path) -> str:
    return str(file.relative_to(app)) if file.is_relative_to(app) else str(file)
