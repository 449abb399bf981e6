"""Each kind of finding has templates that raise it and nothing else; the sound template raises none."""

import copy

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.findings import KINDS

from .cases import CASES
from .sound import SOUND

EACH = [pytest.param(id, *case, id=f"{id}-{number}") for id, cases in CASES.items() for number, case in enumerate(cases, start=1)]


def test_the_sound_template_has_no_finding():
    assert Flow.from_template(SOUND).check() == []


@pytest.mark.parametrize(("id", "logical_id", "change"), EACH)
def test_what_is_wrong_is_found_and_nothing_else(id, logical_id, change):
    template = copy.deepcopy(SOUND)
    resources = template["Resources"]
    change(resources[logical_id].setdefault("Properties", {}) if logical_id else resources)
    findings = Flow.from_template(template).check()
    assert [finding.id for finding in findings] == [id]
    assert all(finding.what.endswith(".") and finding.fix for finding in findings)


def test_every_kind_has_a_template_that_raises_it():
    assert set(CASES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_kind_says_why_it_matters_and_where_aws_says_so(kind):
    assert kind.docs.startswith("https://docs.aws.amazon.com/")
    assert kind.title[0].isupper()
    assert not kind.why.endswith(".")
