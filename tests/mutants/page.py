"""What no test noticed, as a page: counts, and each mutant with why it stays, by the files in judged/."""

import fnmatch
import re
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

HEAD = """# Mutants

`make mutants` changes one thing at a time in `match` and `flow` (an operator, a condition, a number, a word, a call left out)
and runs the tests of the same room that take the changed line, until one fails. `python tests/mutants/run_mutants.py --page FILE`
wrote this page from what it found; {how}. *Noticed* counts mutants that end in no time too.

{counts}

What no test notices is one of these, by the files in `tests/mutants/judged`: **the same** (nothing that anybody can see changes),
**speed** (the answer is the same, sooner or later), **by others** (tests of another room look at it), or **open** (nobody has
judged it yet, or a test is missing).
"""


class Judgements:
    """Why mutants stay, by the first entry that fits."""

    def __init__(self, folder):
        self._entries = []
        for file in sorted(Path(folder).glob("*.toml")):
            self._entries += tomllib.loads(file.read_text("utf-8"))["judged"]
        self._used = set()

    def of(self, name, function, id):
        """(kind, reason)."""
        change = id.partition(" ")[2]
        for at, each in enumerate(self._entries):
            if (
                fnmatch.fnmatch(name, each["file"])
                and fnmatch.fnmatch(function, each.get("function", "*"))
                and re.search(each.get("mutant", ""), change)
            ):
                self._used.add(at)
                return each["kind"], each["reason"]
        return "open", ""

    def unused(self):
        """Those that fitted nothing."""
        return [each for at, each in enumerate(self._entries) if at not in self._used]


def _line(each):
    return [int(number) for number in each[0].split(" ")[0].split(":")]


def page(tried, judgements, how):
    """`tried`: (file, function, mutant, whether it was noticed) of each."""
    rooms, files = defaultdict(Counter), defaultdict(list)
    for name, function, id, noticed in tried:
        kind, reason = ("noticed", "") if noticed else judgements.of(name, function, id)
        rooms[name.split("/")[0]][kind] += 1
        if not noticed:
            files[name].append((id, function, kind, reason))
    kinds = ("noticed", "the same", "speed", "by others", "open")
    rows = [f"| room | tried | {' | '.join(kinds)} |", f"|{' --- |' * (len(kinds) + 2)}"]
    rows += [
        f"| `{room}` | {sum(count.values()):,} | {' | '.join(f'{count[kind]:,}' for kind in kinds)} |"
        for room, count in rooms.items()
    ]
    lines = [HEAD.format(how=how, counts="\n".join(rows))]
    for name, several in sorted(files.items()):
        lines += [f"\n## `{name}`\n"]
        lines += [
            f"- `{function}` `{id.replace('`', chr(39))}`: {kind}{f' ({reason})' if reason else ''}"
            for id, function, kind, reason in sorted(several, key=_line)
        ]
    return "\n".join(lines) + "\n"
