"""Templates as people write them, after public patterns: each with a table, checked by hand, of who receives which event."""

import json
from pathlib import Path

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import AsyncConfig, EventSourceMapping, Function, Queue, Rule

TEMPLATES = Path(__file__).parent / "templates"


def event(source, detail_type="x", **detail):
    """An event for a bus."""
    return {"source": source, "detail-type": detail_type, "detail": detail}


def change(kind, **image):
    """A record of a table's stream."""
    image = {name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in image.items()}
    return {"eventName": kind, "dynamodb": {"Keys": {"id": {"S": "1"}}, "NewImage": image}}


# Template, parameters, what it is sent to, the event → the logical ids of all who receive it.
CASES = [
    ("rule_to_topic.yaml", {}, "default", event("ci.releases"), {"Announcements"}),
    ("rule_to_topic.yaml", {}, "default", event("ci.builds"), set()),
    ("rule_to_topic.yaml", {}, "default", {**event("ci.releases"), "account": "999999999999"}, set()),
    ("topic_with_its_queue.yaml", {}, "News", {"any": "thing"}, {"Inbox", "someone@example.com"}),
    ("bucket_to_queue_and_topic.yaml", {"UploadsName": "up"}, "Uploads", {"key": "scans/a b.pdf"}, {"Scans"}),
    ("bucket_to_queue_and_topic.yaml", {"UploadsName": "up"}, "Uploads", {"key": "scans/a.png"}, set()),
    ("bucket_to_queue_and_topic.yaml", {"UploadsName": "up"}, "Uploads", {"key": "b.pdf"}, set()),
    ("bucket_to_queue_and_topic.yaml", {"UploadsName": "up"}, "Uploads", {"key": "x", "event": "ObjectRemoved:Delete"}, {"Removals"}),
    ("bucket_to_bus_to_queue.yaml", {}, "Photos", {"key": "a.jpg"}, {"default", "Thumbnails"}),
    ("bucket_to_bus_to_queue.yaml", {}, "Photos", {"key": "a.png"}, {"default"}),
    ("bucket_to_bus_to_queue.yaml", {}, "Photos", {"key": "a.jpg", "event": "ObjectRemoved:Delete"}, {"default"}),
    ("bucket_to_bus_to_queue.yaml", {}, "Drafts", {"key": "a.jpg"}, set()),
    ("bucket_to_bus_to_queue.yaml", {}, "default",
     event("aws.s3", "AWS API Call via CloudTrail", eventSource="s3.amazonaws.com", eventName="PutObject",
           requestParameters={"bucketName": "bucket_to_bus_to_queue-photos"}), {"Audit"}),
    ("rule_to_stream.yaml", {}, "telemetry", event("meters", watts=1500), {"Readings", "Reader"}),
    ("rule_to_stream.yaml", {}, "telemetry", event("meters", watts=500), {"Readings"}),
    ("rule_to_stream.yaml", {}, "telemetry", event("clocks", watts=1500), set()),
    ("rule_to_state_machine.yaml", {}, "default", event("aws.ec2", state="stopped"), {"Watcher"}),
    ("rule_to_state_machine.yaml", {}, "default", event("aws.ec2", state="pending"), set()),
    ("table_over_pipes_to_bus.yaml", {}, "Orders", change("INSERT", total=5), {"Domain", "Billing"}),
    ("table_over_pipes_to_bus.yaml", {}, "Orders", change("REMOVE"), {"Domain"}),
    ("table_over_pipes_to_bus.yaml", {}, "Orders", change("MODIFY"), set()),
    ("queue_over_pipe_to_api_destination.yaml", {}, "Source", {"id": 1}, {"Enrich", "Partner"}),
    ("queue_over_pipe_to_api_destination.yaml", {}, "Api", {"path": "/", "body": {}}, {"Store"}),
    ("queue_over_pipe_to_api_destination.yaml", {}, "Api", {"path": "/"}, set()),
    ("http_api_to_bus.yaml", {}, "Api", {"path": "/orders", "body": {"total": 11}}, {"Bus", "Ship"}),
    ("http_api_to_bus.yaml", {}, "Api", {"path": "/orders", "body": {"total": 9}}, {"Bus"}),
    ("http_api_to_bus.yaml", {}, "Api", {"path": "/orders/7"}, {"Status"}),
    ("http_api_to_bus.yaml", {}, "Api", {"path": "/elsewhere"}, {"Status"}),
    ("sam_function_with_events.yaml", {}, "default", event("shop", "OrderPlaced"), {"Work"}),
    ("sam_function_with_events.yaml", {}, "default", event("shop", "OrderDropped"), set()),
    ("sam_function_with_events.yaml", {}, "WorkEveryHour", {}, {"Work"}),
    ("sam_function_with_events.yaml", {}, "Jobs", {"kind": "job"}, {"Work"}),
    ("sam_function_with_events.yaml", {}, "Jobs", {"kind": "chore"}, set()),
    ("sam_function_with_events.yaml", {}, "News", {"kind": "urgent"}, {"Work"}),
    ("sam_function_with_events.yaml", {}, "News", {"kind": "dull"}, set()),
    ("sam_function_with_events.yaml", {}, "Items", {"id": "1", "status": "open"}, {"Work"}),
    ("sam_function_with_events.yaml", {}, "Items", {"id": "1", "status": "done"}, set()),
    ("sam_function_with_events.yaml", {}, "Items", change("REMOVE"), {"Work"}),
    ("destinations_by_condition.yaml", {"Stage": "prod"}, "Work", {"id": 1}, {"Successes"}),
    ("destinations_by_condition.yaml", {"Stage": "prod", "CreateTopic": "false"}, "Work", {"id": 1}, set()),
    ("destinations_by_condition.yaml", {"Stage": "dev"}, "Work", {"id": 1}, set()),
    ("destinations_by_condition.yaml", {"Stage": "prod"}, "Jobs", {"id": 1}, {"Work"}),
    ("bus_to_central_bus.yaml", {}, "orders", event("pay", "PaymentRefused", customer="Kim"), {"Central", "All", "Watchers"}),
    ("bus_to_central_bus.yaml", {}, "orders", event("pay", "Paid"), {"Central", "All"}),
    ("bus_to_central_bus.yaml", {}, "default", event("pay", "Paid"), set()),
    ("fan_out_fifo.yaml", {}, "Ledger", {"amount": -5}, {"Debits"}),
    ("fan_out_fifo.yaml", {}, "Ledger", {"amount": 0}, {"Credits"}),
    ("fan_out_fifo.yaml", {}, "Ledger", {"total": 1}, set()),
    ("queue_over_pipe_to_state_machine.yaml", {}, "Requests", {"kind": "approval", "id": 1}, {"Approval"}),
    ("queue_over_pipe_to_state_machine.yaml", {}, "Requests", {"kind": "refund"}, set()),
    ("queue_over_pipe_to_state_machine.yaml", {}, "Waiting", {}, {"OnCall", "https://example.com/page", "default", "Runbook"}),
    ("cdk_typescript.json", {}, "IncomingBucket", {"key": "in/a.csv"}, {"ImportFn3A5C8D21", "default", "Audit1A2B3C4D"}),
    ("cdk_typescript.json", {}, "IncomingBucket", {"key": "a.csv"}, {"default", "Audit1A2B3C4D"}),
]  # fmt: skip


def flow_of(name, parameters=None):
    """The flow of one of the templates."""
    return Flow.from_template(TEMPLATES / name, parameters=parameters or {})


@pytest.mark.parametrize(("template", "parameters", "to", "given", "receivers"), CASES)
def test_an_event_reaches_those_in_the_table_and_nobody_else(template, parameters, to, given, receivers):
    sent = flow_of(template, parameters).send(to, given)
    assert {each.receiver.logical_id for each in sent.deliveries} == receivers, sent.explain()
    assert not [each for each in sent.deliveries if each.doubts]


def test_every_template_is_in_the_table():
    assert {file.name for file in TEMPLATES.iterdir()} == {case[0] for case in CASES}


def payload(template, to, given, receiver, parameters=None):
    """What one receiver sees."""
    [found] = [each for each in flow_of(template, parameters).send(to, given).deliveries if each.receiver.logical_id == receiver]
    return found.payload


def test_each_receiver_sees_what_its_service_makes_of_it():
    notification = payload("bucket_to_queue_and_topic.yaml", "Uploads", {"key": "scans/a b.pdf"}, "Scans", {"UploadsName": "up"})
    assert notification["Records"][0]["s3"]["object"]["key"] == "scans/a+b.pdf"
    assert payload("bucket_to_bus_to_queue.yaml", "Photos", {"key": "a.jpg", "size": 7}, "Thumbnails")["size"] == 7
    assert payload("rule_to_state_machine.yaml", "default", event("aws.ec2", state="stopped"), "Watcher") == {"state": "stopped"}
    billed = payload("table_over_pipes_to_bus.yaml", "Orders", change("INSERT", total=5), "Billing")
    assert (billed["source"], billed["detail-type"]) == ("shop.orders", "OrderCreated")
    assert billed["detail"] == {"id": "1", "total": "5"}
    [batch] = payload("queue_over_pipe_to_api_destination.yaml", "Source", {"id": 1}, "Enrich")
    assert json.loads(batch["body"]) == {"id": 1}
    request = payload("http_api_to_bus.yaml", "Api", {"path": "/orders/7"}, "Status")
    assert (request["routeKey"], request["pathParameters"]) == ("GET /orders/{id}", {"id": "7"})
    ordered = payload("http_api_to_bus.yaml", "Api", {"path": "/orders", "body": {"total": 11}}, "Ship")
    assert (ordered["detail-type"], ordered["detail"]) == ("OrderPlaced", {"total": 11})
    assert payload("sam_function_with_events.yaml", "WorkEveryHour", {}, "Work") == {"hourly": True}
    [record] = payload("sam_function_with_events.yaml", "Items", {"id": "1", "status": "open"}, "Work")["Records"]
    assert record["dynamodb"]["Keys"] == {"id": {"S": "1"}}
    told = payload("bus_to_central_bus.yaml", "orders", event("pay", "PaymentRefused", customer="Kim", amount=5), "Watchers")
    assert told == '"Kim could not pay 5"'
    [started] = payload("queue_over_pipe_to_state_machine.yaml", "Requests", {"kind": "approval", "id": 1}, "Approval")
    assert started == {"request": 1, "from": "queue_over_pipe_to_state_machine-start"}
    assert payload("fan_out_fifo.yaml", "Ledger", {"amount": -5}, "Debits") == {"amount": -5}
    assert payload("fan_out_fifo.yaml", "Ledger", {"amount": 5}, "Credits")["Message"] == '{"amount":5}'


def test_parameters_decide_what_exists_and_what_it_is_called():
    prod, dev = (flow_of("destinations_by_condition.yaml", {"Stage": stage}) for stage in ("prod", "dev"))
    assert [[each.logical_id for each in flow.of(Rule)] for flow in (prod, dev)] == [["Nightly"], []]
    assert [flow.of(Function)[0].name for flow in (prod, dev)] == ["work-prod", "work-dev"]
    assert [flow.of(EventSourceMapping)[0].window for flow in (prod, dev)] == [5, 0]
    ends = [flow.of(AsyncConfig)[0].on_failure for flow in (prod, dev)]
    assert ends == [prod.find("Failures").arn, "arn:aws:sqs:us-east-1:999999999999:shared"]
    assert [len(flow.of(Queue)) for flow in (prod, dev)] == [2, 1]


def test_what_no_parameter_decides_is_unknown_and_said_so():
    flow = flow_of("destinations_by_condition.yaml")
    why = "parameter Stage has no default"
    assert flow.find("Nightly").unknown == {"Condition": why}
    assert flow.of(EventSourceMapping)[0].unknown == {"MaximumBatchingWindowInSeconds": why}
    [fired] = flow.send("Nightly", {}).deliveries[:1]
    assert fired.doubts == (f"Nightly exists: {why}",)
    assert f"(if Nightly exists: {why})" in flow.send("Nightly", {}).explain()
    assert flow.of(Function)[0].environment == {"AMI": "unknown (parameter AmiId is read from the Parameter Store at deployment)"}
