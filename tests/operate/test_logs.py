"""Log lines for people, and a tail that shows each once."""

import json

import pytest

from cdk_event_flow.operate.logs import LONGEST_SUMMARY, Tail, functions_of, summary

TRACE = 'Traceback (most recent call last):\n  File "/var/task/handler.py", line 3, in handler\n    raise\nValueError: no total'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("START RequestId: 1\tVersion: 2", "START RequestId: 1 Version: 2"),
        ('{"level": "INFO", "message": "billed", "amount": 5}', "INFO billed"),
        (
            '{"level": "ERROR", "message": "failed", "exception_name": "KeyError", "stack_trace": {"value": "a"}}',
            "ERROR failed KeyError: a",
        ),
        (json.dumps({"level": "ERROR", "message": f"failed {TRACE}"}), "ERROR failed ValueError: no total"),
        ('{"errorType": "ValueError", "errorMessage": "no\\ntotal"}', "ValueError: no total"),
        ('{"type": "platform.start"}', '{"type": "platform.start"}'),
        ("[1]", "[1]"),
    ],
)
def test_a_line_says_what_a_person_wants(text, expected):
    assert summary(text) == expected


def test_a_long_line_is_cut():
    assert len(summary("x" * 1_000)) == LONGEST_SUMMARY


def test_each_line_is_given_once_however_often_it_is_asked(shop):
    shop.run.made[0].log = lambda name, request: (f"{name} {request}",)
    tail = Tail(shop.stack, functions_of(shop.stack), 0.0)
    assert tail.poll() == []
    for expected in ("shop-Billing request-1", "shop-Packing request-2"):
        shop.client("lambda").invoke(FunctionName=expected.split()[0], Payload=b"{}")
        assert [line.text for line in tail.poll()] == [expected]
    assert tail.poll() == []


def test_an_engine_that_gives_no_ids_has_each_line_once_too(shop, monkeypatch):
    events = Tail._events
    without = lambda *given: ({key: value for key, value in event.items() if key != "eventId"} for event in events(*given))  # noqa: E731
    monkeypatch.setattr(Tail, "_events", without)
    test_each_line_is_given_once_however_often_it_is_asked(shop)


def test_a_text_with_quotes_is_looked_for_as_it_is(shop):
    shop.run.made[0].log = lambda name, request: (f'the order "{request}" \\ failed', "another line")
    shop.client("lambda").invoke(FunctionName="shop-Billing", Payload=b"{}")
    tail = Tail(shop.stack, functions_of(shop.stack), 0.0, text='"request-1" \\')
    assert [line.text for line in tail.poll()] == ['the order "request-1" \\ failed']


def test_many_lines_come_in_pages(shop):
    shop.run.made[0].log = lambda name, request: tuple(str(n) for n in range(12_000))
    shop.client("lambda").invoke(FunctionName="shop-Billing", Payload=b"{}")
    assert len(Tail(shop.stack, functions_of(shop.stack), 0.0).poll()) == 12_000
