"""Findings as text, as JSON, for code scanning and for workflow logs."""

import dataclasses
import json
from collections.abc import Callable, Sequence

from cdk_event_flow.flow.findings import KINDS, SEVERITIES, Finding

# https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def as_text(findings: Sequence[Finding], _: str) -> str:
    """A paragraph a finding: what, why, what to do."""
    if not findings:
        return "nothing found\n"
    paragraphs = [f"{f.severity} {f.id} {f.path}\n  {f.what}\n  {f.why}\n  → {f.fix}\n" for f in findings]
    errors, warnings, advice = (sum(finding.severity == each for finding in findings) for each in SEVERITIES)
    counted = f"{errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}"
    return "\n".join([*paragraphs, f"{counted}{f', {advice} of advice' if advice else ''}\n"])


def as_json(findings: Sequence[Finding], _: str) -> str:
    """One list."""
    return json.dumps([dataclasses.asdict(finding) for finding in findings], indent=2) + "\n"


def as_sarif(findings: Sequence[Finding], where: str) -> str:
    """SARIF 2.1.0; `where` is the file that code scanning shows a finding at."""
    kinds = [KINDS[id] for id in sorted({finding.id for finding in findings})]
    rules = [
        {
            "id": kind.id,
            "name": "".join(word.capitalize() for word in kind.title.split()),
            "shortDescription": {"text": kind.title},
            "fullDescription": {"text": f"{kind.why}."},
            "helpUri": kind.docs,
            "defaultConfiguration": {"level": _NOTES.get(kind.severity, kind.severity)},
        }
        for kind in kinds
    ]
    results = [
        {
            "ruleId": finding.id,
            "level": _NOTES.get(finding.severity, finding.severity),
            "message": {"text": f"{finding.path}: {finding.what} {finding.why} {finding.fix}"},
            "locations": [
                {
                    "physicalLocation": {"artifactLocation": {"uri": where}, "region": {"startLine": 1}},
                    "logicalLocations": [{"fullyQualifiedName": finding.path, "kind": "resource"}],
                }
            ],
            "partialFingerprints": {"constructPath": f"{finding.id} {finding.path}"},
        }
        for finding in findings
    ]
    tool = {"driver": {"name": "cdk-event-flow", "rules": rules}}
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [{"tool": tool, "results": results}]}, indent=2) + "\n"


def as_annotations(findings: Sequence[Finding], where: str) -> str:
    """GitHub's workflow commands, one a line."""
    lines = [
        f"::{_NOTICES.get(f.severity, f.severity)} file={_property(where)},title={_property(f'{f.id} {f.path}')}"
        f"::{_message(f'{f.what} {f.why} {f.fix}')}"
        for f in findings
    ]
    return "".join(f"{line}\n" for line in lines)


# What SARIF and GitHub call it.
_NOTES = {"info": "note"}
_NOTICES = {"info": "notice"}
_FAMILIES = {
    "1": "Routes that nothing takes",
    "2": "Lost messages",
    "3": "Times that do not fit",
    "4": "Limits",
    "5": "Permissions",
    "6": "Loops",
    "7": "Contracts",
    "8": "Cost of scale",
    "9": "Advice, on request",
}


def as_reference() -> str:
    """All kinds of findings as a page in Markdown."""
    lines = [
        "# Findings",
        "",
        "What `flow.check()`, `event-flow check` and `EventFlowChecks` in `cdk synth` look for, all of it in the template. An",
        "error does not work, or not as it says; a warning works until something fails or grows; info is advice, on request only",
        "(`flow.check(advice=True)`, `event-flow check --advice`, `EventFlowChecks(advice=True)`). Acknowledge one as CDK's own:",
        '`cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id="EventFlow::EF201", reason="…"))`.',
        "Each finding says in its text what to change. Ids never change their meaning.",
    ]
    for number, family in _FAMILIES.items():
        lines += ["", f"## {family}", "", "| id | | what | why it matters |", "|---|---|---|---|"]
        for kind in sorted((kind for kind in KINDS.values() if kind.id[2] == number), key=lambda kind: kind.id):
            lines.append(f"| {kind.id} | {kind.severity} | {kind.title} | {kind.why} ([AWS]({kind.docs})) |")
    return "\n".join([*lines, ""])


# https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands: what ends a value is escaped.
def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


SHAPES: dict[str, Callable[[Sequence[Finding], str], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_annotations,
}
