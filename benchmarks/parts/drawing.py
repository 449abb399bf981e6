"""Drawing: laying out pictures of growing flows, words measured and lines routed, and writing them as SVG."""

from benchmarks.measure import best
from benchmarks.plot import Axis, Line, plot
from benchmarks.section import Claim, Section, about, number, prose, table
from cdk_event_flow.render.graph import graph_of
from cdk_event_flow.render.picture import placed
from cdk_event_flow.render.svg import svg
from tests.render.templates import shop

TITLE = "Drawing"
DOMAINS = (1, 7, 22, 43, 86)  # of seven boxes each, and the bus
BAR = 0.1  # seconds that the layout of 300 boxes may take
BOXES = 300


def measured(quick, say):
    """A row for each size."""
    rows = []
    for domains in DOMAINS[: 2 if quick else None]:
        flow = shop(domains)
        graph = graph_of(flow)
        each = 0.05 if quick else 1.0
        row = {
            "boxes": len(graph.vertices),
            "lines": len(graph.links),
            "layout": best(lambda _, graph=graph: placed(graph), each),
            "svg": best(lambda _, graph=graph: svg(placed(graph)), each),
            "kb": len(svg(placed(graph))) / 1000,
        }
        say(f"{row['boxes']} boxes: {row['svg'] * 1000:.0f} ms")
        rows.append(row)
    return {"rows": rows}


def section(figures):
    """Its part of the page."""
    rows = figures["rows"]
    large = min(rows, key=lambda row: abs(row["boxes"] - BOXES))
    blocks = [
        prose(
            "`event-flow diagram` and the page of a run lay a flow out in Python, without a browser: boxes in layers, crossings",
            "removed, words measured, lines routed. A shop of services that publish to one bus; the shortest of the runs of a",
            "second, in processor time.",
        ),
        table(
            [">boxes", ">lines", ">layout, ms", ">with SVG, ms", ">kB of SVG"],
            [
                [row["boxes"], row["lines"], number(row["layout"] * 1000), number(row["svg"] * 1000), number(row["kb"])]
                for row in rows
            ],
        ),
    ]
    claim = Claim(
        key="drawing-svg", what=f"to draw a flow of {large['boxes']} boxes as SVG", figure=f"{about(large['svg'] * 1000)} ms"
    )
    drawn = plot(
        "Milliseconds to draw, by number of boxes",
        Axis(title="boxes"),
        Axis(title="milliseconds"),
        [
            Line(name="with SVG", points=[(row["boxes"], row["svg"] * 1000) for row in rows]),
            Line(name="layout", points=[(row["boxes"], row["layout"] * 1000) for row in rows]),
        ],
    )
    late = large["layout"] > BAR and large["boxes"] <= BOXES + 10
    missed = [f"layout of {large['boxes']} boxes: {large['layout'] * 1000:.0f} ms, the bar is {BAR * 1000:.0f} ms"] if late else []
    return Section(blocks=blocks, claims=[claim], plots={"drawing": drawn}, missed=missed)
