"""Tables of who gets what: one test a row, a failure that says why, and one error for a wrong table."""

import json

import pytest
import yaml

from cdk_event_flow.errors import TableError
from cdk_event_flow.flow import Flow
from cdk_event_flow.testing.rows import rows_in
from cdk_event_flow.testing.table import table

ORDERS = """
from typing import Literal
from pydantic import BaseModel, Field

class Order(BaseModel):
    total: int = Field(examples=[42], ge=0)

class OrderSubmitted(BaseModel):
    source: Literal["shop.orders"]
    detail_type: Literal["OrderSubmitted"] = Field(alias="detail-type")
    detail: Order
"""
CONFTEST = """
import json, pathlib, pytest
from cdk_event_flow.flow import Flow

@pytest.fixture
def flow():
    return Flow.from_template(pathlib.Path(__file__).parent / "template.json")
"""


def by_total(target, above):
    """A rule from the bus to the target, for totals above so much."""
    pattern = {"detail": {"total": [{"numeric": [">", above]}]}}
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {"EventBusName": {"Ref": "Orders"}, "EventPattern": pattern, "Targets": [{"Id": "T", "Arn": target}]},
    }


def policy(resource, kind, service):
    """A policy that lets the service in."""
    action = {"Queue": "sqs:SendMessage", "Topic": "sns:Publish"}[kind]
    arn = {"Fn::GetAtt": [resource, "Arn"]} if kind == "Queue" else {"Ref": resource}
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": arn}
    document = {"PolicyDocument": {"Statement": [statement]}, f"{kind}s": [{"Ref": resource}]}
    return {"Type": f"AWS::{'SQS' if kind == 'Queue' else 'SNS'}::{kind}Policy", "Properties": document}


TEMPLATE = {
    "Resources": {
        "Orders": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}},
        "Large": {"Type": "AWS::SQS::Queue"},
        "LargePolicy": policy("Large", "Queue", "events.amazonaws.com"),
        "Huge": {"Type": "AWS::SNS::Topic"},
        "HugePolicy": policy("Huge", "Topic", "events.amazonaws.com"),
        "Mail": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {"TopicArn": {"Ref": "Huge"}, "Protocol": "email", "Endpoint": "boss@example.com"},
        },
        "Archive": {"Type": "AWS::Events::Archive", "Properties": {"SourceArn": {"Fn::GetAtt": ["Orders", "Arn"]}}},
        "ToLarge": by_total({"Fn::GetAtt": ["Large", "Arn"]}, 100),
        "ToHuge": by_total({"Ref": "Huge"}, 1000),
    }
}
TABLE = """
- name: small orders go nowhere
  send_to: Orders
  sample: orders:OrderSubmitted
  with: {total: 100}
  reaches_only: []

- name: large orders are kept, and the boss is left in peace
  send_to: Orders
  file: events/large.json
  reaches_only: [Large]
  reaches_not: [Huge, boss@example.com]

- name: huge ones are kept, and told
  send_to: Orders
  event: {source: shop, detail-type: x, detail: {total: 1001}}
  reaches_only: [Large, boss@example.com]

- name: whoever else gets it
  send_to: Orders
  event: {source: shop, detail: {total: 1001}}
  reaches: [Large, Huge]
"""


@pytest.fixture
def project(pytester):
    """A project whose app is the template above."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(orders=ORDERS, test_routes=one_line("routes.yaml"))
    pytester.path.joinpath("template.json").write_text(json.dumps(TEMPLATE))
    pytester.mkdir("events").joinpath("large.json").write_text('{"source": "shop", "detail": {"total": 101}}')
    pytester.makeini("[pytest]\npythonpath = .")
    return pytester


def one_line(argument):
    """What people write beside the table."""
    return f"from cdk_event_flow.testing import who_gets_what\n\ntest_who_gets_what = who_gets_what({argument!r})\n"


def write(project, text):
    """The table, written into its file."""
    project.path.joinpath("routes.yaml").write_text(text)
    return project


def run(project, *arguments):
    """pytest on the project."""
    return project.runpytest_inprocess("-p", "no:cacheprovider", *arguments)


def test_each_row_is_a_test_with_its_name(project):
    result = run(write(project, TABLE), "-v")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["test_routes.py::test_who_gets_what[[]small orders go nowhere[]] PASSED*"])


def test_a_table_in_python_is_the_same(project):
    rows = yaml.safe_load(TABLE)
    project.makepyfile(test_routes=one_line(rows))
    run(project).assert_outcomes(passed=4)
    rows[0]["sample"] = "MODEL"
    text = "from orders import OrderSubmitted\n" + one_line(rows).replace("'MODEL'", "OrderSubmitted")
    project.makepyfile(test_routes=text)
    run(project).assert_outcomes(passed=4)


def test_a_failing_row_says_why_not_of_each_missing_and_the_route_of_each_too_many(project):
    row = "- {name: wrong, send_to: Orders, event: {source: s, detail: {total: 500}}, reaches_only: [Huge], reaches_not: [Large]}"
    result = run(write(project, f"{TABLE}\n{row}"))
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(
        [
            "routes.yaml:24 (wrong): sent to Orders,",
            "  Huge does not get it:",
            "    detail.total is 500, the rule ToHuge wants a number greater than 1000",
            "  Large gets it too: reached by Orders → Large",
            "  all that becomes of it:",
            "    Orders",
            "    └─ Large",
        ],
        consecutive=True,
    )
    result.stdout.no_fnmatch_line("*who_gets_what.py:*")


def test_who_gets_it_and_is_not_among_the_only_ones_is_too_many(project):
    row = "- {name: wrong, send_to: Orders, event: {detail: {total: 5000}}, reaches_only: [Large]}"
    result = run(write(project, row))
    result.stdout.fnmatch_lines(["  boss@example.com gets it too: reached by Orders → Huge → boss@example.com"])


def test_a_name_that_the_app_does_not_have_fails_its_row_with_file_and_line(project):
    rows = "\n- {name: %s, send_to: %s, event: {detail: {total: 1}}, reaches_not: [%s]}"
    result = run(write(project, TABLE + rows % ("to", "Ordrs", "Large") + rows % ("of", "Orders", "Larg")))
    result.assert_outcomes(passed=4, failed=2)
    unknown = "EF-NAME-UNKNOWN at routes.yaml:{} ({}): nothing in the template is named '{}', there is *; did you mean {}?"
    result.stdout.fnmatch_lines([unknown.format(24, "to", "Ordrs", "Orders")])
    result.stdout.fnmatch_lines([unknown.format(25, "of", "Larg", "Large")])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_an_event_that_the_node_cannot_take_fails_its_row(project):
    result = run(write(project, "- {name: text, send_to: Orders, event: hello, reaches_only: []}"))
    result.stdout.fnmatch_lines(["EF-EVENT at routes.yaml:1 (text): hello was sent to a bus, *"])


def test_a_wrong_table_is_one_error_at_collection(project):
    result = run(write(project, TABLE + "\n- {name: small orders go nowhere, send_to: Orders, event: {}, reaches: [Large]}"))
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["EF-TABLE at routes.yaml:24: 'small orders go nowhere' is the name of routes.yaml:2 too, *"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*who_gets_what.py:*")


WRONG = [
    ("", "t.yaml: it has no rows"),
    ("[]", "t.yaml: it has no rows"),
    ("name: x", "t.yaml:1: it is not a list"),
    ("- a: [\n", "t.yaml:2: it is not YAML: "),
    ("- a: !thing x", "t.yaml:1: it is not YAML: could not determine a constructor"),
    ("- {name: a,\n   name: b}", "t.yaml:2: it is not YAML: the key name stands twice"),
    ("- just text", "t.yaml:1: the row is 'just text', a row has the keys name, send_to"),
    ("- {name: a, send_to: O, event: {}, reachs: [B]}", "t.yaml:1: there is no key 'reachs', .* did you mean reaches"),
    ("- {name: 5, send_to: O, event: {}, reaches: [B]}", "t.yaml:1: name is 5, it is a text"),
    ("- {name: a, event: {}, reaches: [B]}", "t.yaml:1: send_to is missing"),
    ("- {name: a, send_to: O, reaches: [B]}", "t.yaml:1: the row has no event, it has exactly one of event, file, sample"),
    ("- {name: a, send_to: O, event: {}, file: x, reaches: [B]}", "t.yaml:1: the row has event and file"),
    ("- {name: a, send_to: O, event: {}, with: {b: 1}, reaches: [B]}", "t.yaml:1: with is .* fields of a sample"),
    ("- {name: a, send_to: O, event: {}}", "t.yaml:1: the row says nobody"),
    ("- {name: a, send_to: O, event: {}, reaches: []}", "t.yaml:1: the row says nobody"),
    ("- {name: a, send_to: O, event: {}, reaches: B}", "t.yaml:1: reaches is 'B', it is a list of names"),
    ("- {name: a, send_to: O, event: {}, reaches: [B], reaches_only: [B]}", "reaches_only is all who get it"),
    ("- {name: a, send_to: O, event: {}, reaches: [B], reaches_not: [B]}", "B must get it and must not"),
    ("- {name: a, send_to: O, file: none.json, reaches: [B]}", "t.yaml:1: none.json: it cannot be read: No such file"),
    ("- {name: a, send_to: O, file: 5, reaches: [B]}", "t.yaml:1: file is 5"),
    ("- {name: a, send_to: O, file: two.json, reaches: [B]}", "t.yaml:1: two.json holds 2 events"),
    ("- {name: a, send_to: O, file: broken.json, reaches: [B]}", "t.yaml:1: broken.json: it is not JSON"),
    ("- {name: a, send_to: O, sample: Order, reaches: [B]}", "t.yaml:1: sample is 'Order', a sample is of a pydantic model"),
    ("- {name: a, send_to: O, sample: 'none.of:It', reaches: [B]}", "t.yaml:1: sample 'none.of:It' cannot be imported"),
    ("- {name: a, send_to: O, sample: 'json:dumps', reaches: [B]}", "t.yaml:1: sample is <function dumps"),
    ("- {name: a, send_to: O, sample: 'lambda_src.shared.events:OrderSubmitted', with: {totl: 1}, reaches: [B]}",
     "t.yaml:1: there is no field 'totl'"),
    ("- {name: a, send_to: O, sample: 'lambda_src.shared.events:OrderSubmitted', with: {total: -1}, reaches: [B]}",
     "t.yaml:1: the event cannot be made: 1 validation error"),
    ("- &a {name: a, send_to: O, event: *a, reaches: [B]}", "t.yaml:1: the event cannot be made"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_with_a_table_is_said_with_file_and_line(tmp_path, text, said):
    (tmp_path / "t.yaml").write_text(text)
    (tmp_path / "two.json").write_text("[{}, {}]")
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(TableError, match=f"^EF-[A-Z]+ at .*{said}"):
        table("t.yaml", folder=tmp_path, written="test_t.py:1")


def test_a_file_that_is_not_there_or_no_text_is_said(tmp_path):
    with pytest.raises(TableError, match="^EF-TABLE at none.yaml: it cannot be read: No such file"):
        table("none.yaml", folder=tmp_path, written="test_t.py:1")
    (tmp_path / "t.yaml").write_bytes(b"- \xff")
    with pytest.raises(TableError, match="^EF-TABLE at t.yaml: it is not UTF-8"):
        table("t.yaml", folder=tmp_path, written="test_t.py:1")


def test_a_wrong_row_in_python_has_the_line_of_the_call_and_its_number(tmp_path):
    row = {"name": "a", "send_to": "O", "event": {}, "reaches": ["B"]}
    with pytest.raises(TableError, match=r"^EF-TABLE at test_t.py:7, row 2: the event cannot be made: .* not JSON serializable"):
        table([row, {**row, "event": {1, 2}}], folder=tmp_path, written="test_t.py:7")


def test_values_are_read_as_json_has_them(tmp_path):
    (tmp_path / "t.yaml").write_text("- [no, on, 12:30, 0815, 1_000, 2026-01-01, 1e3, -5, 0.5, true, null, ~, '5']")
    [(line, values)] = rows_in(tmp_path / "t.yaml", "t.yaml")
    texts = ["no", "on", "12:30", "0815", "1_000", "2026-01-01"]
    assert (line, values) == (1, [*texts, 1000.0, -5, 0.5, True, None, None, "5"])


def test_keys_shared_by_rows_can_be_written_once(tmp_path):
    (tmp_path / "t.yaml").write_text(
        "- &a {name: a, send_to: O, event: {}, reaches: [B]}\n- {<<: *a, name: b}\n- <<: *a\n  name: c\n  reaches: [C]"
    )
    rows = table("t.yaml", folder=tmp_path, written="")
    assert [(row.at, row.name, row.send_to, row.reaches) for row in rows] == [
        ("t.yaml:1", "a", "O", ("B",)),
        ("t.yaml:2", "b", "O", ("B",)),
        ("t.yaml:3", "c", "O", ("C",)),
    ]


def test_who_gets_it_in_the_end_are_functions_and_what_nothing_leads_on_from():
    sent = Flow.from_template(TEMPLATE).send("Orders", {"source": "shop", "detail": {"total": 1001}})
    assert [end.path for end in sent.ends] == ["Large", "boss@example.com"]
    assert repr(sent.reaches("boss@example.com")) == "reached by Orders → Huge → boss@example.com"
    small = Flow.from_template(TEMPLATE).send("Orders", {"source": "shop", "detail": {"total": 1}})
    assert small.why_not("boss@example.com") == "detail.total is 1, the rule ToHuge wants a number greater than 1000"
