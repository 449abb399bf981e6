"""The page as one file: it fetches nothing, runs what its policy names, and holds hostile names as text."""

import base64
import hashlib
import json
import re

from click.testing import CliRunner

from cdk_event_flow.cli.group import event_flow
from cdk_event_flow.page.view import view
from tests.render.templates import Template

HOSTILE = '</script><img src=x onerror=alert(1)> <!-- <script> \u2028 "'
EVENT = {"source": "shop.orders", "detail-type": "OrderSubmitted", "detail": {"total": 5, "region": "apac"}}


def data(text):
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_it_holds_the_picture_the_findings_and_verdicts_of_sample_events(flow):
    found = data(view(flow, [("mine.json", EVENT)], title="Shop"))
    mine = found["samples"][0]
    assert (mine["name"], mine["verdict"]["ends"]) == ("mine.json", ["Billing"])
    assert {each["name"] for each in found["samples"]} >= {"OrderSubmitted", "PackingFailed"}
    assert found["picture"]["boxes"]
    assert found["withDeadLetters"]["boxes"]


def test_it_fetches_nothing_and_runs_only_what_its_policy_names(flow):
    text = view(flow, [], title="Shop")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert "default-src 'none'" in policy
    script = re.search(r'<script type="module">(.*?)</script>', text, re.DOTALL)[1]
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    for part in (script, style):
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert not re.search(r'(?:src|href)="(?!data:|#)', re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL))


def test_hostile_names_cannot_end_their_element():
    template = Template()
    template.bus("Orders")
    template.rule("R", "Orders", {"source": [HOSTILE]}, template.queue("Q", HOSTILE))
    text = view(template.flow(), [(HOSTILE, {"source": HOSTILE, "detail-type": HOSTILE, "detail": {}})], title=HOSTILE)
    assert text.count("</script") == 2
    assert "<img" not in text
    assert data(text)["samples"][0]["event"]["source"] == HOSTILE


def test_a_sample_that_cannot_be_sent_says_why(flow):
    [sample, *_] = data(view(flow, [("odd.json", [1])], title="Shop"))["samples"]
    assert "EF-EVENT" in sample["refused"]


def run(*arguments):
    return CliRunner().invoke(event_flow, ["view", *map(str, arguments)], catch_exceptions=False, standalone_mode=False)


def test_the_command_writes_the_file_and_what_changed(flow, assembly, tmp_path):
    old = tmp_path / "old.json"
    old.write_text(json.dumps({"Resources": {}}))
    assert run(assembly, "-o", tmp_path / "out" / "flow.html", "--against", old).exit_code == 0
    found = data((tmp_path / "out" / "flow.html").read_text("utf-8"))
    assert found["title"] == "OrderPacking"
    assert {hop["kind"] for hop in found["difference"]["hops"]} == {"added"}
    assert found["samples"][0]["name"] == "1-billed-only.json"
