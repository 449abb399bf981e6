"""What X-Ray's SDK tells of a handler's work, by invocation."""

import json

from cdk_event_flow.local.environments.xray import MOST_OF_A_TRACE, MOST_TRACES, Subsegment, Subsegments

HEADER = b'{"format":"json","version":1}\n'


def told(subsegments, /, **segment):
    subsegments.datagram_received(HEADER + json.dumps({"trace_id": "1-a", "parent_id": "p", "name": "x", **segment}).encode(), None)


def test_subsegments_are_found_by_trace_and_parent_with_those_inside_them():
    subsegments = Subsegments()
    inner = [{"name": "DynamoDB", "start_time": 10.1, "end_time": 10.2, "fault": True}]
    told(subsegments, id="h", name="## handler", start_time=10.0, end_time=10.5, subsegments=inner)
    told(subsegments, name="earlier", start_time=9.0, end_time=9.5, cause={"exceptions": [{"type": "ValueError", "message": "no"}]})
    told(subsegments, parent_id="another")
    told(subsegments, parent_id="h", name="sent by itself", start_time=10.3, end_time=10.4)
    assert subsegments.of("1-a", "p") == [
        Subsegment(name="earlier", began=9.0, ended=9.5, depth=0, error="ValueError: no"),
        Subsegment(name="## handler", began=10.0, ended=10.5, depth=0),
        Subsegment(name="DynamoDB", began=10.1, ended=10.2, depth=1, error="failed"),
        Subsegment(name="sent by itself", began=10.3, ended=10.4, depth=1),
    ]
    assert subsegments.of("1-b", "p") == []


def test_what_is_no_segment_is_left_alone():
    subsegments = Subsegments()
    for data in (
        b"",
        b"{}",
        HEADER,
        HEADER + b"{",
        HEADER + b"[]",
        HEADER + b"5",
        HEADER + b"[" * 60_000,
        HEADER + b'{"trace_id": 5}',
        b"\xff\xfe\n\xff",
    ):
        subsegments.datagram_received(data, None)
    told(subsegments, start_time="soon", subsegments=["x", {"subsegments": 5}], cause={"exceptions": ["x"]})
    assert [each.name for each in subsegments.of("1-a", "p")] == ["x", ""]


def test_only_so_much_is_kept():
    subsegments = Subsegments()
    for _ in range(MOST_OF_A_TRACE + 5):
        told(subsegments)
    assert len(subsegments.of("1-a", "p")) == MOST_OF_A_TRACE
    for number in range(MOST_TRACES):
        told(subsegments, trace_id=f"1-{number}")
    assert subsegments.of("1-a", "p") == []
    assert len(subsegments.of("1-0", "p")) == 1


def test_segments_that_say_they_are_in_themselves_come_to_an_end():
    subsegments = Subsegments()
    for _ in range(50):
        told(subsegments, id="p")
    assert len(subsegments.of("1-a", "p")) == MOST_OF_A_TRACE
