"""The page of the benchmarks, made of the figures and nothing else, and the figures where other pages quote them."""

import re

from benchmarks.parts import PARTS
from benchmarks.section import prose, table

BUSY = 0.5  # the load before a run, from which on its figures by the clock are not to be relied on
_LINK = re.compile(r"\[([^\]]*)\]\(([^()\s]*benchmarks\.md)#([\w-]+)\)")


def sections(document):
    """Each part that has figures, by its name."""
    return {name: PARTS[name].section(document["parts"][name]["figures"]) for name in PARTS if name in document["parts"]}


def claims(document):
    """Every claim by its key. Two of the same key are an error of a part."""
    every = [claim for section in sections(document).values() for claim in section.claims]
    by_key = {claim.key: claim for claim in every}
    assert len(by_key) == len(every), "two claims have the same key"
    return by_key


def page(document):
    """The Markdown of the page."""
    made = sections(document)
    blocks = [
        ["# Benchmarks"],
        prose(
            f"Written by `make bench`, last on {max(part['date'] for part in document['parts'].values())}. What takes how long",
            "depends on the machine, and drifts; a ratio is of both sides in one run, in which they take turns. The raw figures",
            "are in [`benchmarks.json`](benchmarks.json), the programs in [`benchmarks`](../../benchmarks).",
        ),
        table(["machine", ""], document["machine"].items()),
        table(["version of", ""], document["versions"].items()),
        ["## Summary"],
        prose(
            "Lower is better where a figure is a time or a size. Other pages quote these lines, and a test holds them together.",
        ),
        table(["part", "what", "figure"], [_line(name, claim) for name, section in made.items() for claim in section.claims]),
    ]
    for name, section in made.items():
        part = document["parts"][name]
        blocks += [[f"## {PARTS[name].TITLE}"], *section.blocks]
        blocks += (
            [f"![{PARTS[name].TITLE}: the figures of the table, drawn](../pictures/bench-{plot}.svg)"] for plot in section.plots
        )
        blocks.append(prose(f"Measured on {part['date']} in {part['seconds']:.0f} s: `make bench ONLY={name}`.", *_busy(part)))
    return "\n\n".join("\n".join(lines) for lines in blocks) + "\n"


def _busy(part):
    """Says so, if the machine was at work before the run."""
    if part["load"] > BUSY:
        yield "**The machine did other things meanwhile**"
        yield f"(load {part['load']:.1f} before the run): figures by the clock are not to be relied on."


def _line(name, claim):
    anchor = re.sub(r"[^\w]+", "-", PARTS[name].TITLE.lower()).strip("-")
    return [f"[{PARTS[name].TITLE}](#{anchor})", f'<a id="{claim.key}"></a>{claim.what}', f"**{claim.figure}**"]


def quoted(text):
    """Key and words of each link to a line of the page."""
    return [(match[3], match[1]) for match in _LINK.finditer(text)]


def with_figures(text, by_key):
    """The text with the words of each such link as the claim has them now."""
    return _LINK.sub(lambda match: f"[{by_key[match[3]].figure}]({match[2]}#{match[3]})" if match[3] in by_key else match[0], text)
