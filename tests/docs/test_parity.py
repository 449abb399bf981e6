"""The page of parity: its tests exist, its gaps are those that a run tells of, each where a template meets it."""

import asyncio
import re
from pathlib import Path

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Alias, Function, Other, Table
from cdk_event_flow.flow.sources import Alarm, Api, ApiDestination, Archive, Pipe, Route
from cdk_event_flow.local import gaps
from cdk_event_flow.local.code import CodeForHere
from cdk_event_flow.local.runnable import runnable
from tests.local import world as w

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/parity.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]


def test_every_test_that_the_page_names_is_there():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) >= 55
    for file, name in named:
        assert re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE), f"{file}::{name}"


RUNTIMES = "Container images and other runtimes"  # said of each function that cannot be made ready, not of the template
# All titles: of services, and each constant of its own.
TITLES = {
    RUNTIMES,
    *gaps.OTHER_SERVICES.values(),
    *(title for name, title in vars(gaps).items() if name.isupper() and isinstance(title, str)),
}


def test_every_behaviour_has_a_documentation_address_and_a_test():
    behaviours = [row for row in ROWS if len(row) == 4 and row[0] != "behaviour"]
    assert len(behaviours) >= 55
    for name, aws, here, test in behaviours:
        assert "https://docs.aws.amazon.com/" in aws, name
        assert here, name
        assert test.startswith("`tests/"), name


def test_the_gaps_of_the_page_are_those_that_a_run_tells_of():
    assert {row[0] for row in ROWS if len(row) == 3} - {"gap"} == TITLES


def other(type):
    return Other(logical_id="X", arn=f"arn:x:{type}", name="x", path="Shop/X", type=type)


def of(made, name, **more):
    return made(**w._node("x", name), type=f"AWS::{made.__name__}", **more)


F, Q, BUS = w.function("F"), w.queue("Q"), w.bus()
API = of(Api, "Api")
REST = of(Api, "Rest", protocol="REST")


def route(api, target, authorization="NONE", **more):
    properties = {"AuthorizationType": authorization}
    return of(Route, "Route", api_arn=api.arn, method="GET", url="/", target_arn=target, properties=properties, **more)


STREAMED = {"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}, "KeySchema": [{"AttributeName": "id"}]}
TABLE = Table(
    **w._node("dynamodb", "T", "table/T"),
    properties={**STREAMED, "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True}},
)
CASES = {
    **{title: [other(f"{prefix}::Thing")] for prefix, title in gaps.OTHER_SERVICES.items()},
    gaps.ADDRESSES: [
        of(ApiDestination, "Crm", endpoint="https://crm.example/*", method="POST", connection_arn="c"),
    ],
    gaps.ALARMS: [Alarm(**w._node("cloudwatch", "A"), type="AWS::CloudWatch::CompositeAlarm", actions=(Q.arn,))],
    gaps.ARCHIVES: [of(Archive, "Kept", bus_arn="arn:aws:events:eu-central-1:999999999999:event-bus/other")],
    gaps.AUTHORIZERS: [REST, route(REST, F.arn, "CUSTOM")],
    gaps.ELSEWHERE: [BUS, w.rule("R", {"source": ["a"]}, w.queue("InAnotherStack"))],
    gaps.PIPES: [of(Pipe, "Pipe", source_arn="arn:aws:kafka:x", target_arn=Q.arn)],
    gaps.SIGNATURES: [API, route(API, F.arn, "JWT")],
    gaps.SOURCES: [w.mapping(other("AWS::MSK::Topic"), F)],
    gaps.TEMPLATES: [API, route(API, "https://elsewhere.example", kind="template")],
    gaps.TIME_TO_LIVE: [
        TABLE,
        w.model.EventSourceMapping(**w._node("x", "M"), source_arn=f"{TABLE.arn}/stream/x", function_arn=F.arn),
    ],
    gaps.VERSIONS: [Alias(**w._node("x", "live"), function_arn=F.arn, version_arn=f"{F.arn}:7")],
    gaps.WEBSOCKETS: [of(Api, "Chat", protocol="WEBSOCKET")],
}


def test_every_gap_has_a_case():
    assert {*CASES, gaps.PERMISSIONS, RUNTIMES} == TITLES


@pytest.mark.parametrize("title", sorted(CASES))
def test_a_template_that_meets_a_gap_is_told_so(title):
    async def titles():
        async with w.engine(F, Q, *CASES[title]) as engine:
            return [gap.title for gap in gaps.gaps(engine)]

    assert title in asyncio.run(titles())


def test_a_template_without_gaps_is_told_nothing():
    async def told():
        async with w.engine(F, Q, BUS, w.rule("R", {"source": ["a"]}, Q), w.mapping(Q, F)) as engine:
            return gaps.gaps(engine)

    assert asyncio.run(told()) == []


def test_what_is_not_permitted_is_told():
    flow = Flow.from_template(
        {
            "Resources": {
                "Queue": {"Type": "AWS::SQS::Queue", "Properties": {}},
                "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}},
                "ToQueue": {
                    "Type": "AWS::SNS::Subscription",
                    "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}},
                },
            }
        }
    )
    (gap,) = gaps.denied(flow)
    assert gap.title == gaps.PERMISSIONS
    assert gap.said.startswith("ToQueue to Queue: delivered here, and on AWS not: ")


def test_a_function_of_another_runtime_is_told(tmp_path):
    java = Function(**w._node("lambda", "J", "function:J"), runtime="java25", handler="a.B")
    flow = Flow({F.arn: F, java.arn: java}, account=w.ACCOUNT, region=w.REGION)
    code = CodeForHere(app=tmp_path, assembly=tmp_path, layers=(), say=lambda _: None)
    with pytest.raises(Exception, match="its runtime is java25"):
        runnable(flow, code)
