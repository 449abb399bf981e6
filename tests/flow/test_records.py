"""What is read of a template, and what is said of it, stays as it is: callers may keep and share it."""

import dataclasses
import importlib
import pkgutil

import pytest

import cdk_event_flow.flow

MADE_WHILE_READING = {"Resource", "Resolver"}


def records():
    """Every dataclass of the room but those that remember what they have read."""
    for module in pkgutil.walk_packages(cdk_event_flow.flow.__path__, f"{cdk_event_flow.flow.__name__}."):
        for name, kind in vars(importlib.import_module(module.name)).items():
            if dataclasses.is_dataclass(kind) and kind.__module__ == module.name and name not in MADE_WHILE_READING:
                yield pytest.param(kind, id=f"{module.name.removeprefix('cdk_event_flow.')}.{name}")


@pytest.mark.parametrize("kind", list(records()))
def test_a_record_cannot_be_changed(kind):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(object.__new__(kind), dataclasses.fields(kind)[0].name, "changed")
