"""Stacks that are read together."""

import pytest

from cdk_event_flow.flow.model import Unknown
from cdk_event_flow.flow.resolve import Resolver
from cdk_event_flow.flow.stacks import Stacks


def exporting(value, name="shared", **more):
    """A template that exports a value."""
    return {"Outputs": {"Out": {"Value": value, "Export": {"Name": name}}, **more}}


def nested(depth):
    return ["end"] if depth == 1 else [nested(depth - 1)]


def test_values_are_followed_to_a_sensible_depth_each_time_anew():
    for _ in range(3):
        resolver = Resolver({}, "Shop")
        assert resolver.value(nested(64)) == nested(64)
        assert str(resolver.value(nested(65))).count("it is nested deeper than 64 levels") == 1
        assert resolver.value(nested(64)) == nested(64)


def test_an_export_of_a_stack_that_is_taken_in_later_is_found():
    stacks = Stacks()
    first = Resolver({}, "First", stacks=stacks)
    assert first.value({"Fn::ImportValue": "shared"}) == Unknown("export shared is of a stack that is not here")
    second = Resolver(exporting("one"), "Second", stacks=stacks)
    assert first.value({"Fn::ImportValue": "shared"}) == "one"
    assert list(stacks) == [first, second]


@pytest.mark.parametrize(
    "odd",
    ["a text", {"Value": 1}, {"Value": 1, "Export": "a text"}, {"Value": 1, "Export": {"Name": ["a list"]}},
     {"Value": 1, "Export": {"Name": {"Ref": "Nobody"}}}],
)  # fmt: skip
def test_what_is_no_export_does_not_hide_the_others(odd):
    template = {"Outputs": {"Odd": odd, **exporting("one")["Outputs"]}}
    assert Resolver(template, "Shop").value({"Fn::ImportValue": "shared"}) == "one"


def test_an_output_is_of_the_stack_in_the_region_asked_for_or_the_first():
    stacks = Stacks()
    Resolver(exporting("another"), "Another", stacks=stacks, region="eu-west-1")
    Resolver(exporting("american"), "Shop", stacks=stacks, region="us-east-1")
    asking = Resolver(exporting("european"), "Shop", stacks=stacks, region="eu-west-1")

    def output(**more):
        return asking.value({"Fn::GetStackOutput": {"StackName": "Shop", "OutputName": "Out", **more}})

    assert [output(), output(Region="us-east-1"), output(Region="ap-south-1")] == ["european", "american", "american"]
