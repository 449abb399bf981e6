"""Amazon EventBridge, answered by the run's own buses."""

import json
from typing import Any

from cdk_event_flow.errors import PatternError
from cdk_event_flow.flow.model import Rule
from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.services.replays import ReplayOperations
from cdk_event_flow.local.services.service import Result, Service
from cdk_event_flow.local.wire import Caller, ServiceError
from cdk_event_flow.match import EventPattern

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
MOST_ENTRIES = 10
REQUEST_BYTES = 1_048_576


class Events(Service):
    """Putting events, replaying archives, testing patterns, and reading what buses and rules there are."""

    name = "events"

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self.operations = {
            "PutEvents": self._put_events,
            "ListEventBuses": self._list_buses,
            "DescribeEventBus": self._describe_bus,
            "ListRules": self._list_rules,
            "DescribeRule": self._describe_rule,
            "ListTargetsByRule": self._list_targets,
            "ListRuleNamesByTarget": self._list_rule_names,
            "TestEventPattern": self._test_pattern,
            **ReplayOperations(engine.replays).operations,
        }

    def _put_events(self, parameters: dict[str, Any], caller: Caller) -> Result:
        entries = parameters["Entries"]
        if not 1 <= len(entries) <= MOST_ENTRIES:
            message = (
                "1 validation error detected: Value at 'entries' failed to satisfy constraint: "
                f"Member must have length less than or equal to {MOST_ENTRIES}"
            )
            raise ServiceError("ValidationException", message)
        if sum(len(str(entry.get("Detail", "")).encode()) for entry in entries) > REQUEST_BYTES:
            raise ServiceError("ValidationException", "Total size of the entries in the request is over the limit.")
        results = [
            self._engine.put_entry(entry, origin="PutEvents", header=caller.trace_header, request=caller.request_id)[0]
            for entry in entries
        ]
        return {"Entries": results, "FailedEntryCount": sum("ErrorCode" in result for result in results)}

    def _list_buses(self, _: dict[str, Any], __: Caller) -> Result:
        return {"EventBuses": [{"Name": bus.name, "Arn": bus.node.arn} for bus in self._engine.buses]}

    def _describe_bus(self, parameters: dict[str, Any], _: Caller) -> Result:
        name = parameters.get("Name") or "default"
        bus = self._engine.bus(name)
        if bus is None:
            raise ServiceError("ResourceNotFoundException", f"Event bus {name} does not exist.")
        return {"Name": bus.name, "Arn": bus.node.arn}

    def _rules(self, parameters: dict[str, Any]) -> list[Rule]:
        name = parameters.get("EventBusName") or "default"
        bus = self._engine.bus(name)
        if bus is None:
            raise ServiceError("ResourceNotFoundException", f"Event bus {name} does not exist.")
        return [rule for rule in self._engine.all(Rule) if rule.bus_arn == bus.node.arn]

    def _rule(self, parameters: dict[str, Any], key: str) -> Rule:
        for rule in self._rules(parameters):
            if rule.name == parameters[key]:
                return rule
        raise ServiceError("ResourceNotFoundException", f"Rule {parameters[key]} does not exist on the event bus.")

    def _list_rules(self, parameters: dict[str, Any], _: Caller) -> Result:
        prefix = parameters.get("NamePrefix") or ""
        return {"Rules": [_shown(rule) for rule in self._rules(parameters) if rule.name.startswith(prefix)]}

    def _describe_rule(self, parameters: dict[str, Any], _: Caller) -> Result:
        return _shown(self._rule(parameters, "Name"))

    def _list_targets(self, parameters: dict[str, Any], _: Caller) -> Result:
        return {"Targets": [{"Id": target.id, "Arn": target.arn} for target in self._rule(parameters, "Rule").targets]}

    def _list_rule_names(self, parameters: dict[str, Any], _: Caller) -> Result:
        wanted = parameters["TargetArn"]
        return {"RuleNames": [rule.name for rule in self._rules(parameters) if any(t.arn == wanted for t in rule.targets)]}

    def _test_pattern(self, parameters: dict[str, Any], _: Caller) -> Result:
        try:
            return {"Result": EventPattern(parameters["EventPattern"]).matches(parameters["Event"])}
        except PatternError as error:
            raise ServiceError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {error}") from None


def _shown(rule: Rule) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "Name": rule.name,
        "Arn": rule.arn,
        "State": "ENABLED" if rule.enabled else "DISABLED",
        "EventBusName": rule.bus_arn.partition(":event-bus/")[2],
    }
    if rule.pattern is not None:
        shown["EventPattern"] = json.dumps(rule.pattern)
    if rule.schedule:
        shown["ScheduleExpression"] = rule.schedule
    return shown
