"""How many workers there should be, minute by minute."""

import pytest

from cdk_event_flow.flow.workers import Scales
from cdk_event_flow.local.workers.scaling import Scaler

STEPS = ((0.0, 1), (11.0, 2), (21.0, 4), (41.0, 6))
SCALES = Scales(least=0, most=6, backlog=10, steps=STEPS)


def wanted(scaler, *minutes):
    return [scaler.minute(*minute) for minute in minutes]


@pytest.mark.parametrize(("waiting", "workers"), [(0, 0), (1, 1), (10, 1), (11, 2), (20, 2), (21, 4), (40, 4), (41, 6), (10_000, 6)])
def test_out_of_nothing_the_step_begins(waiting, workers):
    assert Scaler(SCALES).minute(waiting, 0, 0) == workers


def test_without_a_step_nothing_begins_where_nothing_runs():
    assert wanted(Scaler(Scales(least=0, most=6, backlog=10)), (100, 0, 0), (100, 0, 0)) == [0, 0]


def test_more_come_after_three_minutes_above_the_target_and_not_before():
    scaler = Scaler(SCALES)
    scaler.minute(5, 0, 0)
    assert wanted(scaler, (40, 0, 1), (40, 0, 1), (10, 0, 1), (40, 0, 1), (40, 0, 1), (40, 0, 1)) == [1, 1, 1, 1, 1, 4]


def test_never_more_than_the_most():
    scaler = Scaler(SCALES)
    assert wanted(scaler, (15, 0, 0), (900, 0, 2), (900, 0, 2), (900, 0, 2)) == [2, 2, 2, 6]


def test_fewer_after_fifteen_minutes_below_nine_tenths():
    scaler = Scaler(SCALES)
    scaler.minute(900, 0, 0)
    assert wanted(scaler, *[(0, 0, 6)] * 15) == [6] * 14 + [0]
    scaler = Scaler(SCALES)
    scaler.minute(900, 0, 0)
    assert wanted(scaler, *[(54, 0, 6)] * 20) == [6] * 20  # nine tenths of ten for each of six


def test_those_that_hold_messages_are_not_idle():
    scaler = Scaler(SCALES)
    scaler.minute(900, 0, 0)
    assert wanted(scaler, *[(0, 15, 6)] * 15)[-1] == 2


def test_the_least_stay():
    assert wanted(Scaler(Scales(least=2, most=6, backlog=10)), *[(0, 0, 2)] * 30)[-1] == 2
