"""Buses: what they log, with which keys, and what is refused of archives, partners and existing ones."""

from datetime import timedelta

import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms

from cdk_event_flow import BusLogs, EventBus
from cdk_event_flow.errors import ConstructError
from tests.compose.synthesis import new_stack, resources, template_of
from tests.compose.wildcards import unnamed


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


@pytest.mark.parametrize(
    ("level", "sources"),
    [("ERROR", ["ERROR_LOGS"]), ("INFO", ["ERROR_LOGS", "INFO_LOGS"]), ("TRACE", ["ERROR_LOGS", "INFO_LOGS", "TRACE_LOGS"])],
)
def test_what_a_bus_logs_is_delivered_level_by_level_one_after_another(stack, level, sources):
    EventBus(stack, "Orders", logs=BusLogs(level=level))
    template = template_of(stack)
    (bus,) = resources(template, "AWS::Events::EventBus")
    assert bus["LogConfig"] == {"IncludeDetail": "NONE", "Level": level}
    assert [each["LogType"] for each in resources(template, "AWS::Logs::DeliverySource")] == sources
    deliveries = {name: each for name, each in template["Resources"].items() if each["Type"] == "AWS::Logs::Delivery"}
    waited_for = [name for each in deliveries.values() for name in each.get("DependsOn", ())]
    assert waited_for == list(deliveries)[:-1]
    (group,) = resources(template, "AWS::Logs::LogGroup")
    assert (group["RetentionInDays"], set(group)) == (30, {"RetentionInDays", "KmsKeyId", "LogGroupName"})
    (policy,) = resources(template, "AWS::Logs::ResourcePolicy")
    assert "delivery.logs.amazonaws.com" in str(policy)
    assert unnamed(template) == []


def test_the_events_themselves_are_logged_on_request_only(stack):
    EventBus(stack, "Orders", logs=BusLogs(detail=True, retention=timedelta(days=1)))
    (bus,) = resources(template_of(stack), "AWS::Events::EventBus")
    assert bus["LogConfig"] == {"IncludeDetail": "FULL", "Level": "ERROR"}


def test_the_key_of_a_bus_that_logs_lets_both_services_use_it(stack):
    EventBus(stack, "Orders", key=kms.Key(stack, "Key"), logs=BusLogs())
    statements = [each for key in resources(template_of(stack), "AWS::KMS::Key") for each in key["KeyPolicy"]["Statement"]]
    said = {each["Sid"]: (each["Principal"], each["Action"]) for each in statements if "Sid" in each}
    assert said["EncryptLogsOfBuses"] == ({"Service": "events.amazonaws.com"}, "kms:GenerateDataKey")
    assert said["DeliverLogsOfBuses"] == ({"Service": "delivery.logs.amazonaws.com"}, ["kms:Decrypt", "kms:GenerateDataKey"])
    assert unnamed(template_of(stack)) == []


def test_the_owner_of_an_imported_key_is_told_every_statement(stack):
    key = kms.Key.from_key_arn(stack, "Theirs", "arn:aws:kms:eu-west-1:210987654321:key/1")
    bus = EventBus(stack, "Orders", key=key, logs=BusLogs())
    said = " ".join(str(entry.data) for entry in bus.node.metadata)
    assert all(sid in said for sid in ("EncryptEventsOnBuses", "EncryptLogsOfBuses", "DeliverLogsOfBuses"))


REFUSED = {
    "an archive of less than a day": ({"archive": timedelta(seconds=86_399)}, "EF-BUS-ARCHIVE", "1 day"),
    "a partner that is none": ({"partner": "example.com/orders"}, "EF-BUS-PARTNER", "aws.partner/"),
    "a key for the default bus": ({"bus": "default", "logs": BusLogs()}, "EF-BUS-EXISTING", "logs"),
    "logs of another level": ({"logs": BusLogs(level="DEBUG")}, "EF-BUS-LOGS", "ERROR, INFO, TRACE"),
    "logs kept two days": ({"logs": BusLogs(retention=timedelta(days=2))}, "EF-LOGS-RETENTION", "2 days"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_a_bus_cannot_be_is_refused_and_nothing_is_made(stack, what):
    arguments, code, said = REFUSED[what]
    with pytest.raises(ConstructError) as refused:
        EventBus(stack, "Orders", **arguments)
    assert (refused.value.code, refused.value.at) == (code, "Shop/Orders")
    assert said in str(refused.value)
    assert stack.node.children == []


def test_an_existing_bus_is_neither_a_partners_nor_encrypted_here(stack):
    bus, key = events.EventBus(stack, "Theirs"), kms.Key(stack, "Key")
    with pytest.raises(ConstructError, match="EF-BUS-EXISTING.* partner and key"):
        EventBus(stack, "Orders", bus=bus, partner="aws.partner/example.com/1", key=key)


@pytest.mark.parametrize("days", [1, 36_500])
def test_an_archive_just_inside_the_limits_is_accepted(stack, days):
    EventBus(stack, "Orders", archive=timedelta(days=days))
    (archive,) = resources(template_of(stack), "AWS::Events::Archive")
    assert archive["RetentionDays"] == days
