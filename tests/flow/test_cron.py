from datetime import UTC, datetime

import pytest

from cdk_event_flow.errors import ScheduleError
from cdk_event_flow.flow.cron import next_times, rate_seconds

START = datetime(2026, 1, 14, 9, 30, tzinfo=UTC)  # a Wednesday


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 10 * * ? *)", ["2026-01-14T10:00", "2026-01-15T10:00"]),
        ("cron(15 12 * * ? *)", ["2026-01-14T12:15", "2026-01-15T12:15"]),
        ("cron(0 18 ? * MON-FRI *)", ["2026-01-14T18:00", "2026-01-15T18:00", "2026-01-16T18:00", "2026-01-19T18:00"]),
        ("cron(0 8 1 * ? *)", ["2026-02-01T08:00", "2026-03-01T08:00"]),
        ("cron(0/15 * * * ? *)", ["2026-01-14T09:45", "2026-01-14T10:00"]),
        ("cron(0/10 * ? * MON-FRI *)", ["2026-01-14T09:40", "2026-01-14T09:50"]),
        ("cron(0/5 8-17 ? * MON-FRI *)", ["2026-01-14T09:35"]),
        ("cron(30 9 * * ? *)", ["2026-01-15T09:30"]),
        ("cron(0 0 L * ? *)", ["2026-01-31T00:00", "2026-02-28T00:00"]),
        ("cron(0 0 ? * L *)", ["2026-01-17T00:00", "2026-01-24T00:00"]),
        ("cron(15 10 ? * 6L 2026-2027)", ["2026-01-30T10:15", "2026-02-27T10:15"]),
        ("cron(0 9 ? * 2#1 *)", ["2026-02-02T09:00", "2026-03-02T09:00"]),
        ("cron(0 9 ? * TUE#5 *)", ["2026-03-31T09:00", "2026-06-30T09:00"]),
        ("cron(0 9 3W * ? *)", ["2026-02-03T09:00", "2026-03-03T09:00", "2026-04-03T09:00", "2026-05-04T09:00"]),
        ("cron(0 9 1W 8 ? *)", ["2026-08-03T09:00"]),
        ("cron(0 9 31W 1,5 ? *)", ["2026-01-30T09:00", "2026-05-29T09:00"]),
        ("cron(0 0 29 2 ? *)", ["2028-02-29T00:00", "2032-02-29T00:00"]),
        ("cron(0 0 1,15 JAN,JUL ? *)", ["2026-01-15T00:00", "2026-07-01T00:00", "2026-07-15T00:00"]),
        ("cron(0 0 ? * 1 *)", ["2026-01-18T00:00"]),
        (
            "cron(0 0 ? * FRI-MON *)",
            ["2026-01-16T00:00", "2026-01-17T00:00", "2026-01-18T00:00", "2026-01-19T00:00", "2026-01-23T00:00"],
        ),
        ("cron(0 0 ? * FRI-MON/2 *)", ["2026-01-16T00:00", "2026-01-18T00:00", "2026-01-23T00:00"]),
        ("cron(0 9 31W * ? *)", ["2026-01-30T09:00", "2026-03-31T09:00"]),
        ("cron(0 9 2W 5 ? *)", ["2026-05-01T09:00"]),
        ("cron(0 9 3W,L * ? *)", ["2026-01-31T09:00", "2026-02-03T09:00", "2026-02-28T09:00"]),
        ("cron(0 9 ? 2 1 *)", ["2026-02-01T09:00", "2026-02-08T09:00"]),
        ("cron(0 9 ? 2 SUN#1 *)", ["2026-02-01T09:00", "2027-02-07T09:00"]),
        ("cron(0 9 ? 2 2#2 *)", ["2026-02-09T09:00"]),
        ("cron(0 9 ? 2 2#3 *)", ["2026-02-16T09:00"]),
        ("cron(0 9 ? 2 SAT#4 *)", ["2026-02-28T09:00"]),
        ("cron(0 9 ? * 2,6L *)", ["2026-01-19T09:00", "2026-01-26T09:00", "2026-01-30T09:00"]),
        ("cron(0 9 ? * 1L *)", ["2026-01-25T09:00"]),
        (
            "cron(0 0 1 feb,MAR,Apr,MAY,JUN,AUG,SEP,OCT,NOV,DEC ? *)",
            [f"2026-{month:02}-01T00:00" for month in (*range(2, 7), *range(8, 13))],
        ),
        ("cron(0 0 ? * WED,THU *)", ["2026-01-15T00:00", "2026-01-21T00:00"]),
        ("cron(0 9 ? * FRIL *)", ["2026-01-30T09:00"]),
        ("cron(0 9 ? * 7L *)", ["2026-01-31T09:00"]),
        ("cron(59 23 31 12 ? 2199)", ["2199-12-31T23:59"]),
        ("cron(0 0 ? JAN SAT 2027)", ["2027-01-02T00:00"]),
        ("cron(0 0 1 1 ? 2027)\n", ["2027-01-01T00:00"]),
        ("cron(5,35 14 * * ? *)", ["2026-01-14T14:05", "2026-01-14T14:35"]),
        ("cron(0 12 1 1 ? 2030)", ["2030-01-01T12:00"]),
        ("cron(0 2 ? * mon *)", ["2026-01-19T02:00"]),
        ("rate(5 minutes)", ["2026-01-14T09:35", "2026-01-14T09:40"]),
        ("rate(1 hour)", ["2026-01-14T10:30", "2026-01-14T11:30"]),
        ("rate(7 days)", ["2026-01-21T09:30"]),
        ("at(2026-02-01T08:00:00)", ["2026-02-01T08:00"]),
    ],
)
def test_the_next_times_are(expression, expected):
    assert next_times(expression, START, len(expected)) == [at(text) for text in expected]


@pytest.mark.parametrize(
    "expression",
    ["at(2025-12-31T23:59:59)", "at(2026-01-14T09:30:00)", "cron(0 0 1 1 ? 2025)", "cron(0 0 1 1 ? 1970)", "cron(0 0 30 2 ? *)"],
)
def test_what_is_over_or_never_comes_has_no_next_time(expression):
    assert next_times(expression, START, 3) == []


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 10 * * * *)",
        "cron(0 10 ? * ? *)",
        "cron(0 10 * * ?)",
        "cron(60 10 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 10 0 * ? *)",
        "cron(0 10 32 * ? *)",
        "cron(0 10 * 13 ? *)",
        "cron(0 10 ? * 0 *)",
        "cron(0 10 ? * 8 *)",
        "cron(0 10 ? * 2#6 *)",
        "cron(0 10 ? * 2#0 *)",
        "cron(0 10 ? * 2#1#1 *)",
        "cron(0 10 ? * 0#1 *)",
        "cron(0 10 ? * 8#1 *)",
        "cron(0 10 ? * 0L *)",
        "cron(0 10 ? * 8L *)",
        "cron(0 10 0W * ? *)",
        "cron(0 10 32 * ? 2025)",
        "cron(0/x 10 * * ? *)",
        "cron(0 1-2-3 * * ? *)",
        "cron(0 10 1 1 ? 2200)",
        "cron(0 10 1 1 ? *",
        "every(1 day)",
        "at((2027-01-01T00:00:00)",
        "cron(0 10 ? * 2#1,3#1 *)",
        "cron(0/0 10 * * ? *)",
        "cron(x 10 * * ? *)",
        "cron(0 10 32W * ? *)",
        "cron(0 10 * * ? 1969)",
        "rate(0 minutes)",
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(5 seconds)",
        "rate(five minutes)",
        "at(tomorrow)",
        "every day",
        "",
    ],
)
def test_what_aws_refuses_is_refused(expression):
    with pytest.raises(ScheduleError, match="EF-SCHEDULE"):
        next_times(expression, START)


def test_a_refusal_says_what_aws_allows():
    with pytest.raises(ScheduleError) as refused:
        next_times("cron(0 10 ? * 8L *)", START)
    (problem,) = refused.value.problems
    assert (refused.value.at, problem.code, problem.given) == ("schedule", "EF-SCHEDULE", "schedule has 8")
    assert problem.allowed.startswith(
        "AWS allows 1 to 7 or Sun, Mon, Tue, Wed, Thu, Fri, Sat (https://docs.aws.amazon.com/scheduler/"
    )


def test_a_time_zone_is_kept_over_daylight_saving():
    times = next_times("cron(0 8 * * ? *)", datetime(2026, 3, 28, 12, tzinfo=UTC), 2, timezone="Europe/Berlin")
    assert [t.astimezone(UTC) for t in times] == [at("2026-03-29T06:00"), at("2026-03-30T06:00")]


def test_a_time_that_daylight_saving_skips_is_skipped():
    times = next_times("cron(30 2 * * ? *)", datetime(2026, 3, 28, 12, tzinfo=UTC), 1, timezone="Europe/Berlin")
    assert [t.astimezone(UTC) for t in times] == [at("2026-03-30T00:30")]


def test_a_time_that_daylight_saving_repeats_runs_once():
    times = next_times("cron(30 2 * * ? *)", datetime(2026, 10, 24, 12, tzinfo=UTC), 2, timezone="Europe/Berlin")
    assert [t.astimezone(UTC) for t in times] == [at("2026-10-25T00:30"), at("2026-10-26T01:30")]


def test_an_unknown_time_zone_is_refused():
    with pytest.raises(ScheduleError, match="Mars/Base"):
        next_times("rate(1 hour)", START, timezone="Mars/Base")


@pytest.mark.parametrize("expression", ["rate(5 minute)", "rate(1 minutes)"])
def test_scheduler_does_not_ask_for_number_and_unit_to_agree_and_rules_do(expression):
    assert len(next_times(expression, START, scheduler=True)) == 1
    for refused in (lambda: next_times(expression, START), lambda: rate_seconds(expression)):
        with pytest.raises(ScheduleError):
            refused()
