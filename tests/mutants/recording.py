"""Which test runs which line, and what each test costs: a pytest plugin, and what it has written down."""

import importlib
import json
import os
from array import array
from collections import defaultdict
from pathlib import Path

import coverage
import pytest

from tests.mutants.swapping import remembering


def seconds():
    """Seconds of processor that this process and those it waited for have had."""
    return sum(os.times()[:4])


def uses(item):
    """The fixtures of a test that live longer than one test, as `setup:name`."""
    fixtures = item._fixtureinfo.name2fixturedefs
    return [f"setup:{each[-1].baseid}:{name}" for name, each in fixtures.items() if each[-1].scope != "function"]


class Recorder:
    """Runs the tests once. What a longer-lived fixture runs belongs to every test that uses it, not to the first."""

    def __init__(self, folders, target):
        self._folders = folders
        self._target = Path(target)
        self._coverage = coverage.Coverage(data_file=None, source=[str(each) for each in folders], config_file=False)
        self._coverage.start()  # before pytest imports the package, whose plugin it knows
        self._contexts = [""]
        self._costs = defaultdict(float)
        self._tests = {}
        self._failed = []

    def pytest_sessionstart(self):
        """What runs at import runs now, and not in the first test that needs it."""
        for folder in self._folders:
            for file in folder.rglob("*.py"):
                importlib.import_module(
                    ".".join(file.relative_to(folder.parent.parent).with_suffix("").parts).removesuffix(".__init__")
                )
        self._remembering = remembering()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        """One test, as if nothing had been asked before."""
        self._tests[item.nodeid] = uses(item)
        for each in self._remembering:
            each.cache_clear()
        with self._in(item.nodeid):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        """One fixture."""
        if fixturedef.scope == "function":
            return (yield)
        with self._in(f"setup:{fixturedef.baseid}:{fixturedef.argname}"):
            return (yield)

    def pytest_runtest_logreport(self, report):
        """Only what passes now can tell a mutant."""
        if report.failed:
            self._failed.append(report.nodeid)

    def pytest_sessionfinish(self):
        """Everything into one file."""
        self._coverage.stop()
        data = self._coverage.get_data()
        users = defaultdict(list)
        for test, fixtures in self._tests.items():
            for fixture in fixtures:
                users[fixture].append(test)
        numbers = {test: number for number, test in enumerate(["", *self._tests])}
        lines = {
            file.rpartition("/cdk_event_flow/")[2]: {
                line: sorted({numbers[test] for each in contexts for test in users.get(each, [each]) if test in numbers})
                for line, contexts in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        costs = [self._costs[test] + sum(self._costs[fixture] for fixture in fixtures) for test, fixtures in self._tests.items()]
        self._target.write_text(
            json.dumps({"tests": list(numbers), "costs": [0, *costs], "lines": lines, "failed": self._failed}), "utf-8"
        )

    def _in(self, context):
        return _Context(self, context)


class _Context:
    def __init__(self, recorder, name):
        self._recorder, self._name = recorder, name

    def __enter__(self):
        self._recorder._contexts.append(self._name)
        self._recorder._coverage.switch_context(self._name)
        self._began = seconds()

    def __exit__(self, *_):
        took = seconds() - self._began
        contexts = self._recorder._contexts
        contexts.pop()
        self._recorder._costs[self._name] += took
        self._recorder._costs[contexts[-1]] -= took  # it is not the outer one's
        self._recorder._coverage.switch_context(contexts[-1])


class Recorded:
    """What was written down. A line that is run while tests are imported and collected has the test 0, which is none."""

    def __init__(self, file):
        read = json.loads(Path(file).read_text("utf-8"))
        self.failed = read["failed"]
        self._tests = read["tests"]
        self.costs = dict(zip(self._tests[1:], read["costs"][1:], strict=True))
        self._lines = {file: {int(line): array("H", tests) for line, tests in lines.items()} for file, lines in read["lines"].items()}

    def of(self, name, first, last, folder):
        """The tests in the folder that run one of these lines. Not those that have it run at import."""
        return self._named((self._lines.get(name, {}).get(line, ()) for line in range(first, last + 1)), folder)

    def at_import(self, name, line):
        """Whether the line is run while tests are imported and collected."""
        return 0 in self._lines.get(name, {}).get(line, ())

    def of_file(self, name, folder):
        """The tests in the folder that run anything of the file."""
        return self._named(self._lines.get(name, {}).values(), folder)

    def _named(self, some, folder):
        return [test for number in sorted(set().union(*some) - {0}) if (test := self._tests[number]).startswith(folder)]
