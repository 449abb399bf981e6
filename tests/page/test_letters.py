"""Many dead letters at once: those that match, all of them, and elsewhere."""

import json

from tests.local import world as w
from tests.page.world import DEAD, on_page


def refuse(event):
    raise ValueError("not today")


async def three_dead(client):
    for total in (1, 2, 3):
        await client.post("send", on="Orders", event=w.event(total, region="apac"))
    await client.run.settle()
    assert (await client.get("queues"))[0]["count"] == 3


def test_those_that_match_a_pattern_go_and_the_others_stay(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    async def ask(client):
        await three_dead(client)
        pattern = json.dumps({"detail": {"total": [{"numeric": [">", 1]}]}})
        dry = await client.post("redrive", queue=DEAD.arn, pattern=pattern)
        assert (dry["moved"][0]["count"], dry["not_selected"]) == (2, 1)
        done = await client.post("redrive", queue=DEAD.arn, pattern=pattern, to="Packing", dry=False)
        assert done["moved"] == [{**done["moved"][0], "to": "Packing", "count": 2}]
        await client.run.settle()
        assert [(await client.get(f"events/{id}"))["state"] for id in done["events"]] == ["processed", "processed"]
        assert (await client.get("queues"))[0]["count"] == 1

    on_page(ask, handlers={"Bill": refuse})


def test_a_whole_queue_is_moved_by_sqs_itself(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    works = []

    def bill(event):
        if not works:
            raise ValueError("not today")

    async def ask(client):
        await three_dead(client)
        works.append(True)
        done = await client.post("redrive", queue=DEAD.arn, dry=False)
        assert (done["by"], done["count"]) == ("SQS", 3)
        await client.run.settle()
        assert (await client.get("queues"))[0]["count"] == 0
        assert [each["state"] for each in (await client.get("events"))["events"]][-3:] == ["processed"] * 3

    on_page(ask, handlers={"Bill": bill})


def test_letters_that_fit_no_error_stay(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    async def ask(client):
        await three_dead(client)
        done = await client.post("redrive", queue=DEAD.arn, error="another reason", dry=False)
        assert (done["moved"], done["not_selected"]) == ([], 3)

    on_page(ask, handlers={"Bill": refuse})


def test_a_queue_that_keeps_no_dead_letters_is_refused():
    async def ask(client):
        for name in ("Packing", "Nobody", ""):
            assert (await client.get("letters", 400, queue=name))["code"].startswith("EF-NAME")
            assert (await client.post("redrive", 400, queue=name))["code"].startswith("EF-NAME")

    on_page(ask)
