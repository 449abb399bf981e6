"""Runs recorded cases against the matcher: `python tests/match/run_vectors.py FOLDER [--show]`. FOLDER holds *.jsonl files."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cdk_event_flow.match import EventPattern, FilterCriteria, FilterPolicy, PatternError


def answer(kind: str, case: dict[str, Any]) -> tuple[bool | None, str]:
    """What we say: (matches, "") or (None, the refusal)."""
    try:
        if kind.startswith("sns"):
            policy = FilterPolicy(case["policy"], scope=case["scope"])
            return (policy.matches(case.get("body") or "", case.get("attributes") or {}), "")
        if kind.startswith("esm"):
            return (FilterCriteria(case["filters"], source=case["event_source"]).matches(case["record"]), "")
        pattern = EventPattern(case.get("pattern_text") or case["pattern"])
        event = case.get("event_text") or case.get("event")
        return (pattern.matches(event) if event is not None else True, "")
    except PatternError as refused:
        return (None, refused.reason)


def wrong(file: Path) -> Iterator[tuple[dict[str, Any], Any]]:
    """The cases whose answer differs."""
    for line in file.read_text("utf-8").splitlines():
        case = json.loads(line)
        got, reason = answer(file.stem, case)
        expected = None if "invalid" in file.stem else case["matches"]
        if got != expected:
            yield case, got
        elif case.get("authority") == "aws-recorded" and case.get("error") and reason not in case["error"]:
            yield case, reason


def main(folder: Path, show: bool) -> int:
    """Print a line a file; 0 when no case recorded from AWS is wrong."""
    bad = 0
    for file in sorted(folder.glob("*.jsonl")):
        total = len(file.read_text("utf-8").splitlines())
        missed = list(wrong(file))
        recorded = [case for case, _ in missed if case.get("authority") == "aws-recorded"]
        bad += len(recorded)
        print(f"{file.name}: {total - len(missed)} of {total} right; {len(recorded)} recorded from AWS wrong")
        for case, got in missed if show else ():
            print("   ", case["authority"], json.dumps(case, ensure_ascii=False)[:400], "=> we:", got)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), "--show" in sys.argv))
