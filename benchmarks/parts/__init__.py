"""The parts, in the order in which they are run and stand on the page.

Each has a TITLE, `measured(quick, say)`, which gives its figures as JSON has them, and `section(figures)`, which says what they are.
"""

from benchmarks.parts import bundling, concurrency, drawing, flow, imports, local, matching, synth, tests

PARTS = {
    "matching": matching,
    "flow": flow,
    "drawing": drawing,
    "synth": synth,
    "tests": tests,
    "bundling": bundling,
    "imports": imports,
    "local": local,
    "concurrency": concurrency,
}
