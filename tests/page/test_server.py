"""The page's server: who is let in, what it answers, and a stream that goes on where it was cut off."""

import asyncio
import json
from itertools import pairwise

import pytest

from cdk_event_flow.page.content import difference
from cdk_event_flow.page.watch import MOST_TOLD
from tests.local import world as w
from tests.page.world import BILLED, BILLING, DEAD, EVENTS, FLOW, ORDERS, PACKED, RULE, TO_BILLING, on_page


def refuse(event):
    raise ValueError("total is negative")


# Who is let in


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Bearer TOKEN", "Host": "evil.example"}, 403),
        ({"Authorization": "Bearer TOKEN", "Host": "evil.example:80"}, 403),
        ({"Authorization": "Bearer TOKEN", "Origin": "https://evil.example"}, 403),
        ({"Authorization": "Bearer TOKEN", "Origin": "null"}, 403),
        ({"Authorization": "Bearer TOKEN", "Origin": "OWN"}, 200),
        ({"Authorization": "Bearer TOKEN"}, 200),
    ],
)
def test_the_token_and_this_machine_only(headers, status):
    async def ask(client):
        given = {name: value.replace("TOKEN", client.page.token).replace("OWN", client.base) for name, value in headers.items()}
        for path in ("content", "events", "queues", "environments", "stream"):
            if path == "stream" and status == 200:
                continue
            async with client.session.get(f"{client.base}/api/{path}", headers=given) as answer:
                assert answer.status == status, path

    on_page(ask)


def test_a_request_that_changes_something_wants_json_and_the_token():
    async def ask(client):
        body = json.dumps({"on": "Orders", "event": w.event()})
        for headers, status in (
            ({"Content-Type": "text/plain", **client.headers}, 415),
            ({"Content-Type": "application/x-www-form-urlencoded", **client.headers}, 415),
            ({"Content-Type": "application/json"}, 401),
        ):
            async with client.session.post(f"{client.base}/api/send", data=body, headers=headers) as answer:
                assert answer.status == status
        for broken in ("{", "[]", '"x"'):
            async with client.session.post(
                f"{client.base}/api/send", data=broken, headers={"Content-Type": "application/json", **client.headers}
            ) as answer:
                assert answer.status == 400
        assert client.run.trace.roots == []

    on_page(ask)


def test_the_page_is_served_with_a_strict_policy_and_without_the_token():
    async def ask(client):
        for path in ("/", "/assets/app.js", "/assets/theme.css"):
            async with client.session.get(f"{client.base}{path}") as answer:
                text = await answer.text()
                assert answer.status == 200
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert "require-trusted-types-for 'script'" in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert client.page.token not in text
        for path in ("/assets/../server.py", "/assets/%2e%2e/server.py", "/assets/nothing.js", "/api/nothing", "/etc/passwd"):
            async with client.session.get(f"{client.base}{path}", headers=client.headers) as answer:
                assert answer.status == 404
                assert "Traceback" not in await answer.text()

    on_page(ask)


def test_the_port_is_of_127_0_0_1_and_the_address_has_the_token():
    async def ask(client):
        assert client.page.url == f"http://127.0.0.1:{client.page.port}/#token={client.page.token}"
        assert len(client.page.token) >= 32

    on_page(ask)


# What it answers


def test_content_has_the_picture_contracts_samples_and_what_can_be_sent_to():
    async def ask(client):
        content = await client.get("content")
        assert content["title"] == "Shop"
        assert {box["id"] for box in content["picture"]["boxes"]} >= {ORDERS.arn, RULE.arn, EVENTS.arn, TO_BILLING.arn}
        assert [each["name"] for each in content["samples"]] == ["mine.json", "OrderSubmitted"]
        assert content["samples"][1]["event"]["detail"]["region"] == "eu"
        assert content["receivers"][0] == {"arn": ORDERS.arn, "name": "Orders", "kind": "bus"}
        assert content["contracts"][0]["fields"][0]["path"] == "detail.total"

    on_page(ask, saved=[("mine.json", w.event())])


def test_what_is_sent_moves_along_the_lines_of_the_picture():
    async def ask(client):
        sent = await client.post("send", on="Orders", event=w.event(5, region="eu"))
        await client.run.settle()
        told = (await messages(client, 1))[0]
        edges = {(source, target): count for source, target, count in told["edges"]}
        arrows = {(arrow["source"], arrow["target"]) for arrow in (await client.get("content"))["picture"]["arrows"]}
        way = [ORDERS.arn, RULE.arn, EVENTS.arn, TO_BILLING.arn, BILLED.arn, BILLING.arn]
        for hop in pairwise(way):
            assert edges[hop] == 1
            assert hop in arrows
        assert told["nodes"][BILLING.arn] == {"came": 0, "tried": 1, "failed": 0, "open": 0, "ended": {}}
        assert told["outcomes"] == {"processed": 1}
        listed = await client.get("events")
        assert (listed["total"], listed["events"][0]["id"], listed["events"][0]["state"]) == (1, sent["id"], "processed")

    on_page(ask)


def test_what_cannot_be_sent_is_refused_with_the_reason():
    async def ask(client):
        for asked, code in (
            ({"on": "Nobody", "event": {}}, "EF-NAME-UNKNOWN"),
            ({"on": "Orders", "event": {"detail": {}}}, "EF-EVENT"),
            ({"on": "Orders", "event": "text"}, "EF-EVENT"),
            ({"on": "Orders"}, "EF-EVENT"),
            ({"on": 5, "event": {}}, "EF-EVENT"),
        ):
            refused = await client.post("send", 400, **asked)
            assert refused["code"].startswith(code)
        assert client.run.trace.roots == []

    on_page(ask)


def test_a_dry_run_sends_nothing_and_says_where_it_would_go():
    async def ask(client):
        found = await client.post("dry", on="Packing", event={"total": 1})
        assert found["ends"] == ["Pack"]
        assert client.run.trace.roots == []

    on_page(ask)


def test_a_waterfall_has_tries_waits_logs_and_metrics():
    metric = json.dumps(
        {"_aws": {"CloudWatchMetrics": [{"Namespace": "Shop", "Metrics": [{"Name": "Billed", "Unit": "Count"}]}]}, "Billed": 3}
    )

    async def ask(client):
        client.run.made[0].log = lambda name, request: (f"START {request}", '{"level": "ERROR", "message": "no"}', metric)
        await client.post("send", on="Orders", event=w.event(5, region="apac"))
        await client.run.settle()
        event = await client.get("events/1")
        queue = next(row for row in event["rows"] if row["node"] == BILLED.arn)
        assert queue["state"] == "dead-lettered"
        assert [each["failed"] for each in queue["attempts"]] == [True, True]
        assert queue["attempts"][0]["error"] == "ValueError: total is negative"
        assert queue["attempts"][0]["metrics"] == [{"namespace": "Shop", "name": "Billed", "unit": "Count", "value": "3"}]
        assert [line["level"] for line in queue["attempts"][1]["log"]] == ["", "ERROR", ""]
        assert [round(wait["seconds"]) for wait in queue["waits"]] == [30, 30]
        assert "visibility timeout" in queue["waits"][0]["for"]
        assert event["axis"]["seconds"] > 59
        why = await client.get("events/1/why")
        assert why["on"] == "Orders"

    on_page(ask, handlers={"Bill": refuse})


def test_an_event_that_is_not_there_is_refused():
    async def ask(client):
        for id in ("1", "x", "9" * 40, "-1"):
            assert (await client.get(f"events/{id}", 400))["code"] == "EF-EVENT"

    on_page(ask)


def test_events_are_found_by_field_state_and_place_newest_first():
    async def ask(client):
        for total in range(12):
            await client.post("send", on="Orders", event=w.event(total, region="apac"))
        await client.run.settle()
        assert [each["id"] for each in (await client.get("events", limit=3))["events"]] == sorted(
            (root.id for root in client.run.trace.roots), reverse=True
        )[:3]
        assert (await client.get("events", q="detail.total>9"))["total"] == 2
        assert (await client.get("events", state="unmatched"))["total"] == 1
        assert (await client.get("events", node=BILLING.arn))["total"] == 11
        assert (await client.get("events", 400, q="{"))["code"] == "EF-SEARCH"

    on_page(ask)


def test_a_dead_letter_is_read_edited_and_redriven_after_a_dry_run(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def bill(event):
        if json.loads(event["Records"][0]["body"])["detail"]["total"] == 13:
            raise ValueError("unlucky")

    async def ask(client):
        await client.post("send", on="Orders", event=w.event(13, region="apac"))
        await client.run.settle()
        assert (await client.get("queues"))[0]["count"] == 1
        [letter] = (await client.get("letters", queue=DEAD.arn))["letters"]
        assert (letter["error"], letter["tries"], letter["event"]) == ("ValueError: unlucky", 2, 1)
        edited = letter["body"].replace("13", "14")
        plan = {"queue": DEAD.arn, "ids": [letter["id"]], "body": edited}
        dry = await client.post("redrive", **plan)
        assert (dry["dry_run"], dry["moved"][0]["count"], dry["first"]) == (True, 1, edited)
        assert len(client.run.trace.roots) == 1
        done = await client.post("redrive", dry=False, **plan)
        assert done["moved"][0]["to"] == "Billing"
        await client.run.settle()
        [again] = done["events"]
        assert (await client.get(f"events/{again}"))["state"] == "processed"
        assert (await client.get("queues"))[0]["count"] == 0

    on_page(ask, handlers={"Bill": bill})


@pytest.mark.parametrize(
    "asked",
    [
        {"ids": []},
        {"ids": "x"},
        {"ids": ["a", "b"], "body": "{}"},
        {"body": "{}"},
        {"pattern": "{"},
        {"pattern": '{"a": 1}'},
        {"error": 5},
    ],
)
def test_a_redrive_that_is_not_clear_is_refused(asked):
    async def ask(client):
        assert (await client.post("redrive", 400, queue=DEAD.arn, dry=False, **asked))["code"] == "EF-REDRIVE"

    on_page(ask)


def test_a_difference_is_that_of_flow(tmp_path):
    async def ask(client):
        found = await client.post("diff", path="cdk.out")
        assert found == json.loads(json.dumps(difference(FLOW, other)))
        assert found["hops"]
        assert (await client.post("diff", 400))["code"] == "EF-EVENT"

    from cdk_event_flow.flow import Flow

    other = Flow({node.arn: node for node in FLOW.nodes.values() if node is not RULE})
    on_page(ask, read=lambda path: other)


def test_environments_are_told_with_what_they_did():
    async def ask(client):
        await client.post("send", on="Orders", event=w.event(5, region="eu"))
        await client.run.settle()
        [environment] = (await client.get("environments"))["environments"]
        assert (environment["invocations"], environment["state"]) == (2, "gone")

    on_page(ask)


# The stream


async def messages(client, count, last_id=""):
    """The first messages of a stream, with their ids."""
    headers = {"Last-Event-ID": last_id} if last_id else {}
    found, id = [], ""
    async with client.session.get(f"{client.base}/api/stream?token={client.page.token}", headers=headers) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        async for line in answer.content:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                id = value
            elif name == "data":
                found.append({**json.loads(value), "id": id})
                if len(found) == count:
                    return found
    return None


def test_a_stream_begins_with_all_and_goes_on_with_what_changed():
    async def ask(client):
        await client.post("send", on="Orders", event=w.event(1, region="eu"))
        await client.run.settle()
        [first] = await messages(client, 1)
        assert first["fresh"]
        assert first["total"] == 1
        assert first["events"] == []
        await client.post("send", on="Packing", event={"total": 2})
        await client.run.settle()
        [again] = await messages(client, 1, first["id"])
        assert not again["fresh"]
        assert [each["id"] for each in again["events"]] == [max(client.run.trace.roots, key=lambda root: root.id).id]
        assert PACKED.arn in again["nodes"]
        assert ORDERS.arn not in again["nodes"]
        assert again["nodes"][PACKED.arn]["came"] == 2

    on_page(ask)


def test_the_id_of_another_run_begins_anew():
    async def ask(client):
        await client.post("send", on="Orders", event=w.event(1))
        for id in ("0123456789ab-1", "x", "-5", f"{client.page._live.id}-x"):
            [first] = await messages(client, 1, id)
            assert first["fresh"]
            assert first["total"] == 1

    on_page(ask)


def test_of_many_changes_the_newest_are_told_one_by_one_and_of_the_others_how_many():
    async def ask(client):
        [first] = await messages(client, 1)
        for _ in range(MOST_TOLD + 40):
            await client.run.send("Packing", "{}")
        [told] = await messages(client, 1, first["id"])
        assert (len(told["events"]), told["more"]) == (MOST_TOLD, 40)
        assert told["total"] == MOST_TOLD + 40

    on_page(ask)


def test_streams_end_with_the_page():
    async def ask(client):
        stream = asyncio.create_task(messages(client, 1_000))
        await asyncio.sleep(0.2)
        await asyncio.wait_for(client.page.close(), 5)
        assert await asyncio.wait_for(stream, 5) is None

    on_page(ask)
