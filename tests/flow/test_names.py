"""Names for people are short, and never those of something else."""

import pytest

from cdk_event_flow.flow.model import Bus
from cdk_event_flow.flow.names import short_names


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["Shop/Orders/Bus", "Shop/Bus"], ["Orders", "Bus"]),
        (["Shop/Orders/Bus", "Shop/Orders/Queue"], ["Shop/Orders/Bus", "Shop/Orders/Queue"]),
        (["Shop/Orders/Bus", "Base/Orders/Bus"], ["Shop/Orders", "Base/Orders"]),
        (["Shop/Orders/Bus", "Base/Bus"], ["Shop/Orders", "Base/Bus"]),
        (["Bus"], ["Bus"]),
    ],
    ids=["of one stack", "that would be the same", "of two stacks", "not as the stack", "without a stack"],
)
def test_names(paths, names):
    nodes = {path: Bus(logical_id="Bus", arn=path, name="bus", path=path) for path in paths}
    assert list(short_names(nodes).values()) == names
