"""What is said where something is wrong, as text: `python -m tests.flow.findings.said > tests/flow/findings/said.txt`."""

import copy

from cdk_event_flow.flow import Flow

from .cases import CASES
from .sound import SOUND


def findings_of(logical_id, change):
    """What is found in the sound template, changed."""
    template = copy.deepcopy(SOUND)
    resources = template["Resources"]
    change(resources[logical_id].setdefault("Properties", {}) if logical_id else resources)
    return Flow.from_template(template).check()


def said(id, number, findings):
    """A line for each finding: where, what, and what to do."""
    return [f"{id}-{number} {each.severity} {each.logical_id}: {each.what} | {each.fix}" for each in findings]


def all_said():
    """The lines of all cases."""
    cases = [(id, number, case) for id, several in CASES.items() for number, case in enumerate(several, start=1)]
    return [line for id, number, case in cases for line in said(id, number, findings_of(*case))]


if __name__ == "__main__":
    print("\n".join(all_said()))  # noqa: T201
