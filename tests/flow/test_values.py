"""What a flow and a pattern are told in: values that nobody changes, most of them named field by field, and small."""

import dataclasses
import importlib
import pkgutil

import pytest

import cdk_event_flow.flow
import cdk_event_flow.match

# What works its values out on the way.
CHANGING = {"Resource", "Resolver"}
# Those of few fields, which are given in their order.
IN_ORDER = {
    *("contracts.Contract", "cron.Cron", "dead_letters.DeadLetters", "delivery.Judgement", "diff.Difference", "diff._Hop"),
    *(
        "hop.Sending",
        "http.Request",
        "model.Unknown",
        "published.Allowance",
        "s3.Change",
        "sent.Reach",
        "sent.Sent",
        "timetable.Timed",
    ),
    *("anything_but.AnythingBut", "cidr.Cidr", "equals_ignore_case.EqualsIgnoreCase", "exact.Exact", "exists.Exists"),
    *("numeric.Numeric", "prefix.Prefix", "suffix.Suffix", "values.Unknown", "verdict.PathVerdict", "verdict.Verdict"),
    "wildcard.Wildcard",
}
# Those of which there are few at a time, or which keep what they have worked out.
WITHOUT_SLOTS = {
    *("dashboards.Dashboard", "dashboards.Line", "dashboards.Widget", "delivery.Delivery", "diff.Difference", "diff.HopChange"),
    *("diff.Rerouted", "diff._Hop", "hop.Sending", "kinds.Finding", "kinds.Kind", "sent.Reach", "sent.Sent", "watching.Watch"),
}


def values():
    """All dataclasses of the two rooms."""
    for room in (cdk_event_flow.flow, cdk_event_flow.match):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            for found in vars(importlib.import_module(module.name)).values():
                own = isinstance(found, type) and found.__module__ == module.name and "__dataclass_params__" in vars(found)
                if own and found.__name__ not in CHANGING:
                    yield found


VALUES = list(values())


def by_keyword(kind):
    return [field.name for field in dataclasses.fields(kind) if field.init and not field.kw_only] == []


def names(kinds):
    return {f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}" for kind in kinds}


def test_no_value_is_changed():
    assert len(VALUES) > 80
    assert names(each for each in VALUES if not each.__dataclass_params__.frozen) == set()


def test_values_of_many_fields_are_given_by_name():
    assert names(each for each in VALUES if not by_keyword(each)) == IN_ORDER


def test_values_of_which_there_are_many_are_small():
    assert names(each for each in VALUES if "__slots__" not in vars(each)) == WITHOUT_SLOTS


def test_one_that_is_changed_says_no():
    with pytest.raises(dataclasses.FrozenInstanceError):
        cdk_event_flow.flow.model.Unknown("why").reason = "because"
