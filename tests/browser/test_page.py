"""The page, driven as a person drives it, against a real run of the reference app with its real handlers."""

import json
import re
import shutil
import time
from pathlib import Path

import pytest

from tests.browser.conftest import AXE, ROOT, Run, opened

EVENTS = ROOT / "events"
VIEWS = ("flow", "events", "send", "letters", "environments", "findings", "diff")


def open_view(page, name):
    page.get_by_role("navigation").get_by_role("link", name=re.compile(f"^{name}")).click()


def send_sample(page, name):
    """Send a sample from the editor; the number of the event that it became."""
    open_view(page, "Send")
    page.get_by_label("Sample").select_option(label=name)
    page.get_by_role("button", name="Send", exact=True).click()
    link = page.get_by_role("status").get_by_role("link")
    return link.inner_text().removeprefix("event ")


def test_an_order_is_sent_seen_to_move_and_explained_where_it_did_not_go(page):
    number = send_sample(page, "1-billed-only.json")
    miss = page.get_by_role("region", name="Why not Packing")
    row = miss.get_by_role("row", name=re.compile("detail.region"))
    row.wait_for()
    assert row.get_by_role("cell").all_inner_texts()[1:] == ['"apac"', '"eu" or "us"']
    assert "rejected" in row.inner_text()

    page.get_by_role("link", name=f"event {number}").click()
    page.locator(".detail-pane .state.processed").first.wait_for()
    waterfall = page.get_by_label("What became of it")
    assert "OrderEvents/Billing" in waterfall.inner_text()
    attempt = waterfall.get_by_role("button", name=re.compile("try 1 by Billing"))
    attempt.click()
    log = page.get_by_role("region", name="Log lines")
    assert "platform.report" in log.inner_text()
    assert "function_request_id" not in log.inner_text()
    log.get_by_role("button", name="as written").nth(1).click()
    assert "function_request_id" in log.inner_text()
    assert "## handler" in page.locator(".subsegments").inner_text()
    assert "OrdersBilled" in page.locator(".try-detail").inner_text()
    assert "Packing" in page.get_by_role("region", name="Why not Packing").inner_text()

    open_view(page, "Flow")
    billing = page.get_by_role("button", name=re.compile(r"^function Billing, .*[1-9]\d* tries"))
    billing.wait_for()
    counted = page.locator(".arrow .count").all_text_contents()
    assert counted
    assert all(int(each.replace(",", "")) > 0 for each in counted)


def test_a_poisoned_order_is_retried_dead_lettered_mended_redriven_and_processed(page, run):
    number = send_sample(page, "8-poison.json")
    page.get_by_role("link", name=f"event {number}").click()
    page.locator(".detail-pane header .state.dead-lettered").wait_for()
    tries = page.get_by_role("button", name=re.compile(r"failed try \d by Billing"))
    assert tries.count() == 5
    tries.last.click()
    assert "currency" in page.get_by_role("region", name="The error").inner_text()
    assert page.locator(".wait").count() == 5

    open_view(page, "Dead letters")
    box = page.get_by_label("The message")
    box.wait_for()
    letter = json.loads(box.input_value())
    letter["detail"]["currency"] = "EUR"
    box.fill(json.dumps(letter, indent=2))
    page.get_by_role("button", name="Redrive as edited").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("would go to OrderEvents/Billing").wait_for()
    assert run.ask("queues")
    assert '"currency": "EUR"' in dialog.get_by_role("region").inner_text()
    dialog.get_by_role("button", name="Redrive 1").click()
    dialog.get_by_role("link", name=re.compile("event")).click()
    page.locator(".detail-pane header .state.processed").wait_for()
    assert page.get_by_role("button", name=re.compile("ok try 1 by Billing")).count() == 1
    open_view(page, "Dead letters")
    page.get_by_text("There are no dead letters here.").wait_for()


def test_an_order_that_a_broken_handler_failed_is_edited_and_redriven_when_the_handler_is_mended(context, assembly, tmp_path):
    app = tmp_path / "app"
    for folder in ("lambda_src", "events"):
        shutil.copytree(ROOT / folder, app / folder, ignore=shutil.ignore_patterns("__pycache__"))
    handler = app / "lambda_src" / "billing" / "handler.py"
    sound = handler.read_text("utf-8")
    run = Run(assembly, tmp_path, app)
    try:
        page = opened(context, run)
        handler.write_text(sound.replace("    charged = charge(order)", "    raise RuntimeError('the bank is closed')"), "utf-8")
        run.says("Billing has new code")
        number = send_sample(page, "1-billed-only.json")
        page.get_by_role("link", name=f"event {number}").click()
        page.locator(".detail-pane header .state.dead-lettered").wait_for()
        tries = page.get_by_role("button", name=re.compile(r"failed try \d by Billing"))
        assert tries.count() == 5
        tries.last.click()
        assert "the bank is closed" in page.get_by_role("region", name="The error").inner_text()

        said = len(run.said.read_text())
        handler.write_text(sound, "utf-8")
        run.says("Billing has new code", after=said)
        open_view(page, "Dead letters")
        box = page.get_by_label("The message")
        box.wait_for()
        letter = json.loads(box.input_value())
        letter["detail"]["total"] = 6
        box.fill(json.dumps(letter))
        page.get_by_role("button", name="Redrive as edited").click()
        page.get_by_role("dialog").get_by_role("button", name="Redrive 1").click()
        page.get_by_role("dialog").get_by_role("link", name=re.compile("event")).click()
        page.locator(".detail-pane header .state.processed").wait_for()
        assert page.get_by_role("button", name=re.compile("ok try 1 by Billing")).count() == 1
        assert page.wrong == []
    finally:
        run.end()


def test_the_editor_says_what_is_wrong_with_an_event(page):
    open_view(page, "Send")
    event = json.loads((EVENTS / "1-billed-only.json").read_text())
    event["detail"]["region"] = "mars"
    event["detail"]["curency"] = "EUR"
    box = page.get_by_label("The event", exact=True)
    box.fill(json.dumps(event))
    page.get_by_text('detail.region is "mars"').wait_for()
    page.get_by_text("detail.curency is not declared; did you mean currency?").wait_for()
    box.fill("{")
    page.get_by_text("It is no JSON yet").wait_for()
    assert page.get_by_role("button", name="Send", exact=True).is_disabled()


def test_what_comes_from_an_event_is_text(page, run):
    hostile = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
    sent = run.ask("send", {"on": "Orders", "event": {"source": hostile, "detail-type": hostile, "detail": {hostile: hostile}}})
    open_view(page, "Events")
    page.get_by_role("option", name=re.compile("onerror")).first.click()
    page.get_by_role("heading", name=re.compile("onerror")).wait_for()
    assert page.locator("img").count() == 0
    assert str(sent["id"]) in page.url


def test_events_are_found_by_field(page, run):
    for total in (70_001, 70_002):
        run.ask("send", {"on": "Orders", "event": {"source": "test", "detail-type": "Found", "detail": {"total": total}}})
    open_view(page, "Events")
    search = page.get_by_label("Search events")
    search.fill("detail.total>70001")
    search.press("Enter")
    page.get_by_text("1 event", exact=True).wait_for()
    search.fill('{"nope": 1}')
    search.press("Enter")
    page.get_by_role("alert").filter(has_text="EF-SEARCH").wait_for()


def test_it_goes_on_where_the_connection_was_lost(page, run):
    before = run.ask("events")["total"]
    page.context.set_offline(True)
    page.evaluate("performance.now()")
    for _ in range(3):
        run.ask("send", {"on": "Orders", "event": {"source": "test", "detail-type": "Missed", "detail": {}}})
    page.context.set_offline(False)
    open_view(page, "Events")
    page.get_by_text(f"{before + 3:,} events", exact=True).wait_for()
    page.get_by_text("live,").wait_for()


def test_without_its_token_the_page_shows_nothing(context, run):
    page = context.new_page()
    page.goto(run.base)
    page.get_by_role("alert").filter(has_text="the address that event-flow run printed").wait_for()
    assert page.locator("svg.picture").count() == 0


def test_it_is_used_by_keyboard_alone(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    open_view(page, "Flow")
    page.locator("svg [data-id]").first.focus()
    first = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") != first
    page.keyboard.press("Enter")
    page.get_by_role("complementary").wait_for()
    open_view(page, "Events")
    page.get_by_role("listbox").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("article").wait_for()


def serious(page):
    """What axe-core finds that is serious or critical, in few words."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: `make browser` installs it")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        (each["id"], [node["target"] for node in each["nodes"]][:3])
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_serious_is_found_and_nothing_is_wider_than_the_screen(chromium, run, scheme, width):
    poison = json.loads((EVENTS / "8-poison.json").read_text())
    number = run.ask("send", {"on": "Orders", "event": poison})["id"]
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True
    )
    page = context.new_page()
    page.goto(run.url)
    page.get_by_text("live,").wait_for()
    for view in (*VIEWS, f"events/{number}"):
        page.evaluate(f"location.hash = '#/{view}'")
        page.locator("main section").first.wait_for()
        page.wait_for_timeout(700)
        for button in page.locator(".try-line").all()[:1]:
            button.click()
        assert serious(page) == [], view
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view
        assert page.evaluate("document.querySelector('main').scrollWidth") <= width, view
    context.close()


def test_ten_thousand_events_do_not_slow_it(page, run):
    total = run.ask("events")["total"]
    import boto3

    endpoint = run.ask("content")["endpoint"]
    client = boto3.client("events", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    open_view(page, "Events")
    for start in range(0, 10_000, 10):
        entries = [
            {"Source": "bulk", "DetailType": "Bulk", "Detail": json.dumps({"n": n}), "EventBusName": "OrderPackingOrdersBus614C8490"}
            for n in range(start, start + 10)
        ]
        assert client.put_events(Entries=entries)["FailedEntryCount"] == 0
    page.get_by_text(f"{total + 10_000:,} events").first.wait_for(timeout=60_000)
    assert page.locator(".row").count() < 60
    began = time.monotonic()
    page.get_by_role("listbox").focus()
    page.keyboard.press("End")
    page.get_by_role("option").and_(page.locator(f"[aria-posinset='{total + 10_000}']")).get_by_text(
        re.compile(r"\d\d:\d\d")
    ).wait_for()
    assert page.locator(".row").count() < 60
    search = page.get_by_label("Search events")
    search.fill("detail.n=9999")
    search.press("Enter")
    page.get_by_text("1 event", exact=True).wait_for()
    took = time.monotonic() - began
    assert took < 10, f"{took:.1f} s"


def test_the_file_that_stands_by_itself_shows_the_same(context, flow, tmp_path):
    from cdk_event_flow.flow.event_files import events_of
    from cdk_event_flow.page.view import view

    file = Path(tmp_path / "flow.html")
    file.write_text(view(flow, events_of(EVENTS), title="OrderPacking"), "utf-8")
    wrong = []
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(file.as_uri())
    page.get_by_role("button", name=re.compile("^function Packing")).wait_for()
    open_view(page, "Samples")
    page.get_by_role("button", name=re.compile("1-billed-only")).click()
    assert "rejected" in page.get_by_role("region", name="Why not Packing").inner_text()
    assert wrong == []


def test_no_word_leaves_its_box_as_chromium_draws_it(context, tmp_path):
    from cdk_event_flow.page.view import view
    from tests.render.templates import shop

    file = Path(tmp_path / "large.html")
    file.write_text(view(shop(22), [], title="Large"), "utf-8")
    page = context.new_page()
    page.goto(file.as_uri())
    page.locator("svg.picture").wait_for()
    outside = page.evaluate(
        """() => [...document.querySelectorAll(".node")].flatMap((node) => {
            const box = node.querySelector(".box").getBBox();
            return [...node.querySelectorAll("text")].filter((text) => {
                if (text.closest(".pill")) return false;
                const own = text.getBBox();
                const aside = own.x < box.x || own.x + own.width > box.x + box.width;
                return aside || own.y < box.y || own.y + own.height > box.y + box.height;
            }).map((text) => text.textContent);
        })"""
    )
    assert page.locator(".node").count() > 150
    assert outside == []
