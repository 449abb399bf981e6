"""Names for people are short, and never those of something else."""

import pytest

from cdk_event_flow.flow.model import Alias, Bus, Function, Queue, Version
from cdk_event_flow.flow.names import short_names, without_resource_id


def nodes(kind, *paths, **more):
    """Nodes by their paths, which are their ARNs too."""
    return {path: kind(logical_id="X", arn=path, name="x", path=path, **more) for path in paths}


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["Shop/Orders/Bus", "Shop/Bus"], ["Orders", "Bus"]),
        (["Shop/Orders/Bus", "Shop/Orders/Queue"], ["Shop/Orders/Bus", "Shop/Orders/Queue"]),
        (["Shop/Orders/Bus", "Base/Orders/Bus"], ["Shop/Orders", "Base/Orders"]),
        (["Shop/Orders/Bus", "Base/Bus"], ["Shop/Orders", "Base/Bus"]),
        (["Bus"], ["Bus"]),
        (["Shop/Orders/Bus", "Jobs"], ["Orders", "Jobs"]),
        (["Shop/Bus", "default"], ["Bus", "default"]),
        (["Shop/Orders/Events"], ["Orders/Events"]),
        (["Shop/A/Bus", "Base/B/C"], ["Shop/A", "Base/B/C"]),
    ],
)
def test_names(paths, names):
    assert list(short_names(nodes(Bus, *paths)).values()) == names


def test_two_of_different_kinds_may_be_called_the_same():
    several = nodes(Bus, "Shop/Orders/Bus") | nodes(Queue, "Shop/Orders/Queue", url="")
    assert list(short_names(several).values()) == ["Orders", "Orders"]


def test_a_version_or_alias_is_called_as_its_function():
    function = nodes(Function, "Shop/Work/Function", runtime="", handler="")
    version = nodes(Version, "Shop/Work/Version", function_arn="Shop/Work/Function", version="1")
    alias = nodes(Alias, "Shop/Live", function_arn="Shop/Work/Function", version_arn="")
    far = nodes(Alias, "Shop/Far", function_arn="elsewhere", version_arn="")
    assert list(short_names(function | version | alias | far).values()) == ["Work", "Work", "Work", "Far"]


@pytest.mark.parametrize("last", ["Bus", "Function", "Queue", "Resource", "Rule", "Schedule", "Subscription", "Table", "Topic"])
def test_an_id_that_only_says_the_kind_is_left_out(last):
    assert without_resource_id(["Shop", last]) == ["Shop"]
    assert without_resource_id([last]) == [last]
    assert without_resource_id([last, "Shop"]) == [last, "Shop"]
