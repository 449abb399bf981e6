"""Whole payloads of buses, rules, topics and queues, as the documentation of each shows them."""

import pytest

from cdk_event_flow.errors import EventError
from cdk_event_flow.flow import payload
from cdk_event_flow.flow.model import InputTransformer, Rule, Target, Unknown

from .making import ACCOUNT, BUS, NEW_YEAR, NEW_YEAR_MS, NOBODY, QUEUE, RULE, TOPIC, event

ENTRY = {"Source": "shop", "DetailType": "Sold", "Detail": '{"n": 1}', "Time": "2026-02-02T00:00:00Z", "Resources": ["r"]}
WHOLE = {
    "version": "1", "id": "i", "detail-type": "T", "source": "s", "account": "a", "time": "t", "region": "r", "resources": ["x"],
    "detail": {"n": 1},
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, event()),
        (WHOLE, WHOLE),
        (ENTRY, event(source="shop", detail_type="Sold", detail={"n": 1}, time="2026-02-02T00:00:00Z", resources=["r"])),
        ({"detail": '{"n": 2}'}, event(detail={"n": 2})),
        ({"detail": ["list"], "more": 1}, event(detail=["list"])),
        ({**ENTRY, **WHOLE}, WHOLE),
    ],
)
def test_an_event_on_a_bus_is_whole(given, wanted):
    assert payload.put_event(given, account=ACCOUNT, region="eu-west-1") == wanted


def test_an_event_has_the_id_and_time_that_it_is_given():
    made = payload.put_event({}, account=ACCOUNT, region="eu-west-1", id="i", time="t")
    assert made == event(id="i", time="t")


@pytest.mark.parametrize(
    ("given", "at", "said"),
    [
        ([1], "the event", "[1] was sent to a bus"),
        ("x" * 90, "the event", "x" * 80 + " was sent to a bus"),
        ({"detail": "{" + "n" * 90}, "the event's detail", "'{" + "n" * 79 + "' is no JSON"),
        ({"Detail": "[" * 100_000}, "the event's detail", "'" + "[" * 80 + "' is no JSON"),
    ],
)
def test_what_is_no_event_is_refused_with_one(given, at, said):
    with pytest.raises(EventError) as refused:
        payload.put_event(given, account=ACCOUNT, region="eu-west-1")
    (problem,) = refused.value.problems
    assert (refused.value.at, problem.code, problem.given) == (at, "EF-EVENT", said)
    assert problem.allowed == "a bus takes an event, an object with source, detail-type and detail"
    assert problem.fix == 'give {"source": "shop.orders", "detail-type": "OrderSubmitted", "detail": {…}}'


NESTED = {"detail": {"list": [{"x": 1}, {"x": 2}], "a b": {"c.d": 3}, "text": "words", "XL": 4}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", NESTED),
        ("$.detail.text", "words"),
        ("$.detail.list[1].x", 2),
        ("$.detail.list[2].x", None),
        ("$.detail.list.x", None),
        ("$.detail['a b']['c.d']", 3),
        ("$.detail['list'][0]", {"x": 1}),
        ("$.detail['XL']", 4),
        ("$.detail.list['x']", None),
        ("$.detail.text.more", None),
        ("$.nothing[0]", None),
    ],
)
def test_a_path_leads_to_a_value_or_to_none(path, value):
    assert payload.at_path(NESTED, path) == value


A_RULE = Rule(logical_id="R", arn=RULE, name="nightly", path="R", bus_arn=BUS, pattern={}, schedule=None, enabled=True, targets=())
GIVEN = event(source="shop", detail={"n": 1, "at": "é"})


def transformed(template, **paths):
    return Target(id="T", arn="x", transformer=InputTransformer(paths=paths, template=template))


@pytest.mark.parametrize(
    ("target", "rule", "wanted"),
    [
        (Target(id="T", arn="x"), A_RULE, GIVEN),
        (Target(id="T", arn="x", input='{"a": 1}'), A_RULE, {"a": 1}),
        (Target(id="T", arn="x", input="words"), A_RULE, "words"),
        (Target(id="T", arn="x", input=""), A_RULE, ""),
        (Target(id="T", arn="x", input={"a": 1}), A_RULE, {"a": 1}),
        (Target(id="T", arn="x", input_path="$.detail.n"), A_RULE, 1),
        (Target(id="T", arn="x", input_path="$.detail.no"), A_RULE, None),
        (transformed('{"at": "<aws.events.event.ingestion-time>"}'), A_RULE, {"at": NEW_YEAR}),
        (transformed('"<aws.events.rule-name> <aws.events.rule-arn>"'), A_RULE, f"nightly {RULE}"),
        (transformed('"<aws.events.rule-name>"'), None, "<aws.events.rule-name>"),
        (transformed("<n> <m>", n="$.detail.n"), A_RULE, "1 <m>"),
        (transformed('"<at>"', at="$.detail.at"), A_RULE, "é"),
        (transformed('{"a \\" b": <at>}', at="$.detail.at"), A_RULE, {'a " b': "é"}),
        (transformed('{"all": "<d>"}', d="$.detail"), A_RULE, {"all": '{"n": 1, "at": "\\u00e9"}'}),
    ],
)
def test_a_target_of_a_rule_is_given_what_its_input_says(target, rule, wanted):
    assert payload.rule_target_payload(target, GIVEN, rule) == wanted


@pytest.mark.parametrize("template", ['{"a": <x>, "b": "<x>"}'])
def test_what_is_unknown_says_so_in_what_it_is_filled_into(template):
    made = payload.filled(template, lambda name: (True, Unknown("who knows")))
    assert made == {"a": "unknown (who knows)", "b": '"unknown (who knows)"'}


ATTRIBUTES = {"kind": {"Type": "String", "Value": "new"}}
ENVELOPE = {
    "Type": "Notification",
    "MessageId": NOBODY,
    "TopicArn": TOPIC,
    "Message": "text",
    "Timestamp": NEW_YEAR,
    "SignatureVersion": "1",
    "Signature": "EXAMPLE",
    "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-EXAMPLE.pem",
    "UnsubscribeURL": f"https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={TOPIC}:1",
}


@pytest.mark.parametrize(
    ("given", "more"),
    [
        ({}, {}),
        ({"attributes": {}, "subject": ""}, {}),
        ({"attributes": ATTRIBUTES}, {"MessageAttributes": ATTRIBUTES}),
        ({"subject": "Hi", "id": "i", "time": "t"}, {"Subject": "Hi", "MessageId": "i", "Timestamp": "t"}),
    ],
)
def test_the_envelope_of_a_topic_is_as_sns_shows_it(given, more):
    assert payload.sns_envelope("text", TOPIC, subscription_arn=f"{TOPIC}:1", **given) == ENVELOPE | more


def test_in_china_a_topic_s_addresses_are_there():
    envelope = payload.sns_envelope("text", "arn:aws-cn:sns:cn-north-1:123456789012:orders")
    assert envelope["SigningCertURL"].startswith("https://sns.cn-north-1.amazonaws.com.cn/")
    assert envelope["UnsubscribeURL"] == "https://sns.cn-north-1.amazonaws.com.cn/?Action=Unsubscribe&SubscriptionArn="


@pytest.mark.parametrize("more", [{}, {"Subject": "Hi", "MessageAttributes": ATTRIBUTES}])
def test_a_function_behind_a_topic_gets_a_record_as_lambda_shows_it(more):
    message = {name: value for name, value in ENVELOPE.items() if not name.endswith("URL")}
    message |= {"SigningCertUrl": ENVELOPE["SigningCertURL"], "UnsubscribeUrl": ENVELOPE["UnsubscribeURL"]}
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": f"{TOPIC}:1",
        "Sns": {**message, "Subject": None, "MessageAttributes": {}, **more},
    }
    assert payload.sns_lambda_event(ENVELOPE | more, f"{TOPIC}:1") == {"Records": [record]}


@pytest.mark.parametrize(("arn", "region", "sender"), [(QUEUE, "eu-west-1", ACCOUNT), ("elsewhere", "", ""), ("a:b:c:d:e", "", "")])
def test_a_record_of_a_queue_is_as_lambda_shows_it(arn, region, sender):
    record = {
        "messageId": NOBODY,
        "receiptHandle": NOBODY,
        "body": "text",
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(NEW_YEAR_MS),
            "SenderId": sender,
            "ApproximateFirstReceiveTimestamp": str(NEW_YEAR_MS),
        },
        "messageAttributes": {},
        "md5OfBody": "1cb251ec0d568de6a929b520c4aed8d1",
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": region,
    }
    assert payload.sqs_lambda_event([payload.sqs_record("text", arn)]) == {"Records": [record]}
    again = payload.sqs_record("text", arn, id="i", receives=3)
    assert (again["messageId"], again["receiptHandle"], again["attributes"]["ApproximateReceiveCount"]) == ("i", "i", "3")


@pytest.mark.parametrize(
    ("given", "text", "json_text"),
    [("é", "é", '"é"'), ({"a": ["é", 1]}, '{"a":["é",1]}', '{"a":["é",1]}'), (None, "null", "null"), ("1", "1", '"1"')],
)
def test_the_text_of_a_payload_is_short_json_in_which_words_stay_words(given, text, json_text):
    assert (payload.as_text(given), payload.as_json(given)) == (text, json_text)


def test_a_text_with_something_unknown_says_so_and_keeps_what_it_is_of():
    given = {"a": "é", "b": Unknown("who knows")}
    made = payload.as_text(given)
    assert (made, made.payload) == ('{"a":"é","b":"unknown (who knows)"}', given)


@pytest.mark.parametrize(
    ("given", "wanted"), [('{"a": 1}', {"a": 1}), ("words", "words"), (5, 5), (None, None), ("[" * 100_000, "[" * 100_000)]
)
def test_what_is_json_is_read_and_all_else_stays(given, wanted):
    assert payload.json_or_text(given) == wanted
