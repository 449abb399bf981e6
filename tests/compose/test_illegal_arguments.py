"""Two hundred random illegal arguments: each gives one clear error, and nothing is left behind."""

import random
import re

import pytest

from cdk_event_flow.errors import ConstructError
from tests.compose.synthesis import template_of

from .illegal import ILLEGAL, Parts

MISTAKES = 200
CLEAR = re.compile(r"EF-[A-Z-]+ at Shop/[\w/]+: .+, .+; .+")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


def test_each_of_200_random_mistakes_gives_one_clear_error_and_leaves_nothing_behind():
    rnd, parts = random.Random(6), Parts()
    kinds = [*ILLEGAL, *rnd.choices([*ILLEGAL], k=MISTAKES - len(ILLEGAL))]
    for number, kind in enumerate(kinds):
        id = f"Wrong{number}"
        call = ILLEGAL[kind](rnd, parts, id)
        before = len(parts.stack.node.find_all())
        with pytest.raises(ConstructError) as refused:
            call.make()
        said = str(refused.value)
        assert refused.value.at == f"Shop/{call.at}", (kind, said)
        assert [problem.code.startswith(call.code) for problem in refused.value.problems] == [True], (kind, said)
        assert CLEAR.fullmatch(said), (kind, said)
        assert len(parts.stack.node.find_all()) == before, kind
    assert template_of(parts.stack) == template_of(Parts().stack)
