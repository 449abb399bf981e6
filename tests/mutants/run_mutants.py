"""Changes `match` and `flow` in thousands of small ways, and runs the tests that should notice: `make mutants`.

    python tests/mutants/run_mutants.py [--only PART OF A PATH ...] [--sample N --seed N] [--again] [--page FILE]

What was found stands in .mutants/, so a run that was ended goes on where it was, and two may run side by side on different files.
A function that has changed is done again; `--again` also does again what was not noticed, after tests were written. Each change is
tried in a forked process: a line of a function by giving the imported function its new code, a line that runs at import by importing
the package anew. First some tests are asked, for a few seconds, those first that noticed others or are about the file, and the rest
only of what those do not notice.
"""

import argparse
import functools
import gc
import importlib
import importlib.machinery
import itertools
import json
import math
import os
import random
import re
import resource
import select
import signal
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.mutants.page import Judgements, page  # noqa: E402
from tests.mutants.recording import Recorded, Recorder  # noqa: E402
from tests.mutants.swapping import Alive  # noqa: E402
from tests.mutants.units import named  # noqa: E402

PACKAGE = ROOT / "constructs" / "cdk_event_flow"
ROOMS = ("match", "flow")
TESTS = [f"tests/{room}" for room in ROOMS]
FOUND = ROOT / ".mutants"
DEAR = 0.4  # seconds of a test that is run only where no cheaper one notices, and never for lines that run at import
FIRST = 2.0  # seconds that the tests take which are asked first
LEAST, TIMES = 3, 5  # the processor's seconds that a test may take of a mutant: so many, and so many times what it takes
MEMORY = 4 << 30
KILLED, SURVIVED, TIMEOUT, ALIVE = "killed", "survived", "timeout", "not noticed by cheap tests"
UNSWAPPED = "cannot be changed alive"
OPTIONS = ["-q", "-x", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "-W", "ignore"]


class Mutants:
    """All mutants of the chosen files, and what is known of them."""

    def __init__(self, only):
        self.files = {}
        self.all = []
        self._named = {}
        self._results = FOUND / "results.jsonl"
        for file in sorted(each for room in ROOMS for each in (PACKAGE / room).rglob("*.py")):
            name = str(file.relative_to(PACKAGE))
            source = file.read_text("utf-8")
            found, tree = named(source)
            self.files[name] = (file, source, tree)
            if any(each in name for each in only):
                self.all += [(name, each.id, each.mutation) for each in found]
                self._named |= {(name, each.id): each for each in found}
        self.read()

    def function(self, name, id):
        """The function that is changed."""
        return self._named[name, id].function

    def read(self):
        """What was written down of functions as they are now."""
        written = {}
        if self._results.exists():
            for line in self._results.read_text("utf-8").splitlines():
                read = json.loads(line)
                written[read["file"], read["key"]] = read
        self.known = {
            (name, id): found for (name, id), each in self._named.items() if (found := written.get((name, each.key))) is not None
        }

    def say(self, name, id, status, by=""):
        """Write down what became of a mutant."""
        entry = {"file": name, "key": self._named[name, id].key, "status": status, "by": by}
        self.known[name, id] = entry
        with self._results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def status(self, name, id):
        """None before it was tried."""
        return self.known.get((name, id), {}).get("status")


def own(name):
    """Where the tests of the file's room are: they should notice, whoever else does too."""
    return f"tests/{name.split('/')[0]}/"


def settle():
    """Tests that are by chance are the same for every mutant, and leave nothing behind."""
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)  # one example that fails is enough
    hypothesis.settings.register_profile("mutants", database=None, derandomize=True, phases=phases)
    hypothesis.settings.load_profile("mutants")


def allow(seconds):
    """So many seconds of the processor from now on, then this process is ended."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + seconds) + 1, resource.RLIM_INFINITY))


def forked(work, allowed):
    """Runs the work in a fork: (what it wrote, None), or (…, TIMEOUT) where it is ended, at the latest after `allowed` seconds."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        status = 70
        try:
            os.close(reads)
            os.setsid()
            allow(allowed)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            nothing = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(nothing, number)
            os.write(writes, str(work()).encode()[:4000])
            status = 0
        finally:
            os._exit(status)
    os.close(writes)
    watched = os.pidfd_open(child)
    ready, _, _ = select.select([watched], [], [], allowed * 20)
    os.close(watched)
    try:
        os.killpg(child, signal.SIGKILL)  # what it has started, too
    except ProcessLookupError:
        pass
    _, status = os.waitpid(child, 0)
    said = os.read(reads, 4096).decode(errors="replace")
    os.close(reads)
    late = not ready or (os.WIFSIGNALED(status) and os.WTERMSIG(status) in {signal.SIGXCPU, signal.SIGKILL})
    return (said, TIMEOUT) if late else (said, None if os.waitstatus_to_exitcode(status) == 0 else "died")


class Warm:
    """A plugin that runs no test itself: everything is collected, and each mutant is tried in a fork of this process.

    `tests_of(name, mutation)` are the tests of a mutant, of which so many are asked as take no longer than `seconds`;
    what no test notices is `otherwise`.
    """

    def __init__(self, mutants, costs, todo, tests_of, otherwise, seconds):
        self._mutants, self._costs, self._todo, self._tests_of, self._otherwise = mutants, costs, todo, tests_of, otherwise
        self._seconds = seconds
        self._kills = defaultdict(Counter)

    def pytest_runtestloop(self, session):
        """Instead of the tests."""
        items = {item.nodeid: item for item in session.items}
        for name in {name for name, _, _ in self._todo}:
            importlib.import_module(f"cdk_event_flow.{name.removesuffix('.py').replace('/', '.')}")
        alive, live = Alive(), {}
        gc.freeze()
        began = time.monotonic()
        for done, (name, id, mutation) in enumerate(self._todo):
            file, source, tree = self._mutants.files[name]
            if name not in live:
                live[name] = alive.of(file, source)
            tests = self._tests_of(items, name, mutation)
            if not tests:
                self._mutants.say(name, id, self._otherwise)
                continue
            kills = self._kills[name]
            near = nearest(name, tests, kills)
            tests.sort(key=lambda each, kills=kills, near=near: (-kills[each], test_file(each) not in near, self._cost(each)))
            tests = tests[: within(self._seconds, map(self._cost, tests))]
            mutation.put(mutation.new)
            try:
                said, wrong = forked(
                    lambda live=live[name], tree=tree, tests=tests: tried(
                        alive, live, tree, [(items[each], self._cost(each)) for each in tests]
                    ),
                    LEAST + int(TIMES * sum(map(self._cost, tests))),
                )
            finally:
                mutation.put(mutation.old)
            status = TIMEOUT if wrong == TIMEOUT else KILLED if wrong or said not in {"", UNSWAPPED} else self._otherwise
            if status == KILLED:
                kills[said] += 1
            self._mutants.say(name, id, status, said or str(wrong or ""))
            progress(done + 1, len(self._todo), began, name)
        return True

    def _cost(self, test):
        return self._costs.get(test, DEAR)


def within(seconds, costs):
    """How many of them there is time for, one at least."""
    return next((at for at, spent in enumerate(itertools.accumulate(costs)) if at and spent > seconds), None)


def tried(alive, live, tree, items):
    """In the fork: the test that notices the change, or nothing."""
    from _pytest.runner import runtestprotocol

    if not live.swap(tree):
        return UNSWAPPED
    alive.forget()
    for at, (item, cost) in enumerate(items):
        following = items[at + 1][0] if at + 1 < len(items) else None
        allow(LEAST + TIMES * cost)
        item.session.shouldstop = item.session.shouldfail = False
        for report in runtestprotocol(item, log=False, nextitem=following):
            if report.failed:
                return item.nodeid
    return ""


class Chosen:
    """A plugin: only these tests, the cheapest first; which one failed."""

    def __init__(self, tests):
        self._order = {test: at for at, test in enumerate(tests)}
        self.failed = ""

    def pytest_collection_modifyitems(self, items):
        """Those of the order, in it."""
        items[:] = sorted((item for item in items if item.nodeid in self._order), key=lambda item: self._order[item.nodeid])

    def pytest_runtest_logreport(self, report):
        """The first that fails is enough."""
        if report.failed and not self.failed:
            self.failed = report.nodeid


def cold(file, tree, tests):
    """In a fork of a process that has not imported the package: the test that notices the change, or nothing.

    The package is a plugin of pytest, which imports plugins by a loader of its own unless assertions are left as they are.
    """
    code = compile(tree, str(file), "exec", dont_inherit=True)
    usual = importlib.machinery.SourceFileLoader.get_code

    def changed(loader, name):
        return code if loader.path == str(file) else usual(loader, name)

    importlib.machinery.SourceFileLoader.get_code = changed
    settle()
    chosen = Chosen(tests)
    # Otherwise pytest's own loader, which rewrites asserts, imports the package too: it is a plugin of pytest.
    ended = pytest.main([*OPTIONS, "--assert=plain", *sorted({test_file(each) for each in tests})], plugins=[chosen])
    return chosen.failed or ("" if ended == 0 else f"pytest ended with {ended}")


def try_cold(mutants, recorded, todo):
    """Those at import: with the tests of a few files that are about it, then with the cheapest of the room."""
    kills = defaultdict(Counter)
    began = time.monotonic()
    for done, (name, id, mutation) in enumerate(todo):
        file, _, tree = mutants.files[name]
        room = sorted(
            (each for each, cost in recorded.costs.items() if each.startswith(own(name)) and cost < DEAR), key=recorded.costs.get
        )
        near = nearest(name, recorded.of_file(name, own(name)) or room, kills[name])
        mutation.put(mutation.new)
        try:
            for tests, seconds in (([each for each in room if test_file(each) in near], FIRST), (room, 2 * FIRST)):
                asked = tests[: within(seconds, map(recorded.costs.get, tests))]
                asked.sort(key=lambda each, kills=kills[name]: -kills[each])
                allowed = 4 * LEAST + int(TIMES * sum(map(recorded.costs.get, asked)))
                said, wrong = forked(lambda file=file, tree=tree, tests=asked: cold(file, tree, tests), allowed)
                if said or wrong:
                    break
        finally:
            mutation.put(mutation.old)
        kills[name][said] += 1
        status = TIMEOUT if wrong == TIMEOUT else KILLED if wrong or said else SURVIVED
        mutants.say(name, id, status, said or str(wrong or "imported anew"))
        progress(done + 1, len(todo), began, name)


def test_file(test):
    """Where a test stands."""
    return test.partition("::")[0]


def nearest(name, tests, kills):
    """The files of tests to ask first: those that noticed most, those that are named like the file, those that run it most."""
    words = set(re.findall(r"[a-z]{4,}", name)) - {"flow", "match"}
    count, killed = Counter(map(test_file, tests)), Counter()
    for test, times in kills.items():
        killed[test_file(test)] += times
    named = {each: sum(word.rstrip("s") in each for word in words) for each in count}
    return sorted(count, key=lambda each: (-killed[each], -named[each], -count[each]))[:4]


@functools.cache
def synthesizes(test):
    """Whether it needs the CDK, whose Node process cannot be forked with us."""
    text = (ROOT / test_file(test)).read_text("utf-8")
    return "aws_cdk" in text or "assembly" in text


def progress(done, all, began, name):
    """One line, written over."""
    left = (time.monotonic() - began) / done * (all - done)
    text = f"{done:,} of {all:,}, {left / 60:.0f} minutes left: {name}"
    sys.stderr.write(f"\r{text:<100}" if sys.stderr.isatty() else f"{text}\n" if done % 100 == 0 else "")
    sys.stderr.flush()


def record(target):
    """What runs what, from one run of the tests in a process of its own."""
    sys.stderr.write("which test runs which line …\n")
    child = os.fork()
    if child == 0:
        try:
            settle()
            os.dup2(os.open(FOUND / "recording.txt", os.O_CREAT | os.O_WRONLY | os.O_TRUNC), 1)
            pytest.main(
                [each for each in OPTIONS if each != "-x"] + TESTS, plugins=[Recorder([PACKAGE / room for room in ROOMS], target)]
            )
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def failing(folders):
    """What fails among these tests while nothing is changed."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            settle()
            os.dup2(os.open(FOUND / "against.txt", os.O_CREAT | os.O_WRONLY | os.O_TRUNC), 1)
            status = pytest.main([*OPTIONS, *folders])
        finally:
            os._exit(status)
    return folders if os.waitpid(child, 0)[1] else []


def refuse_failing(tests):
    """A test that fails without a change would notice every mutant."""
    if tests:
        sys.exit(f"tests fail, and would tell nothing: {', '.join(tests)}")


def warm(mutants, costs, todo, folders, tests_of, otherwise, seconds=math.inf):
    """Tries them in forks of a process that has collected the tests."""
    if not todo:
        return
    child = os.fork()
    if child == 0:
        try:
            settle()
            os.dup2(os.open(FOUND / "warm.txt", os.O_CREAT | os.O_WRONLY | os.O_TRUNC), 1)
            pytest.main(OPTIONS + folders, plugins=[Warm(mutants, costs, todo, tests_of, otherwise, seconds)])
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    mutants.read()


def main(given):
    """Records where needed, tries all that is not known, and counts."""
    FOUND.mkdir(exist_ok=True)
    recording = FOUND / "recording.json"
    if given.again or not recording.exists():
        record(recording)
    recorded = Recorded(recording)
    refuse_failing(recorded.failed or (given.against and failing(given.against)))
    mutants = Mutants(given.only)
    chosen = mutants.all
    if given.sample:
        # In the order of chance: where it is ended, what was tried until then is a sample too.
        chosen = random.Random(given.seed).sample(chosen, min(given.sample, len(chosen)))

    def of(*statuses, imported=False):
        return [each for each in chosen if each[2].imported == imported and mutants.status(*each[:2]) in statuses]

    def covering(items, name, mutation, *, dear):
        tests = recorded.of(name, mutation.line, mutation.old.end_lineno, own(name))
        return [each for each in tests if each in items and (recorded.costs[each] < DEAR or (dear and not synthesizes(each)))]

    def at_import(name, id, mutation):
        """Whether it is still to be seen what comes of it when the package is imported anew."""
        by = mutants.known[name, id]["by"]
        return by == UNSWAPPED or (not by and recorded.at_import(name, mutation.line))

    if given.only_page:
        pass
    elif given.at_import:
        try_cold(mutants, recorded, of(None, imported=True))
    elif given.against:
        warm(
            mutants,
            recorded.costs,
            of(None, ALIVE, SURVIVED),
            given.against,
            lambda items, *_: [each for each in items if recorded.costs.get(each, 0) < DEAR],
            ALIVE,
        )
    else:
        missed = (SURVIVED, ALIVE) if given.again else ()
        warm(mutants, recorded.costs, of(None, *missed), TESTS, functools.partial(covering, dear=False), ALIVE, FIRST)
        if not given.cheaply:
            warm(mutants, recorded.costs, of(ALIVE), TESTS, functools.partial(covering, dear=True), SURVIVED)
            early = [each for each in of(SURVIVED) if at_import(*each)]
            try_cold(mutants, recorded, early + of(None, *missed, imported=True))
    counted(mutants, chosen)
    if given.page:
        tried = [
            (name, mutants.function(name, id), id, status in {KILLED, TIMEOUT})
            for name, id, _ in chosen
            if (status := mutants.status(name, id))
        ]
        how = f"a sample of {given.sample:,} by chance (seed {given.seed})" if given.sample else "all of them were tried"
        judgements = Judgements(Path(__file__).parent / "judged")
        Path(given.page).write_text(page(tried, judgements, given.how or how), "utf-8")
        for each in judgements.unused():
            print("fits nothing:", *(each.get(key, "") for key in ("file", "function", "mutant")))


def counted(mutants, chosen):
    """How many of each room ended how."""
    for room in ROOMS:
        counts = Counter(mutants.status(name, id) or "untried" for name, id, _ in chosen if name.startswith(room + "/"))
        print(
            f"{room}: {sum(counts.values()):,} mutants;", ", ".join(f"{count:,} {status}" for status, count in counts.most_common())
        )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--only", nargs="+", default=[""], help="parts of files' paths")
    arguments.add_argument("--sample", type=int, help="so many, by chance")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--again", action="store_true", help="what was not noticed, too, after tests were written")
    arguments.add_argument("--cheaply", action="store_true", help="only what is asked first, and of lines of functions only")
    arguments.add_argument("--at-import", action="store_true", help="lines that run at import only")
    arguments.add_argument("--against", nargs="+", help="try what was not noticed with the cheap tests of these files")
    arguments.add_argument("--page", help="write what no test noticed into this file")
    arguments.add_argument("--how", help="what the page says of how many were tried")
    arguments.add_argument("--only-page", action="store_true", help="try nothing; the page of what is known")
    main(arguments.parse_args())
