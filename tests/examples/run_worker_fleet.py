"""The fleet of the example under load, drawn: `python tests/examples/run_worker_fleet.py [--uploads N] [--seed N]`."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.examples.fleet_under_load import fleet_under_load

WIDTH, LEFT, RIGHT = 760, 64, 20
TOP, HIGH, GAP = 44, 150, 62
STYLE = """
  text { font: 12px Helvetica, Arial, sans-serif; fill: #57606a }
  .title { font-weight: bold; fill: #24292f }
  .axis { stroke: #d0d7de }
  .visible { fill: #54aeff55; stroke: #0969da }
  .hidden { fill: #4ac26b66; stroke: #1a7f37 }
  .running { fill: #bf870033; stroke: #9a6700 }
  .kill { stroke: #cf222e; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #8d96a0 } .title { fill: #e6edf3 } .axis { stroke: #3d444d }
    .visible { stroke: #4493f8 } .hidden { stroke: #3fb950 } .running { stroke: #d29922 } .kill { stroke: #f85149 }
  }
"""


def nice(most):
    """A round number not under `most`, for the top of an axis."""
    size = 10 ** (len(str(most)) - 1)
    return next(each * size for each in (1, 2, 4, 5, 8, 10) if each * size >= most)


class Panel:
    """One chart: minutes to the right, a number upwards."""

    def __init__(self, top, most, minutes):
        self.top, self.most, self.minutes = top, most, minutes

    def x(self, minute):
        return round(LEFT + (WIDTH - LEFT - RIGHT) * minute / self.minutes, 1)

    def y(self, value):
        return round(self.top + HIGH * (1 - value / self.most), 1)

    def axes(self):
        for value in (0, self.most / 2, self.most):
            yield f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{self.y(value)}" y2="{self.y(value)}"/>'
            yield f'<text x="{LEFT - 8}" y="{self.y(value) + 4}" text-anchor="end">{value:,.0f}</text>'
        for minute in range(0, self.minutes + 1, 5):
            yield f'<text x="{self.x(minute)}" y="{self.top + HIGH + 18}" text-anchor="middle">{minute} min</text>'

    def area(self, kind, values, steps=False):
        """The values from minute to minute; as steps, each until the next."""
        points = [(LEFT, self.y(0))]
        for minute, value in enumerate(values):
            if steps and minute:
                points.append((self.x(minute), points[-1][1]))
            points.append((self.x(minute), self.y(value)))
        points.append((self.x(len(values) - 1), self.y(0)))
        return f'<polygon class="{kind}" points="{" ".join(f"{x},{y}" for x, y in points)}"/>'


def picture(left):
    """What the fleet had to do and how many did it, as SVG."""
    begin = left.minutes[0].at - 60
    rows = [(0, 0, 0), *((each.visible, each.hidden, each.running) for each in left.minutes)]
    last = max(number for number, row in enumerate(rows) if any(row)) + 3
    rows = rows[:last]
    messages = Panel(TOP, nice(max(row[0] + row[1] for row in rows)), last - 1)
    workers = Panel(TOP + HIGH + GAP, nice(max(row[2] for row in rows)), last - 1)
    kills = "".join(
        f'<line class="kill" x1="{x}" x2="{x}" y1="{workers.y(workers.most)}" y2="{workers.y(workers.most) + 9}"/>'
        for x in (workers.x((at - begin) / 60) for at in left.kills)
    )
    height = workers.top + HIGH + 34
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">',
            f"<title>{left}</title>",
            f"<style>{STYLE}</style>",
            f'<text class="title" x="{LEFT}" y="{TOP - 20}">{left.sent:,} uploads: waiting (blue), worked on (green)</text>',
            *messages.axes(),
            messages.area("visible", [row[0] + row[1] for row in rows]),
            messages.area("hidden", [row[1] for row in rows]),
            f'<text class="title" x="{LEFT}" y="{workers.top - 20}">Workers, and when one was killed (red, {len(left.kills)})</text>',
            *workers.axes(),
            workers.area("running", [row[2] for row in rows], steps=True),
            kills,
            "</svg>",
            "",
        ]
    )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--uploads", type=int, default=5_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--picture", type=Path, default=Path("docs/pictures/worker-fleet.svg"))
    given = arguments.parse_args()
    left = fleet_under_load(given.uploads, minutes=10, kill_every=45, seed=given.seed)
    print(left)
    left.check()
    given.picture.write_text(picture(left), "utf-8")
    print(f"drawn in {given.picture}")
