"""A function's source: its folder, its handler, and the modules it shares with others."""

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cdk_event_flow.errors import Problem

REQUIREMENTS = "requirements.txt"
_LEFT_OUT = {"__pycache__", "tests", "events"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """`folder` holds the module of `handler` (`module.function`); `shared` is put beside it under its own name."""

    folder: Path
    handler: str = "handler.handler"
    shared: Path | None = None

    @property
    def requirements(self) -> Path:
        """Where the function's requirements stand, if it has any."""
        return self.folder / REQUIREMENTS

    def problems(self) -> list[Problem]:
        """Everything that would keep Lambda from finding the handler. The code is read, not run."""
        if not self.folder.is_dir():
            return [_no_folder(self.folder)]
        if self.shared and not self.shared.is_dir():
            return [_no_folder(self.shared)]
        module, _, function = self.handler.rpartition(".")
        file = self.folder / f"{module.replace('.', '/')}.py"
        if not module or not file.is_file():
            there = ", ".join(sorted(p.name for p in self.folder.glob("*.py"))) or "no Python file"
            return [
                Problem(code="EF-CODE-MODULE", given=f"handler is {self.handler!r}, but {file} does not exist",
                        allowed=f"the folder holds {there}", fix="name the handler as module.function")
            ]  # fmt: skip
        try:
            names = set(_defined(ast.parse(file.read_text("utf-8"), filename=str(file))))
        except SyntaxError as error:
            return [
                Problem(code="EF-CODE-MODULE", given=f"{file}:{error.lineno} is not Python: {error.msg}",
                        allowed="the module must be importable", fix="mend the line")
            ]  # fmt: skip
        if function in names:
            return []
        near = difflib.get_close_matches(function, names, n=1)
        return [
            Problem(
                code="EF-CODE-HANDLER",
                given=f"handler is {self.handler!r}, but {file} defines no {function!r}",
                allowed=f"it defines {', '.join(sorted(names)) or 'nothing'}",
                fix=f"did you mean {module}.{near[0]}?" if near else "define the function, or name another",
            )
        ]

    def files(self) -> Iterator[tuple[str, Path]]:
        """What goes into the bundle: (name in the bundle, file), sorted by name; no tests, sample events or caches."""
        found = dict(_walk(self.folder, ""))
        if self.shared:
            found |= dict(_walk(self.shared, f"{self.shared.name}/"))
        return iter(sorted(found.items()))


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part in _LEFT_OUT for part in parts)
        if path.is_file() and not hidden and path.suffix != ".pyc" and parts[-1] != REQUIREMENTS:
            yield prefix + "/".join(parts), path


def _no_folder(folder: Path) -> Problem:
    beside = sorted(p.name for p in folder.parent.iterdir() if p.is_dir()) if folder.parent.is_dir() else []
    near = difflib.get_close_matches(folder.name, beside, n=1)
    return Problem(
        code="EF-CODE-FOLDER",
        given=f"the code folder {folder} does not exist",
        allowed="it must be a folder, named from where the app is run",
        fix=f"did you mean {folder.parent / near[0]}?" if near else "correct the path",
    )


def _defined(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from (alias.asname or alias.name for alias in names)
