"""Nodes and their parts: what they say where nothing is said, and that nobody changes them."""

import dataclasses

import pytest

from cdk_event_flow.flow import model, sources, workers
from cdk_event_flow.flow.model import Bus, Code, Unknown
from cdk_event_flow.flow.readers import integrations
from cdk_event_flow.flow.resolve import Resolver

PARTS = {
    each
    for module in (model, sources, workers, integrations)
    for each in vars(module).values()
    if isinstance(each, type) and dataclasses.is_dataclass(each)
} - {Unknown, Resolver}
NAMES = {each.__name__: each for each in sorted(PARTS, key=lambda each: each.__name__)}

# What is said by default, where it is more than nothing; as AWS has it.
BY_DEFAULT = {
    "Api": {"protocol": "HTTP"},
    "AsyncConfig": {"qualifier": "$LATEST", "retries": 2, "max_age": 21_600},
    "EventFilter": {"scope": "DATA"},
    "EventSourceMapping": {"enabled": True, "batch_size": 10, "parallel": 1},
    "Function": {
        "architecture": "x86_64", "memory": 128, "timeout": 3, "log_format": "Text", "ephemeral_storage": 512, "stops_loops": True,
        "code": Code(),
    },
    "Layer": {"code": Code()},
    "Pipe": {"enabled": True},
    "Polled": {"virtual_host": "/"},
    "Queue": {"visibility": 30, "retention": 345_600},
    "Route": {"kind": "proxy-v2"},
    "Served": {"kind": "template"},
    "Subscriber": {"enabled": True, "sends": "RAW"},
    "Subscription": {"filter_scope": "MessageAttributes"},
    "Target": {"max_attempts": 185, "max_age": 86_400},
    "Url": {"auth": "AWS_IAM"},
    "Workers": {"memory": 512, "code": Code()},
}  # fmt: skip
# What never has to be said.
LEFT_OUT = {"unknown", "tags", "web", "environment", "code", "weights", "properties", "parameters"}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_by_default(name):
    needed = [each.name for each in dataclasses.fields(NAMES[name]) if each.default is each.default_factory is dataclasses.MISSING]
    assert name == "Template" or not LEFT_OUT & {*needed}
    made = NAMES[name](**dict.fromkeys(needed, "said"))
    said = {each.name: getattr(made, each.name) for each in dataclasses.fields(made) if each.name not in needed}
    assert {key: value for key, value in said.items() if value not in (None, False, 0, "", (), {})} == BY_DEFAULT.get(name, {})


@pytest.mark.parametrize("name", NAMES)
def test_a_node_or_a_part_of_one_stays_as_it_was_made_and_is_told_by_names(name):
    made = object.__new__(NAMES[name])
    field = dataclasses.fields(made)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(made, field, "other")
    assert not hasattr(made, "__dict__")
    with pytest.raises(TypeError, match=r"takes 1 positional argument but 2"):
        NAMES[name]("said")


def test_what_is_unknown_says_why_and_stays_so():
    unknown = Unknown("why")
    assert str(unknown) == "unknown (why)"
    assert {unknown: 1}[Unknown("why")] == 1
    assert not hasattr(unknown, "__dict__")
    with pytest.raises(dataclasses.FrozenInstanceError):
        unknown.reason = "other"


def test_nodes_are_the_same_whatever_of_them_is_unknown_and_whatever_their_tags():
    one = Bus(logical_id="a", arn="a", name="a", path="a")
    assert one == dataclasses.replace(one, unknown={"Name": "why"}) == dataclasses.replace(one, tags={"Team": "shop"})
    assert one != dataclasses.replace(one, path="b")


@pytest.mark.parametrize(
    ("asked", "told"), [(("Name",), False), (("Other",), True), (("Other", "Name"), False), ((), True), (("Other", "More"), True)]
)
def test_a_node_tells_what_is_not_unknown(asked, told):
    assert Bus(logical_id="a", arn="a", name="a", path="a", unknown={"Name": "why"}).tells(*asked) is told
