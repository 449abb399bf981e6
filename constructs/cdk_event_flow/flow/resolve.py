"""Intrinsics as values: names and ARNs made up where CloudFormation would make them up, `Unknown` where nobody can tell."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cdk_event_flow.flow import intrinsics
from cdk_event_flow.flow.arns import (
    ARN_ATTRIBUTES,
    CONSUMER_LABEL,
    NAME_ATTRIBUTES,
    STREAM_LABEL,
    arn_of,
    kind_of,
    partition,
    url_suffix,
)
from cdk_event_flow.flow.intrinsics import NOTHING
from cdk_event_flow.flow.model import Unknown
from cdk_event_flow.flow.stacks import Stacks

ACCOUNT = "123456789012"
REGION = "us-east-1"

# What says that a queue or topic is FIFO.
_FIFO = {"AWS::SQS::Queue": "FifoQueue", "AWS::SNS::Topic": "FifoTopic"}


@dataclass
class Resolver:
    """Resolves the values of one template of the stack `stack`.

    `parameters` are the caller's, or for a nested stack those that `parent` gives it as the resource `parent[1]`;
    `stacks` are the others that it may refer to, `nested` its own nested stacks by logical id; `size` is the template's in
    bytes, None where it is no file. `tags` are the stack's.
    """

    template: Mapping[str, Any]
    stack: str
    account: str = ACCOUNT
    region: str = REGION
    parameters: Mapping[str, Any] = field(default_factory=dict)
    stacks: Stacks = field(default_factory=Stacks)
    parent: "tuple[Resolver, str] | None" = None
    nested: "dict[str, Resolver]" = field(default_factory=dict)
    size: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    _known: dict[Hashable, Any] = field(default_factory=dict)
    _asked: set[Hashable] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.stacks.add(self)

    @property
    def stack_tags(self) -> Mapping[str, str]:
        """The stack's tags, which CloudFormation gives to all that is in it and in stacks nested in it."""
        return {**self.parent[0].stack_tags, **self.tags} if self.parent else self.tags

    def section(self, name: str) -> dict[str, Any]:
        """A section of the template (`Outputs`), empty where it is missing or no object."""
        found = self.template.get(name)
        return found if isinstance(found, dict) else {}

    def resource(self, logical_id: str) -> dict[str, Any]:
        """A resource as written; empty where it is missing."""
        found: dict[str, Any] = self.section("Resources").get(logical_id, {})
        return found

    def type(self, logical_id: str) -> str:
        """CloudFormation's type of a resource."""
        return str(self.resource(logical_id).get("Type"))

    def value(self, raw: Any) -> Any:
        """`raw` with every intrinsic replaced. A string with an unknown part is Unknown as a whole."""
        if isinstance(raw, str):
            return Unknown(f"{raw} is resolved at deployment") if "{{resolve:" in raw else raw
        if not isinstance(raw, dict | list):
            return raw
        return self.stacks.one_level_deeper(self._inside, raw)

    def _inside(self, raw: list[Any] | dict[Any, Any]) -> Any:
        if isinstance(raw, list):
            return [each for each in map(self.value, raw) if each is not NOTHING]
        if len(raw) == 1:
            [(name, argument)] = raw.items()
            if name == "Ref":
                return self.ref(argument)
            if isinstance(name, str) and name.startswith("Fn::"):
                return intrinsics.call(self, name, argument)
        resolved = {str(key): self.value(each) for key, each in raw.items()}
        return {key: each for key, each in resolved.items() if each is not NOTHING}

    def properties(self, logical_id: str) -> dict[str, Any]:
        """The resolved properties of a resource."""
        found = self.value(self._written(logical_id))
        return found if isinstance(found, dict) else {}

    def exists(self, logical_id: str) -> bool | Unknown:
        """Whether the resource is created, by its condition."""
        name = self.resource(logical_id).get("Condition")
        if name is None:
            return True
        return self.condition(name) if isinstance(name, str) else Unknown("its condition is not a name")

    def condition(self, name: str) -> bool | Unknown:
        """Whether a condition of the template holds."""
        conditions = self.section("Conditions")
        if name not in conditions:
            return Unknown(f"no condition is named {name}")
        decided: bool | Unknown = self._once(("condition", name), name, lambda: intrinsics.condition(self, conditions[name]))
        return decided

    def name(self, logical_id: str) -> str:
        """The physical name: the one given, or one made of the stack's name and the logical id."""
        kind = self.type(logical_id)

        def given() -> Any:
            named_by = kind_of(kind).named_by
            return self.value(self._written(logical_id).get(named_by)) if named_by else None

        found = self._once(("name", logical_id), logical_id, given)
        return found if isinstance(found, str) and found else self._made_up(kind, logical_id)

    def _made_up(self, kind: str, logical_id: str) -> str:
        """A name as CloudFormation makes it up: in small letters for a bucket, ending in `.fifo` for what is FIFO."""
        name = f"{self.stack}-{logical_id}"
        if kind == "AWS::S3::Bucket":
            return name.lower()
        ordered = self._written(logical_id).get(_FIFO.get(kind, kind))
        return f"{name}.fifo" if str(ordered).lower() == "true" else name

    def arn(self, logical_id: str) -> str:
        """The resource's ARN; of what has none, one made up of its type."""
        return str(self._once(("arn", logical_id), logical_id, lambda: self._arn(logical_id)))

    def _arn(self, logical_id: str) -> str:
        type_name, properties, name = self.type(logical_id), self._written(logical_id), self.name(logical_id)
        kind = kind_of(type_name)
        match type_name:
            case "AWS::Lambda::Version":
                return f"{self._function(properties)}:{self._version_number(logical_id)}"
            case "AWS::Lambda::Alias":
                return f"{self._function(properties)}:{name}"
            case "AWS::Kinesis::StreamConsumer":
                stream = self.value(properties.get("StreamARN"))
                return f"{stream}/consumer/{name}:{CONSUMER_LABEL}" if isinstance(stream, str) else str(stream)
            case "AWS::Events::Rule":
                bus = self.value(properties.get("EventBusName"))
                bus = bus.rpartition(":event-bus/")[2] if isinstance(bus, str) else "default"
                name = f"{bus}/{name}" if bus != "default" else name
            case "AWS::Scheduler::Schedule":
                group = self.value(properties.get("GroupName"))
                name = f"{group if isinstance(group, str) else 'default'}/{name}"
        return arn_of(kind.service, kind.shape.format(name=name), self.region, self.account)

    def url(self, logical_id: str) -> str:
        """A queue's URL."""
        return f"https://sqs.{self.region}.{url_suffix(self.region)}/{self.account}/{self.name(logical_id)}"

    def path(self, logical_id: str) -> str:
        """The construct path without CDK's `Resource` and `Default`, or the logical id."""
        metadata = self.resource(logical_id).get("Metadata")
        recorded = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
        if not isinstance(recorded, str):
            return logical_id
        parts = recorded.split("/")
        return "/".join(parts[:-1] if parts[-1] in ("Resource", "Default") and len(parts) > 1 else parts)

    def output(self, name: str) -> Any:
        """The value of an output of this stack."""
        output = self.section("Outputs").get(name)
        if not isinstance(output, dict):
            return Unknown(f"the stack {self.stack} has no output {name}")
        return self._once(("output", name), name, lambda: self.value(output.get("Value")))

    def ref(self, target: Any) -> Any:
        """What `Ref` gives: a pseudo parameter, a resource's name, ARN or URL, or a parameter."""
        if not isinstance(target, str):
            return Unknown("Ref is not written as CloudFormation takes it")
        if target.startswith("AWS::"):
            return self._pseudo(target)
        if target in self.section("Resources"):
            if unnamed := self._unnamed(target):
                return unnamed
            match kind_of(self.type(target)).ref:
                case "url":
                    return self.url(target)
                case "arn":
                    return self.arn(target)
                case _:
                    return self.name(target)
        return self._once(("parameter", target), target, lambda: self._parameter(target))

    def attribute(self, target: str, attribute: str) -> Any:
        """What `Fn::GetAtt` gives."""
        if target not in self.section("Resources"):
            return Unknown(f"nothing is named {target}")
        if unnamed := self._unnamed(target):
            return unnamed
        kind = self.type(target)
        if attribute.startswith("Outputs.") and target in self.nested:
            return self.nested[target].output(attribute.removeprefix("Outputs."))
        if attribute in ARN_ATTRIBUTES:
            return self.arn(target)
        if attribute in NAME_ATTRIBUTES:
            return self.name(target)
        match kind, attribute:
            case "AWS::SQS::Queue", "QueueUrl":
                return self.url(target)
            case "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable", "StreamArn":
                return f"{self.arn(target)}/stream/{STREAM_LABEL}"
            case "AWS::Lambda::Version", "FunctionArn":
                return self.arn(target)
            case "AWS::Lambda::Version", "Version":
                return str(self._version_number(target))
            case (
                ("AWS::EC2::RouteTable", "RouteTableId")
                | ("AWS::EC2::SecurityGroup", "GroupId")
                | ("AWS::EC2::Subnet", "SubnetId")
                | ("AWS::EC2::VPC", "VpcId")
            ):
                return self.name(target)
            case ("AWS::EC2::VPC" | "AWS::EC2::Subnet", "CidrBlock" | "VpcId"):
                return self.value(self._written(target).get(attribute))
            case "AWS::ApiGateway::RestApi", "RootResourceId":
                return f"{self.name(target)}/"
        return Unknown(f"{target}.{attribute} is known only after deploying")

    def _unnamed(self, target: str) -> Unknown | None:
        """Why a resource cannot be referred to: it is not created, or its own name is made of this reference."""
        if self.exists(target) is False:
            return Unknown(f"{target} is not created: its condition is false")
        in_itself = {("name", target), ("arn", target)} & self._asked
        return Unknown(f"{target} refers to itself") if in_itself else None

    def _written(self, logical_id: str) -> dict[str, Any]:
        found = self.resource(logical_id).get("Properties")
        return found if isinstance(found, dict) else {}

    def _function(self, properties: Mapping[str, Any]) -> str:
        named = self.value(properties.get("FunctionName"))
        if isinstance(named, str) and named.startswith("arn:"):
            return named
        return arn_of("lambda", f"function:{named}", self.region, self.account)

    def _version_number(self, logical_id: str) -> int:
        """1 for the only version of a function that a template has, as it would be on the first deployment."""
        return int(self._once("versions", "versions", self._version_numbers)[logical_id])

    def _version_numbers(self) -> dict[str, int]:
        numbers: dict[str, int] = {}
        latest: dict[str, int] = {}
        for each in self.section("Resources"):
            if self.type(each) == "AWS::Lambda::Version":
                function = str(self._written(each).get("FunctionName"))
                numbers[each] = latest[function] = latest.get(function, 0) + 1
        return numbers

    def _pseudo(self, name: str) -> Any:
        pseudo: Mapping[str, Any] = {
            "AWS::AccountId": self.account,
            "AWS::NoValue": NOTHING,
            "AWS::NotificationARNs": [],
            "AWS::Partition": partition(self.region),
            "AWS::Region": self.region,
            "AWS::StackId": arn_of("cloudformation", f"stack/{self.stack}/0", self.region, self.account),
            "AWS::StackName": self.stack,
            "AWS::URLSuffix": url_suffix(self.region),
        }
        return pseudo.get(name, Unknown(f"nothing is named {name}"))

    def _parameter(self, name: str) -> Any:
        declared = self.section("Parameters").get(name)
        if not isinstance(declared, dict):
            return self.parameters.get(name, Unknown(f"nothing is named {name}"))
        kind = str(declared.get("Type"))
        value: Any
        if name in self.parameters:
            value = self.parameters[name]
        elif self.parent and name in (given := self._given_by_parent(*self.parent)):
            value = self.parent[0].value(given[name])
        elif kind.startswith("AWS::SSM::Parameter::Value"):
            return Unknown(f"parameter {name} is read from the Parameter Store at deployment")
        elif "Default" in declared:
            value = declared["Default"]
        else:
            return Unknown(f"parameter {name} has no default")
        lists = kind.startswith(("CommaDelimitedList", "List<"))
        return [each.strip() for each in value.split(",")] if lists and isinstance(value, str) else value

    @staticmethod
    def _given_by_parent(parent: "Resolver", logical_id: str) -> Mapping[str, Any]:
        given = parent._written(logical_id).get("Parameters")
        return given if isinstance(given, dict) else {}

    def _once(self, key: Hashable, name: str, compute: Callable[[], Any]) -> Any:
        """Compute a value once; what needs itself for that is unknown."""
        if key in self._known:
            return self._known[key]
        if key in self._asked:
            return Unknown(f"{name} refers to itself")
        self._asked.add(key)
        try:
            self._known[key] = compute()
        finally:
            self._asked.discard(key)
        return self._known[key]
