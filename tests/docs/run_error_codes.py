"""The page of error codes, read from the code: run as a program it prints the page."""

import ast
import re
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).parent.parent.parent / "constructs" / "cdk_event_flow"
CODE = re.compile(r"EF-[A-Z0-9]+(?:-[A-Z0-9]+)*")


def codes():
    """Every code of an error, with the rooms that raise it."""
    found = defaultdict(set)
    for file in sorted(PACKAGE.rglob("*.py")):
        room = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found[node.value].add(room)
    return dict(sorted(found.items()))


def page():
    """The page in Markdown."""
    lines = [
        "# Error codes",
        "",
        "Each error begins with its code, says where it is, what was given, what is allowed and what to change. A code never",
        "changes its meaning, and one that is given up is not given again ([versions](versions.md)). In Python it is `error.code`",
        "of an `EventFlowError`.",
        "",
        "| code | raised by |",
        "|---|---|",
        *(f"| `{code}` | {', '.join(sorted(rooms))} |" for code, rooms in codes().items()),
    ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    print(page(), end="")
