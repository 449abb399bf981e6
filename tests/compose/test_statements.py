"""Statements are joined where that allows nothing more than they did apart."""

import itertools
import random

from cdk_event_flow.compose.statements import allowing, document, join

ACTIONS, RESOURCES, SOURCES = "abc", "xyz", "stu"


def allowed(statements):
    """Each combination of action, resource and source that is allowed; None is any source."""
    found = set()
    for each in statements:
        source = each.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn", [None])
        sources = source if isinstance(source, list) else [source]
        actions, resources = (value if isinstance(value, list) else [value] for value in (each["Action"], each["Resource"]))
        found |= set(itertools.product(actions, resources, sources))
    return found


def test_random_statements_allow_the_same_joined_and_apart():
    chosen = random.Random(7)
    for _ in range(500):
        given = []
        for _ in range(chosen.randrange(1, 8)):
            some = [chosen.sample(kind, chosen.randrange(1, 3)) for kind in (ACTIONS, RESOURCES)]
            source = chosen.choice([None, *SOURCES])
            given.append(allowing(*some, {"ArnEquals": {"aws:SourceArn": source}} if source else None))
        joined = []
        for each in given:
            join(joined, each)
        assert allowed(document(joined)["Statement"]) == allowed(given)
        assert len(joined) <= len(given)


def test_what_is_said_twice_is_written_once_and_a_list_of_one_is_its_one():
    joined = []
    for _ in range(2):
        join(joined, allowing(["sqs:SendMessage"], ["q"]))
    assert document(joined)["Statement"] == [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "q"}]


def test_a_denial_is_not_joined_with_what_is_allowed():
    joined = []
    join(joined, {"Effect": "Deny", "Action": "sqs:*", "Resource": ["q"]})
    join(joined, allowing(["sqs:*"], ["q"]))
    assert [each["Effect"] for each in joined] == ["Deny", "Allow"]
