"""Code that is given as Lambda runs it: whether its runtime will find what it starts. Nothing of it is executed."""

import difflib
import os
import re
from collections.abc import Callable
from pathlib import Path

from ..errors import BundleError, Problem
from .contents import Contents
from .source import Source, no_folder

UNZIPPED_LIMIT = 250 * 1024 * 1024  # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
BOOTSTRAP = "bootstrap"
_DOCS = "https://docs.aws.amazon.com/lambda/latest/dg/"
_MACHINES = {
    0x3E: "x86_64",
    0xB7: "arm64",
}  # e_machine of the ELF header: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html


def machine_of(start: bytes) -> str | None:
    """The architecture of a compiled program (`arm64`, `x86_64`, or its number), by its first 20 bytes; None for a script."""
    if len(start) < 20 or not start.startswith(b"\x7fELF"):
        return None
    number = int.from_bytes(start[18:20], "big" if start[5] == 2 else "little")
    return _MACHINES.get(number, f"machine {number}")


def problems_of_code(
    code: Path, *, runtime: str, handler: str, architecture: str, layered: bool = False, layers: int = 0
) -> list[Problem]:
    """What keeps a function of this code from starting, as far as its files tell.

    `layered` where layers may bring what is missing; `layers` are their bytes, as far as they are known.
    Codes: EF-CODE-FOLDER, EF-CODE-ZIP, EF-CODE-SIZE, EF-CODE-BOOTSTRAP, EF-CODE-ARCHITECTURE, EF-CODE-HANDLER, EF-CODE-MODULE.
    """
    if not code.exists():
        return [no_folder(code)]
    try:
        contents = Contents.of(code)
    except BundleError as error:
        return list(error.problems)
    found = size_problems(sum(contents.sizes.values()), layers=layers)
    if runtime.startswith("provided"):
        return found + _of_bootstrap(contents, architecture, layered)
    check = next((check for prefix, check in _CHECKS.items() if runtime.startswith(prefix)), None)
    return found if check is None or layered else found + check(contents, handler)


def size_of(code: Path) -> tuple[int, list[Problem]]:
    """How many bytes a folder or zip has unzipped, and what is wrong with it (EF-CODE-FOLDER, EF-CODE-ZIP, EF-CODE-SIZE)."""
    if not code.exists():
        return 0, [no_folder(code)]
    try:
        size = sum(Contents.of(code).sizes.values())
    except BundleError as error:
        return 0, list(error.problems)
    return size, size_problems(size)


def size_problems(size: int, *, layers: int = 0) -> list[Problem]:
    """No problem, or the one that so many bytes of code, and of layers, are more than Lambda unzips."""
    if size + layers <= UNZIPPED_LIMIT:
        return []
    with_layers = f", and its layers {layers / 1024 / 1024:.1f} MB" if layers else ""
    return [
        Problem(
            code="EF-CODE-SIZE",
            given=f"the code is {size / 1024 / 1024:.1f} MB unzipped{with_layers}",
            allowed=f"Lambda allows 250 MB of code and layers ({_DOCS}gettingstarted-limits.html)",
            fix="remove dependencies, or use a container image (10 GB)",
        )
    ]


def _of_bootstrap(contents: Contents, architecture: str, layered: bool) -> list[Problem]:
    start = contents.read(BOOTSTRAP, 256)
    if BOOTSTRAP not in contents.sizes:
        return [] if layered else [_no_bootstrap(contents)]
    found = []
    if BOOTSTRAP not in contents.executable and os.name != "nt":
        found.append(_bootstrap("is not executable", "chmod +x it" + ("" if contents.place.is_dir() else ", and zip again")))
    machine = machine_of(start)
    if machine is None and not start.startswith(b"#!"):
        found.append(_bootstrap("is neither a program for Linux nor a script with a first line such as #!/bin/sh", "add that line"))
    elif machine is None and b"\r" in start.partition(b"\n")[0]:
        found.append(_bootstrap("has lines that end as on Windows", "save it with line ends of \\n only"))
    elif machine not in (None, architecture):
        found.append(
            Problem(
                code="EF-CODE-ARCHITECTURE",
                given=f"{BOOTSTRAP} is built for {machine}",
                allowed=f"the function's architecture is {architecture}",
                fix=f"build it for {architecture}, or give architecture={machine!r}",
            )
        )
    return found


def _no_bootstrap(contents: Contents) -> Problem:
    nested = [name for name in contents.sizes if name.rpartition("/")[2] == BOOTSTRAP]
    return _bootstrap(
        f"is not at the root of {contents.place}",
        f"move {nested[0]} there" if nested else "name the program bootstrap, or bring it by a layer",
    )


def _bootstrap(what: str, fix: str) -> Problem:
    allowed = f"a custom runtime starts an executable file {BOOTSTRAP} ({_DOCS}runtimes-custom.html)"
    return Problem(code="EF-CODE-BOOTSTRAP", given=f"{BOOTSTRAP} {what}", allowed=allowed, fix=fix)


def _of_node(contents: Contents, handler: str) -> list[Problem]:
    folder, _, last = handler.rpartition("/")
    module, dot, export = last.partition(".")
    if not (module and dot and export):
        return [_handler(handler, f"module.export ({_DOCS}nodejs-handler.html)", "'index.handler'")]
    base = f"{folder}/{module}" if folder else module
    file = next((f"{base}{ending}" for ending in (".js", ".mjs", ".cjs") if f"{base}{ending}" in contents.sizes), None)
    if file is None:
        if f"{base}.ts" in contents.sizes:
            fix = "compile it first, for example by esbuild: Lambda runs JavaScript"
            return [_module(handler, f"{base}.js, .mjs or .cjs", contents, (".js", ".mjs", ".cjs"), fix)]
        return [_module(handler, f"{base}.js, .mjs or .cjs", contents, (".js", ".mjs", ".cjs"))]
    return _of_export(file, export.partition(".")[0], contents.read(file).decode("utf-8", "replace"))


def _of_export(file: str, export: str, text: str) -> list[Problem]:
    """Whether a module may export the name: where the name does not stand in it, and it takes over no other's exports, not."""
    if re.search(rf"(?<![\w$]){re.escape(export)}(?![\w$])", text) or re.search(
        r"export\s*\*|exports\s*=\s*require|__exportStar", text
    ):
        return []
    names = re.findall(r"(?:\bexport\s+(?:async\s+)?(?:const|let|var|function\*?|class)\s+|\bexports\.)([A-Za-z_$][\w$]*)", text)
    return [_no_member(file, export, "export", list(dict.fromkeys(names)))]


def _of_ruby(contents: Contents, handler: str) -> list[Problem]:
    module, dot, method = handler.partition(".")
    if not (module and dot and method):
        return [_handler(handler, f"file.method or file.Class.method ({_DOCS}ruby-handler.html)", "'function.handler'")]
    if f"{module}.rb" not in contents.sizes:
        return [_module(handler, f"{module}.rb", contents, (".rb",))]
    text = contents.read(f"{module}.rb").decode("utf-8", "replace")
    name = method.rpartition(".")[2]
    if re.search(rf"\b{re.escape(name)}\b", text) or "require_relative" in text:
        return []
    return [_no_member(f"{module}.rb", name, "define", re.findall(r"\bdef\s+(?:self\.)?(\w+)", text))]


def _of_java(contents: Contents, handler: str) -> list[Problem]:
    name, _, _ = handler.partition("::")
    if not re.fullmatch(r"[\w$]+(\.[\w$]+)*", name):
        return [
            _handler(
                handler, f"package.Class or package.Class::method ({_DOCS}java-handler.html)", "'example.Handler::handleRequest'"
            )
        ]
    file = f"{name.replace('.', '/')}.class"
    if file in contents.sizes or any(each.startswith("lib/") and each.endswith(".jar") for each in contents.sizes):
        return []
    return [_module(handler, file, contents, (".class",))]


def _of_dotnet(contents: Contents, handler: str) -> list[Problem]:
    assembly = handler.partition("::")[0]
    if not assembly or handler.count("::") not in (0, 2):
        return [_handler(handler, f"Assembly::Type::Method, or Assembly ({_DOCS}csharp-handler.html)", "'Shop::Shop.Orders::Handle'")]
    if f"{assembly}.dll" in contents.sizes:
        return []
    return [_module(handler, f"{assembly}.dll", contents, (".dll",))]


def _of_python(contents: Contents, handler: str) -> list[Problem]:
    if contents.place.is_dir():
        return Source(folder=contents.place, handler=handler).handler_problems()
    module, dot, _ = handler.rpartition(".")
    base = module.replace(".", "/")
    if not dot or not module:
        return [_handler(handler, f"module.function ({_DOCS}python-handler.html)", "'handler.handler'")]
    if any(name.startswith((f"{base}.", f"{base}/__init__.")) for name in contents.sizes):
        return []
    return [_module(handler, f"{base}.py", contents, (".py",))]


_CHECKS: dict[str, Callable[[Contents, str], list[Problem]]] = {
    "nodejs": _of_node,
    "ruby": _of_ruby,
    "java": _of_java,
    "dotnet": _of_dotnet,
    "python": _of_python,
}


def _handler(handler: str, allowed: str, example: str) -> Problem:
    return Problem(
        code="EF-CODE-HANDLER", given=f"the handler is {handler!r}", allowed=f"Lambda wants {allowed}", fix=f"for example {example}"
    )


def _module(handler: str, missing: str, contents: Contents, endings: tuple[str, ...], fix: str = "") -> Problem:
    there = sorted(name for name in contents.sizes if name.endswith(endings) and "node_modules/" not in name)
    near = difflib.get_close_matches(missing.partition(",")[0], there, n=1)
    return Problem(
        code="EF-CODE-MODULE",
        given=f"the handler is {handler!r} and {contents.place} has no {missing}",
        allowed=f"it has {', '.join(there[:5])}{' and more' if len(there) > 5 else ''}" if there else f"it has no {endings[0]} file",
        fix=fix or (f"did you mean {near[0]}?" if near else "correct the handler, or the path of the code"),
    )


def _no_member(file: str, name: str, verb: str, names: list[str]) -> Problem:
    near = difflib.get_close_matches(name, names, n=1)
    return Problem(
        code="EF-CODE-HANDLER",
        given=f"{file} does not {verb} {name!r}",
        allowed=f"it {verb}s {', '.join(names)}" if names else f"it {verb}s nothing",
        fix=f"did you mean {near[0]}?" if near else "correct the handler",
    )
