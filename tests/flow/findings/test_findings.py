"""Each kind of finding has templates that raise it and nothing else; the sound template raises none."""

from pathlib import Path

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.findings import KINDS, routes
from cdk_event_flow.flow.findings.kinds import finds

from .cases import CASES, SOUND_TOO
from .said import findings_of, said
from .sound import SOUND


def each(cases):
    """A parameter set for each case, named by its finding."""
    return [pytest.param(id, n, *case, id=f"{id}-{n}") for id, several in cases.items() for n, case in enumerate(several, start=1)]


SAID = (Path(__file__).parent / "said.txt").read_text("utf-8").splitlines()


def test_the_sound_template_has_no_finding():
    assert Flow.from_template(SOUND).check() == []


@pytest.mark.parametrize(("id", "number", "logical_id", "change"), each(CASES))
def test_what_is_wrong_is_found_and_nothing_else(id, number, logical_id, change):
    findings = findings_of(logical_id, change)
    assert {finding.id for finding in findings} == {id}
    assert all(finding.what.endswith(".") and finding.fix for finding in findings)
    assert said(id, number, findings) == [line for line in SAID if line.startswith(f"{id}-{number} ")], "said.py writes it again"


@pytest.mark.parametrize(("id", "number", "logical_id", "change"), each(SOUND_TOO))
def test_what_is_just_inside_is_not_found(id, number, logical_id, change):
    assert findings_of(logical_id, change) == []


def test_every_kind_has_a_template_that_raises_it():
    assert set(CASES) == {id for id, kind in KINDS.items() if kind.severity != "info"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_kind_says_why_it_matters_and_where_aws_says_so(kind):
    assert kind.docs.startswith("https://docs.aws.amazon.com/")
    assert kind.title[0].isupper()
    assert not kind.why.endswith(".")


def test_an_id_is_given_once():
    first = KINDS["EF101"]
    with pytest.raises(AssertionError, match="EF101 is taken by 'Pattern is refused'"):
        finds("EF101", "error", "Another", why="Nothing", docs="https://docs.aws.amazon.com/")(lambda flow: iter(()))
    assert KINDS["EF101"] is first


def test_what_finds_a_kind_is_still_there_to_be_called():
    assert KINDS["EF101"].find is routes.refused_patterns
