"""Topics, queues and streams that a template imports, in a local run of its functions."""

import json

import pytest

from cdk_event_flow.errors import TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.testing.local_run import Run
from cdk_event_flow.testing.local_runs import LocalRuns

HERE = "eu-central-1:123456789012"
QUEUE, TOPIC, STREAM = f"arn:aws:sqs:{HERE}:theirs", f"arn:aws:sns:{HERE}:news", f"arn:aws:kinesis:{HERE}:stream/clicks"
FUNCTION = {
    "Runtime": "python3.13",
    "Handler": "index.handler",
    "Code": {"ZipFile": "def handler(event, context):\n    pass\n"},
    "Role": "arn:aws:iam::123456789012:role/theirs",
}
TEMPLATE = {
    "Resources": {
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {"source": ["shop"]},
                "Targets": [{"Id": str(at), "Arn": arn} for at, arn in enumerate((QUEUE, TOPIC, STREAM))],
            },
        },
        "Fn": {"Type": "AWS::Lambda::Function", "Properties": FUNCTION},
        "OfQueue": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"EventSourceArn": QUEUE, "FunctionName": {"Ref": "Fn"}},
        },
        "OfStream": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"EventSourceArn": STREAM, "FunctionName": {"Ref": "Fn"}, "StartingPosition": "LATEST"},
        },
        "OfTopic": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {"TopicArn": TOPIC, "Protocol": "lambda", "Endpoint": {"Fn::GetAtt": ["Fn", "Arn"]}},
        },
    }
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    (folder / "template.json").write_text(json.dumps(TEMPLATE))
    flow = Flow.from_template(folder / "template.json", account="123456789012", region="eu-central-1")
    runs = LocalRuns(flow, app=folder, assembly=folder)
    yield runs
    runs.close()


@pytest.fixture
def run(runs):
    yield Run(runs, runs.open())
    runs.end()


def test_the_run_says_what_is_imported_and_that_all_of_it_is_run(runs):
    notes = runs.open().notes
    runs.end()
    assert notes == [f"{name}: imported, it is run here with AWS's defaults" for name in ("theirs", "news", "clicks")]


def inner(received):
    """The message of what a function received, out of the records of SNS."""
    return json.loads(received["Records"][0]["Sns"]["Message"]) if "Records" in received else received


def test_an_event_goes_over_each_to_the_function_here(run):
    run.send("default", {"source": "shop", "detail-type": "Order", "detail": {"id": 1}})
    run.settle()
    assert [inner(each)["detail"] for each in run.received("Fn")] == [{"id": 1}] * 3
    assert [each["detail"] for each in run.received("theirs")] == [{"id": 1}]


@pytest.mark.parametrize("name", ["theirs", QUEUE, "news", TOPIC])
def test_it_takes_messages_by_its_name_and_its_arn(run, name):
    run.send(name, {"id": 2})
    run.settle()
    assert [inner(each) for each in run.received("Fn")] == [{"id": 2}]


def test_clients_find_the_queue_by_its_address(run):
    run.client("sqs").send_message(QueueUrl="https://sqs.eu-central-1.amazonaws.com/123456789012/theirs", MessageBody="3")
    run.settle()
    assert run.received("Fn") == [3]


def test_a_name_that_nothing_has_is_an_error(run):
    with pytest.raises(TemplateError, match="EF-NAME-UNKNOWN"):
        run.send("ours", {})
