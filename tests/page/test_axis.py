"""The axis: work is seen beside waits of any length."""

from cdk_event_flow.page.axis import Axis


def test_short_times_are_drawn_as_long_as_they_are():
    axis = Axis(100.0)
    axis.busy(100.0, 100.2)
    axis.busy(100.4, 101.0)
    assert [round(axis.place(at), 3) for at in (100.0, 100.1, 100.2, 100.4, 101.0)] == [0.0, 0.1, 0.2, 0.4, 1.0]
    assert axis.as_json()["gaps"] == []


def test_long_waits_are_drawn_short_and_said():
    axis = Axis(0.0)
    axis.busy(0.0, 0.1)
    axis.busy(180.1, 180.2)
    [gap] = axis.as_json()["gaps"]
    assert gap["seconds"] == 180.0
    assert gap["to"] - gap["from"] < 0.1
    assert 0.3 < axis.place(0.1) < 0.6
    assert axis.place(0.0) < axis.place(0.1) < axis.place(90) < axis.place(180.1) < axis.place(180.2) == 1.0


def test_many_waits_leave_room_for_the_work():
    axis = Axis(0.0)
    for number in range(40):
        axis.busy(number * 60.0, number * 60.0 + 0.1)
    assert sum(gap["to"] - gap["from"] for gap in axis.as_json()["gaps"]) <= 0.61


def test_an_event_that_took_no_time_has_places():
    axis = Axis(5.0)
    assert axis.place(5.0) == 0.0
    assert axis.as_json()["seconds"] == 0.0
