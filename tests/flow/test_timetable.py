"""When what happens: every schedule and scheduled rule of a template, with its next times."""

from datetime import UTC, datetime

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.timetable import timetable

FRIDAY = datetime(2026, 3, 27, tzinfo=UTC)  # two days before Berlin's clocks go forward
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:elsewhere"


def schedule(expression, **more):
    target = {"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "RoleArn": "arn:aws:iam::123456789012:role/x"}
    properties = {"ScheduleExpression": expression, "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target, **more}
    return {"Type": "AWS::Scheduler::Schedule", "Properties": properties}


def rule(expression, *targets, **more):
    properties = {"ScheduleExpression": expression, "Targets": [{"Id": arn, "Arn": arn} for arn in targets], **more}
    return {"Type": "AWS::Events::Rule", "Properties": properties}


def rows(count=5, **resources):
    resources["Queue"] = {"Type": "AWS::SQS::Queue"}
    return timetable(Flow.from_template({"Resources": resources}, stack="Shop"), FRIDAY, count)


def test_a_schedule_shows_its_next_five_times_in_its_time_zone_without_the_one_that_daylight_saving_skips():
    (row,) = rows(Nightly=schedule("cron(30 2 * * ? *)", ScheduleExpressionTimezone="Europe/Berlin"))
    assert (row.path, row.to, row.timezone) == ("Nightly", ("Queue",), "Europe/Berlin")
    assert [f"{each:%d %H:%M %Z}" for each in row.times] == [
        "27 02:30 CET", "28 02:30 CET", "30 02:30 CEST", "31 02:30 CEST", "01 02:30 CEST",
    ]  # fmt: skip


def test_a_rule_shows_its_times_in_utc_and_all_its_targets():
    (row,) = rows(count=2, Often=rule("rate(12 hours)", FUNCTION, "arn:aws:sns:eu-west-1:123456789012:news"))
    assert row.to == (FUNCTION, "arn:aws:sns:eu-west-1:123456789012:news")
    assert [f"{each:%d %H:%M %Z}" for each in row.times] == ["27 12:00 UTC", "28 00:00 UTC"]
    assert row.within == 0


def test_five_times_are_told_where_nobody_says_how_many():
    often = rule("rate(12 hours)", FUNCTION)
    (row,) = timetable(Flow.from_template({"Resources": {"Often": often}}), FRIDAY)
    assert len(row.times) == 5


def test_a_rule_with_a_pattern_is_no_schedule():
    assert rows(Rule={"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["shop"]}}}) == []


@pytest.mark.parametrize(
    ("made", "times", "refused"),
    [
        (schedule("at(2020-01-01T00:00:00)"), 0, ""),
        (schedule("at(2030-01-01T00:00:00)"), 1, ""),
        (schedule("rate(1 hour)", State="DISABLED"), 0, ""),
        (rule("rate(1 hour)", FUNCTION, State="DISABLED"), 0, ""),
        (rule("rate(1 hours)", FUNCTION), 0, "rate(1 hours)"),
        (schedule("rate(1 hours)"), 5, ""),
        (schedule("cron(0 2 * * *)"), 0, "six fields"),
    ],
)
def test_what_does_not_come_again_has_no_times_and_says_why(made, times, refused):
    (row,) = rows(It=made)
    assert len(row.times) == times
    assert refused in row.refused
    assert bool(row.refused) == bool(refused)


def test_a_flexible_window_is_told():
    (row,) = rows(It=schedule("rate(1 hour)", FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}))
    assert row.within == 15
