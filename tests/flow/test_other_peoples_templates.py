"""Templates as people write them, after public patterns: each with a table, checked by hand, of who receives which event."""

import json
from pathlib import Path
from typing import NamedTuple

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


class Message(NamedTuple):
    """A message with attributes."""

    body: object
    attributes: dict


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
    ("fan_out_by_attributes.yaml", {}, "Readings", Message("21.5", {"Measure": "heat"}), {"All", "Heat"}),
    ("fan_out_by_attributes.yaml", {}, "Readings", Message("0.4", {"Measure": "damp"}), {"All", "Damp"}),
    ("fan_out_by_attributes.yaml", {}, "Readings", Message("3", {"Measure": "wind"}), {"All"}),
    ("fan_out_by_attributes.yaml", {}, "Readings", {"Measure": "heat"}, {"All"}),
    ("api_to_fifo_queue.yaml", {}, "Api", {"path": "/", "body": {"customer": "kim"}}, {"Work", "Worker"}),
    ("api_to_fifo_queue.yaml", {}, "Api", {"path": "/", "method": "GET"}, set()),
    ("stream_with_own_consumer.yaml", {}, "Staff", {"id": "1"}, {"Store"}),
    ("stream_with_own_consumer.yaml", {}, "Records", {"id": "1"}, set()),
    ("api_to_table_to_stream.yaml", {}, "Remarks", {"id": "1", "text": "good"}, {"Changes", "Watcher"}),
    ("api_to_table_to_stream.yaml", {}, "Api", {"path": "/remark", "body": {"text": "good"}}, {"Remarks", "Changes", "Watcher"}),
    ("cache_cleared_by_rule.yaml", {}, "Pets", {**change("MODIFY", id="1")}, {"Changed", "Api"}),
    ("cache_cleared_by_rule.yaml", {}, "Pets", {**change("INSERT", id="1")}, set()),
    ("schedule_to_function.yaml", {}, "Often", {}, {"Tidy"}),
    ("sam_apis.yaml", {}, "Http", {"path": "/settings/7"}, {"Settings"}),
    ("sam_apis.yaml", {}, "Http", {"path": "/settings/7", "method": "POST"}, {"Any"}),
    ("sam_apis.yaml", {}, "Rest", {"path": "/a/b", "method": "DELETE"}, {"Any"}),
    ("sam_apis.yaml", {}, "Url", {"path": "/"}, {"Any"}),
    ("sockets.yaml", {}, "Sockets", {"action": "start", "data": 1}, {"Workflow"}),
    ("sockets.yaml", {}, "Sockets", {"action": "stop"}, {"Answer"}),
    ("sockets.yaml", {}, "Sockets", "hello", {"Answer"}),
    ("sockets.yaml", {}, "Sockets", "$connect", {"Sessions"}),
    ("across_accounts", {}, "orders", event("shop", "OrderPlaced"), {"Inbox", "Work", "News", "someone@example.com"}),
    ("across_accounts", {}, "orders", event("shop", "OrderDropped"), set()),
]  # fmt: skip


# What is found, judged by hand: each is so, and no more is wrong. A finding that is not here is a false alarm.
FOUND = {
    "stream_with_own_consumer.yaml": {"EF212 Failed"},
    "across_accounts": {"EF209 Work", "EF212 Failed"},
    "api_to_fifo_queue.yaml": {"EF205 FromWork", "EF212 Failed"},
    "bucket_to_bus_to_queue.yaml": {"EF201 NewPhoto", "EF201 RecordedCall"},
    "bus_to_central_bus.yaml": {"EF201 Forward", "EF201 LogAll", "EF201 Refused", "EF108 Watchers"},
    "cache_cleared_by_rule.yaml": {"EF505 NotCleared", "EF212 NotCleared"},
    "cdk_typescript.json": {"EF212 AuditDlq5E6F7A8B"},
    "destinations_by_condition.yaml": {"EF201 Nightly", "EF203 Jobs", "EF205 Jobbing", "EF308 Invokes"},
    "fan_out_by_attributes.yaml": {
        *(f"EF202 To{each}" for each in ("All", "Heat", "Damp")),
        *(f"{id} {each}Failed" for id in ("EF204", "EF212") for each in ("All", "Heat", "Damp")),
    },
    "fan_out_fifo.yaml": {"EF202 ToCredits", "EF202 ToDebits"},
    "http_api_to_bus.yaml": {"EF201 OnOrder", "EF209 Ship"},
    "queue_over_pipe_to_api_destination.yaml": {"EF204 SourceDead", "EF212 SourceDead"},
    "queue_over_pipe_to_state_machine.yaml": {"EF201 OnAnyAlarm", "EF209 Runbook"},
    "rule_to_state_machine.yaml": {"EF201 WatcherStateChange"},
    "rule_to_stream.yaml": {"EF201 ToStream"},
    "rule_to_topic.yaml": {"EF201 OnRelease", "EF108 Announcements"},
    "sam_function_with_events.yaml": {
        "EF201 WorkOnOrder", "EF201 WorkEveryHour", "EF202 WorkFromTopic", "EF203 Jobs", "EF205 WorkFromQueue", "EF209 Work",
    },
    "schedule_to_function.yaml": {"EF209 Tidy", "EF210 Often"},
    "table_over_pipes_to_bus.yaml": {"EF201 OnCreated"},
    "topic_with_its_queue.yaml": {"EF202 News"},
}  # fmt: skip


def flow_of(name, parameters=None):
    """The flow of one of the templates, or of an assembly of several."""
    place = TEMPLATES / name
    return Flow.from_assembly(place) if place.is_dir() else Flow.from_template(place, parameters=parameters or {})


def sent_to(flow, to, given):
    """What becomes of an event, or of a message with attributes."""
    return flow.send(to, given.body, attributes=given.attributes) if isinstance(given, Message) else flow.send(to, given)


@pytest.mark.parametrize(("template", "parameters", "to", "given", "receivers"), CASES)
def test_an_event_reaches_those_in_the_table_and_nobody_else(template, parameters, to, given, receivers):
    sent = sent_to(flow_of(template, parameters), to, given)
    assert {each.receiver.logical_id for each in sent.deliveries} == receivers, sent.explain()
    assert not [each for each in sent.deliveries if each.doubts]


def test_every_template_is_in_the_table():
    assert {file.name for file in TEMPLATES.iterdir()} == {case[0] for case in CASES}


@pytest.mark.parametrize("template", sorted({case[0] for case in CASES}))
def test_what_is_found_in_it_is_so_and_nothing_else_is(template):
    parameters = next(case[1] for case in CASES if case[0] == template)
    assert {f"{each.id} {each.logical_id}" for each in flow_of(template, parameters).check()} == FOUND.get(template, set())


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


def test_changes_of_a_table_and_attributes_arrive_as_their_services_write_them():
    put = payload("api_to_table_to_stream.yaml", "Remarks", {"id": "1", "text": "good"}, "Changes")
    assert (put["tableName"], put["recordFormat"], put["dynamodb"]["Keys"]) == ("remarks", "application/json", {"id": {"S": "1"}})
    assert payload("api_to_fifo_queue.yaml", "Api", {"path": "/", "body": {"customer": "kim"}}, "Work") == '{"customer":"kim"}'
    said = payload("sockets.yaml", "Sockets", "hello", "Answer")
    assert (said["requestContext"]["routeKey"], said["requestContext"]["eventType"], said["body"]) == ("$default", "MESSAGE", "hello")
    changed = payload("cache_cleared_by_rule.yaml", "Pets", change("MODIFY", id="1"), "Changed")
    assert (changed["detail-type"], changed["detail"]["data"]) == ("PetUpdated", {"id": "1"})
