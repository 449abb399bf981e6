"""Draws planned routes with graphviz, a program that the image brings along."""

import json
import logging
import subprocess
from itertools import pairwise
from typing import Any

logger = logging.getLogger()


def dot(stops: list[str]) -> str:
    """The route in graphviz's language; names are quoted as JSON, which it reads."""
    legs = "; ".join(f"{json.dumps(start)} -> {json.dumps(end)}" for start, end in pairwise(stops))
    return f"digraph route {{ rankdir=LR; {legs} }}"


def draw(stops: list[str]) -> str:
    """The route as SVG."""
    done = subprocess.run(["dot", "-Tsvg"], input=dot(stops), capture_output=True, text=True, check=True)
    return done.stdout


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Draw a batch of routes; those that cannot be drawn are received again."""
    failed = []
    for record in event["Records"]:
        try:
            picture = draw(json.loads(record["body"])["stops"])
        except (KeyError, ValueError, subprocess.CalledProcessError) as error:
            logger.error("not drawn: %r", error)
            failed.append({"itemIdentifier": record["messageId"]})
        else:
            logger.info("drawn in %d bytes", len(picture))
    return {"batchItemFailures": failed}
