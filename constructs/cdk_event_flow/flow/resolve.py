"""Intrinsics as values: names and ARNs made up where CloudFormation would make them up, `Unknown` where nobody can tell."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cdk_event_flow.flow.model import Unknown

ACCOUNT = "123456789012"
REGION = "us-east-1"

# How each type's ARN ends, and which property names it. `{name}` is the physical name.
_ARNS: Mapping[str, tuple[str, str]] = {
    "AWS::Events::EventBus": ("events", "event-bus/{name}"),
    "AWS::Events::Archive": ("events", "archive/{name}"),
    "AWS::Scheduler::Schedule": ("scheduler", "schedule/default/{name}"),
    "AWS::SNS::Topic": ("sns", "{name}"),
    "AWS::SQS::Queue": ("sqs", "{name}"),
    "AWS::Lambda::Function": ("lambda", "function:{name}"),
    "AWS::DynamoDB::Table": ("dynamodb", "table/{name}"),
    "AWS::Logs::LogGroup": ("logs", "log-group:{name}:*"),
    "AWS::KMS::Key": ("kms", "key/{name}"),
    "AWS::CloudWatch::Alarm": ("cloudwatch", "alarm:{name}"),
    "AWS::Kinesis::Stream": ("kinesis", "stream/{name}"),
}
_NAMED_BY: Mapping[str, str] = {
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Lambda::Alias": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::KMS::Alias": "AliasName",
}
_REF_IS_ARN = frozenset(
    {"AWS::SNS::Topic", "AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::SNS::Subscription", "AWS::IAM::ManagedPolicy"}
)
_IN_IAM = {"AWS::IAM::Role": "role", "AWS::IAM::ManagedPolicy": "policy"}


@dataclass
class Resolver:
    """Resolves the values of one template of the stack `stack`; `exports` are other stacks' outputs by export name."""

    template: Mapping[str, Any]
    stack: str
    account: str = ACCOUNT
    region: str = REGION
    parameters: Mapping[str, Any] = field(default_factory=dict)
    exports: Mapping[str, Any] = field(default_factory=dict)

    def value(self, raw: Any) -> Any:
        """`raw` with every intrinsic replaced. A string with an unknown part is Unknown as a whole."""
        if isinstance(raw, list):
            return [each for each in map(self.value, raw) if each is not _NOTHING]
        if not isinstance(raw, dict):
            return raw
        if len(raw) == 1:
            [(name, argument)] = raw.items()
            if name == "Ref":
                return self._ref(argument)
            if name.startswith("Fn::"):
                function = _FUNCTIONS.get(name)
                return function(self, argument) if function else Unknown(f"{name} is not followed")
        resolved = {key: self.value(each) for key, each in raw.items()}
        return {key: each for key, each in resolved.items() if each is not _NOTHING}

    def properties(self, logical_id: str) -> dict[str, Any]:
        """The resolved properties of a resource."""
        resource = self.template["Resources"][logical_id]
        found = self.value(resource.get("Properties") or {})
        return found if isinstance(found, dict) else {}

    def name(self, logical_id: str) -> str:
        """The physical name: the one given, or one made of the stack's name and the logical id."""
        resource = self.template["Resources"][logical_id]
        given = self.value((resource.get("Properties") or {}).get(_NAMED_BY.get(resource.get("Type"), ""), None))
        return given if isinstance(given, str) else f"{self.stack}-{logical_id}"

    def arn(self, logical_id: str) -> str:
        """The resource's ARN; of what has none, one made up of its type."""
        resource = self.template["Resources"][logical_id]
        kind, name = resource.get("Type", ""), self.name(logical_id)
        properties = resource.get("Properties") or {}
        if kind == "AWS::Lambda::Version":
            return f"{self._function(properties)}:{self._version_number(logical_id)}"
        if kind == "AWS::Lambda::Alias":
            return f"{self._function(properties)}:{name}"
        if kind == "AWS::Events::Rule":
            bus = self.value(properties.get("EventBusName"))
            named = f"{bus.rpartition('/')[2]}/{name}" if isinstance(bus, str) and bus != "default" else name
            return self._arn("events", f"rule/{named}")
        if kind in _IN_IAM:
            path = self.value(properties.get("Path", "/"))
            return f"arn:aws:iam::{self.account}:{_IN_IAM[kind]}{path if isinstance(path, str) else '/'}{name}"
        if kind == "AWS::S3::Bucket":
            return f"arn:aws:s3:::{name.lower()}"
        service, shape = _ARNS.get(kind, (kind.split("::")[1].lower() if kind.count("::") == 2 else "unknown", "{name}"))
        return self._arn(service, shape.format(name=name))

    def url(self, logical_id: str) -> str:
        """A queue's URL."""
        return f"https://sqs.{self.region}.amazonaws.com/{self.account}/{self.name(logical_id)}"

    def path(self, logical_id: str) -> str:
        """The construct path without CDK's `Resource` and `Default`, or the logical id."""
        recorded = (self.template["Resources"][logical_id].get("Metadata") or {}).get("aws:cdk:path")
        if not isinstance(recorded, str):
            return logical_id
        parts = recorded.split("/")
        return "/".join(parts[:-1] if parts[-1] in ("Resource", "Default") and len(parts) > 1 else parts)

    def _arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    def _function(self, properties: Mapping[str, Any]) -> str:
        named = self.value(properties.get("FunctionName"))
        return named if isinstance(named, str) and named.startswith("arn:") else self._arn("lambda", f"function:{named}")

    def _version_number(self, logical_id: str) -> int:
        """1 for the only version of a function that a template has, as it would be on the first deployment."""
        resources = self.template["Resources"]
        function = (resources[logical_id].get("Properties") or {}).get("FunctionName")
        same = [
            each
            for each, resource in resources.items()
            if resource.get("Type") == "AWS::Lambda::Version" and (resource.get("Properties") or {}).get("FunctionName") == function
        ]
        return same.index(logical_id) + 1

    def _ref(self, target: Any) -> Any:
        pseudo = {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": self.stack,
            "AWS::StackId": self._arn("cloudformation", f"stack/{self.stack}/0"),
            "AWS::NoValue": _NOTHING,
            "AWS::NotificationARNs": [],
        }
        if target in pseudo:
            return pseudo[target]
        if target in self.template["Resources"]:
            kind = self.template["Resources"][target].get("Type")
            if kind == "AWS::SQS::Queue":
                return self.url(target)
            return self.arn(target) if kind in _REF_IS_ARN else self.name(target)
        parameter = (self.template.get("Parameters") or {}).get(target)
        if target in self.parameters:
            return self.parameters[target]
        if isinstance(parameter, dict) and "Default" in parameter:
            return parameter["Default"]
        return Unknown(f"parameter {target} has no default" if parameter is not None else f"nothing is named {target}")

    def _get_att(self, argument: Any) -> Any:
        target, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
        if target not in self.template["Resources"]:
            return Unknown(f"nothing is named {target}")
        kind = self.template["Resources"][target].get("Type")
        match attribute:
            case "Arn" | "TopicArn" | "FunctionArn" | "AliasArn" | "PolicyArn":
                return self.arn(target)
            case "QueueName" | "TopicName" | "Name" | "KeyId":
                return self.name(target)
            case "QueueUrl":
                return self.url(target)
            case "Version" if kind == "AWS::Lambda::Version":
                return str(self._version_number(target))
        return Unknown(f"{target}.{attribute} is known only after deploying")

    def _join(self, argument: Any) -> Any:
        separator, parts = argument
        resolved = self.value(parts)
        return _text(resolved, separator.join)

    def _sub(self, argument: Any) -> Any:
        text, given = argument if isinstance(argument, list) else (argument, {})
        unknown: list[Unknown] = []

        def replaced(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            value = self.value(given[name]) if name in given else self._get_att(name) if "." in name else self._ref(name)
            if isinstance(value, Unknown):
                unknown.append(value)
            return str(value)

        done = re.sub(r"\$\{([^}]+)\}", replaced, text)
        return unknown[0] if unknown else done

    def _select(self, argument: Any) -> Any:
        index, values = argument
        resolved = self.value(values)
        if isinstance(resolved, list) and int(index) < len(resolved):
            return resolved[int(index)]
        return resolved if isinstance(resolved, Unknown) else Unknown("Fn::Select outside its list")

    def _split(self, argument: Any) -> Any:
        separator, text = argument
        resolved = self.value(text)
        return resolved.split(separator) if isinstance(resolved, str) else Unknown("Fn::Split of an unknown text")

    def _if(self, argument: Any) -> Any:
        condition, when_true, when_false = argument
        decided = self._condition((self.template.get("Conditions") or {}).get(condition, {}))
        if isinstance(decided, Unknown):
            return decided
        return self.value(when_true if decided else when_false)

    def _condition(self, raw: Any) -> Any:
        match raw:
            case {"Fn::Equals": [one, other]}:
                values = (self.value(one), self.value(other))
                return next((v for v in values if isinstance(v, Unknown)), values[0] == values[1])
            case {"Fn::Not": [inner]}:
                decided = self._condition(inner)
                return decided if isinstance(decided, Unknown) else not decided
            case {"Fn::And": list(parts)} | {"Fn::Or": list(parts)}:
                decided_all = [self._condition(part) for part in parts]
                unknown = next((each for each in decided_all if isinstance(each, Unknown)), None)
                return unknown or (all(decided_all) if "Fn::And" in raw else any(decided_all))
            case {"Condition": name}:
                return self._condition((self.template.get("Conditions") or {}).get(name, {}))
        return Unknown("a condition that cannot be read")

    def _import(self, argument: Any) -> Any:
        name = self.value(argument)
        return self.exports.get(name, Unknown(f"export {name} is of a stack that is not here"))

    def _zones(self, _argument: Any) -> Any:
        return [f"{self.region}{letter}" for letter in "abc"]


_NOTHING = Unknown("AWS::NoValue")


def _text(resolved: Any, join: Callable[[list[str]], str]) -> Any:
    if not isinstance(resolved, list):
        return Unknown("a list that cannot be read")
    unknown = next((each for each in resolved if isinstance(each, Unknown)), None)
    return unknown or join([str(each) for each in resolved])


_FUNCTIONS: Mapping[str, Callable[[Resolver, Any], Any]] = {
    "Fn::GetAtt": Resolver._get_att,
    "Fn::Join": Resolver._join,
    "Fn::Sub": Resolver._sub,
    "Fn::Select": Resolver._select,
    "Fn::Split": Resolver._split,
    "Fn::If": Resolver._if,
    "Fn::ImportValue": Resolver._import,
    "Fn::GetAZs": Resolver._zones,
}
