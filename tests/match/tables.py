"""Tables of cases: one row an operand, the values that pass it, and those that do not."""

import json

import pytest


def rows(table):
    """A test case for each value of each row: (element of the list, value, passes)."""
    return [
        pytest.param(element, value, passes, id=f"{json.dumps(element)} {json.dumps(value)}"[:100])
        for element, passing, failing in table
        for passes, values in ((True, passing), (False, failing))
        for value in values
    ]


def refusals(table):
    """A test case for each refused element: (element, what AWS says)."""
    return [pytest.param(element, reason, id=json.dumps(element)[:100]) for element, reason in table]
