"""How the benchmarks take time: rates, the best of several runs, sides that alternate, processor seconds of programs."""

import os
import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent


def compared():
    """The Python of the environment of what is compared with, which `make bench` makes (`benchmarks/compared.txt`)."""
    python = ROOT / ".venv-compared" / "bin" / "python"
    if not python.is_file():
        sys.exit("what is compared with is not installed; make .venv-compared/.stamp installs it")
    return python


def seconds(work):
    """How long it takes, once, by the clock on the wall."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def best(work, at_least, made=lambda: None):
    """The shortest of all runs within `at_least` seconds, of three runs at least, in processor seconds of this process: where
    nothing is waited for, they are those of the clock on a machine that does nothing else.

    Each run is given what `made` makes for it, in time that does not count.
    """
    shortest, runs, until = float("inf"), 0, time.perf_counter() + at_least
    while runs < 3 or time.perf_counter() < until:
        given = made()
        began = time.process_time()
        work(given)
        shortest = min(shortest, time.process_time() - began)
        runs += 1
    return shortest


def per_second(work, items, at_least):
    """How many items a processor second of this process takes: all of them again and again, for `at_least` seconds of it."""
    done, began, look = 0, time.process_time(), 1
    while True:
        for item in items:
            work(item)
            done += 1
            if done % look == 0:
                took = time.process_time() - began
                if took > at_least:
                    return done / took
                if took / done * look < at_least / 100:  # an item takes microseconds: the clock is looked at less often
                    look *= 2


def alternating(sides, rounds):
    """What each side gives, by its name: a list of so many results; the sides take turns, so the machine's moods meet all."""
    taken = {name: [] for name in sides}
    for _ in range(rounds):
        for name, work in sides.items():
            taken[name].append(work())
    return taken


@contextmanager
def processor():
    """A list that holds, after the block, the processor seconds of all programs that were run in it, their children's included."""
    took = []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    yield took
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def environment(**more):
    """This machine's; with bytecode kept, as where people work, and CDK's validation as CDK has it, unless `more` says otherwise."""
    kept = {name: value for name, value in os.environ.items() if name not in ("CDK_VALIDATION", "PYTHONDONTWRITEBYTECODE")}
    return kept | more


def program(command, **more):
    """What a program prints; it must end well. `more` are variables of its environment."""
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, env=environment(**more), capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout
