"""Tables that say for each sentence of the notes on an architecture which construct, example and test stands for it.

A page has one or more such tables, each row with four cells: the sentence as the notes have it, constructs, examples, tests. What
is named must exist. A sentence is a line of the notes without the marks before it (`-`, `!`); titles of the notes are titles of the
page. The notes themselves are not here: a digest over all sentences says that none is missing or was altered.

In the second cell each text between backquotes is a public name (`Function`), an attribute of one (`Function.on_failure`), an
option (`Function(memory)`), a command (`event-flow trace`) or a finding (`EF901`). In the third each is a folder of `examples`,
or `app.py`. In the fourth each is a test: its file under `tests`, `::`, and its name. Other words in the cells are for the reader.
"""

import ast
import hashlib
import inspect
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cdk_event_flow
from cdk_event_flow.cli.group import event_flow
from cdk_event_flow.flow.findings import KINDS

ROOT = Path(__file__).parent.parent.parent
HEAD = "| the notes say | construct | example | test |"


@dataclass(frozen=True)
class Row:
    """One sentence, the texts between backquotes of the next two cells and of the last, and what those between them say."""

    sentence: str
    constructs: tuple[str, ...]
    examples: tuple[str, ...]
    tests: tuple[str, ...]
    rest: tuple[str, ...] = ()


def rows_of(page, head=HEAD):
    """The rows of all tables of a page that begin with `head`, from top to bottom."""
    found, within = [], False
    for line in page.read_text("utf-8").splitlines():
        if line == head:
            within = True
        elif not line.startswith("|"):
            within = False
        elif within and not re.fullmatch(r"\|[-| ]+\|", line):
            cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            assert len(cells) == head.count("|") - 1, f"{page}: {line}"
            constructs, examples, *rest, tests = cells[1:]
            found.append(
                Row(cells[0], *(tuple(re.findall(r"`([^`]+)`", cell)) for cell in (constructs, examples, tests)), tuple(rest))
            )
    return found


def digest(sentences):
    """Of all sentences in their order."""
    return hashlib.sha256("\n".join(sentences).encode()).hexdigest()[:16]


def problems_of(row):
    """What a row names and what is not there, and what it should name and does not."""
    found = [f"{what} is missing" for what, named in (("construct", row.constructs), ("test", row.tests)) if not named]
    found += [f"there is no construct, option, command or finding {name}" for name in row.constructs if not _is_there(name)]
    found += [f"there is no example {name}" for name in row.examples if not _is_example(name)]
    found += [f"there is no test {name}" for name in row.tests if name.partition("::")[2] not in tests_in(name.partition("::")[0])]
    return found


def _is_there(name):
    if name.startswith("event-flow "):
        return name.removeprefix("event-flow ") in event_flow.list_commands(None)
    if re.fullmatch(r"EF\d+", name):
        return name in KINDS
    match = re.fullmatch(r"(\w+)(?:\.(\w+))?(?:\(([\w, ]+)\))?", name)
    if match is None or match[1] not in cdk_event_flow.__all__:
        return False
    thing = getattr(cdk_event_flow, match[1])
    if match[2]:
        if not hasattr(thing, match[2]):
            return not match[3] and _is_set(thing, match[2])
        thing = getattr(thing, match[2])
    return not match[3] or {each.strip() for each in match[3].split(",")} <= _options(thing)


def _is_set(of, name):
    """Whether instances of a class have this attribute."""
    ours = [each for each in of.__mro__ if each.__module__.startswith("cdk_event_flow.")]
    return any(re.search(rf"^ +(self\.{name}\b[^(\n]*=|{name}: )", inspect.getsource(each), re.MULTILINE) for each in ours)


def _options(thing):
    """What it can be given by name, also by `**options`."""
    parameters = inspect.signature(thing.__init__ if inspect.isclass(thing) else thing).parameters
    found = set(parameters)
    for each in parameters.values():
        if each.kind is inspect.Parameter.VAR_KEYWORD:
            found |= each.annotation.__args__[0].__annotations__.keys()
    return found


def _is_example(name):
    return name == "app.py" or (
        (ROOT / "examples" / name / "app.py").is_file() and (ROOT / "tests/examples" / f"test_{name}.py").is_file()
    )


@cache
def tests_in(file):
    """The names of the tests of a file."""
    path = ROOT / "tests" / file
    if not path.is_file():
        return frozenset()
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):  # `test_who_gets_what = who_gets_what("routes.yaml")`
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return frozenset(name for name in names if name.startswith("test_"))
