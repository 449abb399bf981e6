"""Speed of laying out pictures of 150 and 300 boxes, words measured and lines routed.

Usage: `python benchmarks/drawing.py`
"""

import sys
import time

from rich.console import Console
from rich.table import Table

from cdk_event_flow.render.graph import graph_of
from cdk_event_flow.render.picture import placed
from cdk_event_flow.render.svg import svg
from tests.render.templates import shop

BAR = 0.1  # seconds that the layout of 300 boxes may take
DOMAINS = (1, 22, 43)  # of seven boxes each, and the bus
REPEATS = 7


def best(work):
    """The shortest of some repeats, in seconds."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def main():
    table = Table(title="drawing, the best of seven")
    for column in ("boxes", "lines", "layout", "with SVG"):
        table.add_column(column, justify="right")
    slow = False
    for domains in DOMAINS:
        graph = graph_of(shop(domains))
        layout = best(lambda graph=graph: placed(graph))
        whole = best(lambda graph=graph: svg(placed(graph)))
        slow |= layout > BAR
        table.add_row(str(len(graph.vertices)), str(len(graph.links)), f"{layout * 1000:.0f} ms", f"{whole * 1000:.0f} ms")
    Console().print(table)
    sys.exit(slow)


if __name__ == "__main__":
    main()
