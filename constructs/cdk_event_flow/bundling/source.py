"""Where a function's code is, and whether a handler can be found in it: read by `ast`, never imported."""

import ast
import difflib
import fnmatch
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import BundleError, Problem
from .requirements import LOCK, PYPROJECT

_HANDLER_DOCS = "https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html"
LEFT_OUT = ("tests", "events", "conftest.py", "requirements*.txt", PYPROJECT, LOCK)
LEFT_OUT_ANYWHERE = (".*", "__pycache__", "*.pyc", "*.egg-info", "node_modules", "cdk.out")


@dataclass(frozen=True, slots=True)
class Source:
    """A function's folder, its handler (`module.function`, as Lambda has it) and the modules it shares with others.

    `shared` is a folder whose modules land beside the function's under the folder's own name, so that a handler can
    write `from shared.events import …`. `exclude` are shell patterns over the names of files in the bundle, where `*` stands
    for any characters, `/` too (`*/tests/*`). Making a Source checks nothing; `problems` says all that is wrong.
    """

    folder: Path
    handler: str = "handler.handler"
    shared: Path | None = None
    exclude: tuple[str, ...] = ()

    @property
    def requirements(self) -> Path | None:
        """The folder's `requirements.txt`, else its `pyproject.toml`; None where the function needs nothing but the runtime."""
        return dependencies_in(self.folder)

    def problems(self) -> list[Problem]:
        """Everything that keeps this code from being a function, without importing it."""
        found = [no_folder(folder) for folder in (self.folder, self.shared) if folder is not None and not folder.is_dir()]
        if not self.folder.is_dir():
            return found
        return found + self.handler_problems()

    def files(self) -> dict[str, Path]:
        """The files of the function, by their name in the zip.

        Left out: `LEFT_OUT` at the top of the function's folder, `LEFT_OUT_ANYWHERE` in it and in `shared`, and `exclude`.
        """
        own = {name: path for name, path in _walk(self.folder) if not matches(name.partition("/")[0], LEFT_OUT)}
        own = without(own, self.exclude)
        if self.shared is None:
            return own
        shared = without({f"{self.shared.name}/{name}": path for name, path in _walk(self.shared)}, self.exclude)
        if clashes := sorted(own.keys() & shared.keys()):
            raise BundleError(str(self.folder), clash(clashes, f"the function's folder and {self.shared}"))
        return own | shared

    def handler_problems(self) -> list[Problem]:
        """What is wrong with the handler: its form, its module, its function."""
        module, dot, function = self.handler.rpartition(".")
        if not dot or not module or not function.isidentifier():
            return [
                Problem(
                    code="EF-CODE-HANDLER",
                    given=f"the handler is {self.handler!r}",
                    allowed=f"Lambda wants module.function ({_HANDLER_DOCS})",
                    fix="name the module and the function in it, for example 'handler.handler'",
                )
            ]
        file = self._module_file(module)
        if file is None:
            return [self._no_module(module)]
        if matches(file.relative_to(self.folder).as_posix(), self.exclude):
            return [self._excluded(file)]
        try:
            defined = _defined(ast.parse(file.read_bytes(), str(file)).body)
        except (SyntaxError, ValueError) as error:
            where = f"{file}:{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else str(file)
            return [
                Problem(
                    code="EF-CODE-SYNTAX",
                    given=f"{where} is not Python: {getattr(error, 'msg', error)}",
                    allowed="the handler's module must be readable by the Python that bundles it",
                    fix="correct the line",
                )
            ]
        if function in defined or "*" in defined:
            return []
        callables = [name for name, is_function in defined.items() if is_function and not name.startswith("_")]
        return [
            Problem(
                code="EF-CODE-HANDLER",
                given=f"{file} does not define {function!r} at module level",
                allowed=f"it defines {', '.join(callables)}" if callables else "it defines no function",
                fix=_did_you_mean(function, list(defined), prefix=f"{module}.")
                or f"define {function}(event, context) there, or name another handler",
            )
        ]

    def _module_file(self, module: str) -> Path | None:
        base = self.folder.joinpath(*module.replace("/", ".").split("."))
        candidates = (base.with_name(base.name + ".py"), base / "__init__.py")
        return next((path for path in candidates if path.is_file()), None)

    def _no_module(self, module: str) -> Problem:
        modules = sorted(path.stem for path in self.folder.glob("*.py"))
        return Problem(
            code="EF-CODE-MODULE",
            given=f"the handler is {self.handler!r} and {self.folder} has no {module.replace('.', '/')}.py",
            allowed=f"its modules are {', '.join(modules)}" if modules else "it has no Python module",
            fix=_did_you_mean(module, modules, suffix=f".{self.handler.rpartition('.')[2]}")
            or "create the module, or name another handler",
        )

    def _excluded(self, file: Path) -> Problem:
        return Problem(
            code="EF-CODE-EXCLUDE",
            given=f"exclude matches {file.name}, which has the handler",
            allowed="a bundle without its handler cannot run",
            fix=f"make a pattern of {', '.join(map(repr, self.exclude))} narrower",
        )


def dependencies_in(folder: Path) -> Path | None:
    """The file that says what the code in a folder depends on."""
    return next((folder / name for name in ("requirements.txt", PYPROJECT) if (folder / name).is_file()), None)


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name matches one of the shell patterns."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def without(files: dict[str, Path], exclude: tuple[str, ...]) -> dict[str, Path]:
    """The files whose names in the bundle match none of the patterns."""
    return {name: path for name, path in files.items() if not matches(name, exclude)} if exclude else files


def clash(names: list[str], between: str) -> Problem:
    """The problem of one name standing twice in a zip."""
    return Problem(
        code="EF-CODE-CLASH",
        given=f"{', '.join(names[:3])}{' and more' if len(names) > 3 else ''} would come from both {between}",
        allowed="a file can stand in a function once",
        fix="rename the function's own file",
    )


def no_folder(folder: Path) -> Problem:
    """The problem of code that is not where it is said to be."""
    siblings = sorted(path.name for path in folder.parent.iterdir() if path.is_dir()) if folder.parent.is_dir() else []
    return Problem(
        code="EF-CODE-FOLDER",
        given=f"the code folder {folder} {'is a file' if folder.exists() else 'does not exist'}",
        allowed=f"{folder.parent} holds {', '.join(siblings)}" if siblings else "it must be a folder with the handler",
        fix=_did_you_mean(folder.name, siblings, prefix=f"{folder.parent}/")
        or "correct the path, which is relative to where the app runs",
    )


def _did_you_mean(word: str, words: list[str], prefix: str = "", suffix: str = "") -> str:
    near = difflib.get_close_matches(word, words, n=1)
    return f"did you mean {prefix + near[0] + suffix!r}?" if near else ""


def _walk(root: Path) -> Iterator[tuple[str, Path]]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(each for each in folders if not matches(each, LEFT_OUT_ANYWHERE))
        for file in sorted(files):
            path = Path(folder, file)
            if not matches(file, LEFT_OUT_ANYWHERE) and path.is_file():
                yield path.relative_to(root).as_posix(), path


def _defined(body: list[ast.stmt]) -> dict[str, bool]:
    """The names a module binds at its top level, in order, each with whether it is a function or class."""
    names: dict[str, bool] = {}
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names[name] = True
            case ast.Assign(targets=targets):
                names |= {n.id: False for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
                names[name] = False
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names |= {alias.asname or alias.name.partition(".")[0]: False for alias in aliases}
            case ast.If() | ast.Try() | ast.With() | ast.For() | ast.While():
                for field in ("body", "orelse", "finalbody"):
                    names |= _defined(getattr(statement, field, []))
                for handler in getattr(statement, "handlers", []):
                    names |= _defined(handler.body)
            case _:
                pass
    return names
