"""Where a dead letter goes back to: what failed to take it, in the form in which that was given it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.dead_letters import DeadLetters
from cdk_event_flow.flow.model import Bus, Function, Queue, Rule, Schedule, Subscription, Target, Topic
from cdk_event_flow.flow.payload import as_json, as_text, json_or_text, rule_target_payload, sns_lambda_event
from cdk_event_flow.flow.permissions.services import service_of
from cdk_event_flow.operate.letters import OF_EVENTBRIDGE, OF_LAMBDA, DeadLetter
from cdk_event_flow.operate.stack import Stack

# Services by the third part of an ARN, and what they take a message as.
TAKERS = {"sqs": "queue", "sns": "topic", "events": "bus", "lambda": "function"}


def place_of(stack: Stack, name: str) -> str:
    """The ARN of what letters are sent to by `--to`: an ARN, or a name in the stack. Raises RunError where there is none."""
    return name if service_of(name) in TAKERS else stack.find(name, Queue, Topic, Bus, Function).arn


class NoWayError(Exception):
    """A dead letter cannot be sent anywhere by itself, as a sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """What is sent for a dead letter, to the queue, topic, bus or function `arn`. Attributes are in SQS's form.

    `fifo` says that the queue or topic keeps the order of a `group`, and takes a `deduplication` id once in five minutes.
    """

    letter: DeadLetter
    arn: str
    body: str
    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fifo: bool = False
    group: str = ""
    deduplication: str = ""
    trace_header: str = ""

    @property
    def service(self) -> str:
        """The service that takes it (`sqs`)."""
        return service_of(self.arn)


@dataclass(frozen=True)
class WayBack:
    """The ways back from one dead-letter queue, which `serves` what is told of it in the flow.

    `invoked(letter, functions)` finds out which of several functions (their ARNs) the failed invoke was of.
    """

    flow: Flow
    serves: tuple[DeadLetters, ...]
    invoked: Callable[[DeadLetter, frozenset[str]], str | None] = lambda _, __: None

    def copy(self, letter: DeadLetter, body: str, to: str | None = None) -> Copy:
        """The copy to send with `body`, the letter's own or an edited one: back to its source, or as it is to `to`.

        Raises NoWayError.
        """
        if to is not None:
            return self._copy(letter, to, body, letter.attributes)
        if letter.source_arn:
            return self._copy(letter, letter.source_arn, body, letter.attributes)
        if letter.text("TARGET_ARN"):
            return self._to_target(letter, body)
        if letter.text("RequestID") and letter.text("ErrorCode"):
            return self._copy(letter, self._function(letter), body, _without(letter, OF_LAMBDA))
        if letter.record is not None:
            return self._from_record(letter, body)
        return self._by_what_it_serves(letter, body)

    def _copy(self, letter: DeadLetter, arn: str, body: str, attributes: Mapping[str, Mapping[str, Any]], group: str = "") -> Copy:
        if service_of(arn) not in TAKERS:
            raise NoWayError(f"{arn} is no queue, topic, bus or function, so nothing can be sent there; give --to")
        node = self.flow.nodes.get(arn)
        fifo = node.fifo if isinstance(node, Queue | Topic) else arn.endswith(".fifo")
        return Copy(
            letter=letter,
            arn=arn,
            body=body,
            attributes=attributes,
            fifo=fifo,
            group=group or letter.group or (letter.id if fifo else ""),
            deduplication=(letter.system.get("MessageDeduplicationId") or letter.id) if fifo else "",
            trace_header=letter.system.get("AWSTraceHeader", ""),
        )

    def _to_target(self, letter: DeadLetter, body: str) -> Copy:
        """A rule keeps the event as it matched it, so the target's input is made of it again; a schedule keeps the input."""
        owner, arn = letter.text("RULE_ARN") or letter.text("SCHEDULE_ARN"), letter.text("TARGET_ARN")
        node = self.flow.nodes.get(owner)
        targets = node.targets if isinstance(node, Rule) else (node.target,) if isinstance(node, Schedule) else ()
        target: Target | None = next((each for each in targets if each.arn == arn), None)
        if target is None:
            raise NoWayError(f"{owner or 'the rule'} is not in this stack, or has the target {arn} no more; give --to")
        if isinstance(node, Rule):
            event = json_or_text(body)
            if not isinstance(event, dict):
                raise NoWayError("it is no event, so the rule's target cannot be given one; give --to")
            body = as_json(rule_target_payload(target, event, node))
        return self._copy(letter, arn, body, _without(letter, OF_EVENTBRIDGE), target.message_group_id or "")

    def _function(self, letter: DeadLetter) -> str:
        """The function whose asynchronous invoke ended here, as it is called by what invokes it."""
        functions = frozenset(each.source for each in self.serves if each.kind == "invoke")
        function = next(iter(functions)) if len(functions) == 1 else self.invoked(letter, functions)
        if function is None:
            names = ", ".join(sorted(self.flow.names.get(arn, arn) for arn in functions)) or "none of this stack"
            raise NoWayError(f"neither the message nor the logs say which function it is of ({names}); give --to")
        called = {arn for arn in self._called() if (node := self.flow.function(arn)) and node.arn == function}
        return called.pop() if len(called) == 1 else function

    def _called(self) -> list[str]:
        arns = [target.arn for rule in self.flow.of(Rule) for target in rule.targets]
        arns += [schedule.target.arn for schedule in self.flow.of(Schedule)]
        return arns + [each.endpoint for each in self.flow.of(Subscription)]

    def _from_record(self, letter: DeadLetter, body: str) -> Copy:
        """Lambda's record for a destination holds what the function was given."""
        record = json_or_text(body)
        try:
            arn, payload = record["requestContext"]["functionArn"], record["requestPayload"]
        except (TypeError, KeyError):
            raise NoWayError("the record says no more which function it is of; give --to") from None
        return self._copy(letter, str(arn).removesuffix(":$LATEST"), json.dumps(payload), {})

    def _by_what_it_serves(self, letter: DeadLetter, body: str) -> Copy:
        subscriptions = self._subscriptions(json_or_text(letter.body))
        if subscriptions:
            return self._to_subscriber(letter, body, subscriptions)
        queues = {each.source for each in self.serves if each.kind == "queue"}
        if len(queues) != 1:
            raise NoWayError("the message does not say where it comes from; give --to")
        return self._copy(letter, queues.pop(), body, letter.attributes)

    def _subscriptions(self, said: Any) -> list[Subscription]:
        """The subscriptions that it can be of: SNS writes down the topic and the subscription, without raw delivery."""
        arns = {each.queue for each in self.serves if each.kind == "subscription"}
        found = [each for each in self.flow.of(Subscription) if each.dead_letter_arn in arns]
        topic, mark = (said.get("TopicArn"), str(said.get("UnsubscribeURL"))) if isinstance(said, dict) else (None, "")
        of_topic = [each for each in found if each.topic_arn == topic] or [each for each in found if each.raw] or found
        return [each for each in of_topic if each.arn in mark] or of_topic

    def _to_subscriber(self, letter: DeadLetter, body: str, subscriptions: list[Subscription]) -> Copy:
        endpoints = {each.endpoint for each in subscriptions}
        if len(endpoints) != 1:
            raise NoWayError(f"the message does not say which of {len(endpoints)} subscriptions it is of; give --to")
        subscription = subscriptions[0]
        if subscription.protocol == "lambda":
            given = json_or_text(body)
            if isinstance(given, dict) and given.get("Type") == "Notification":
                body = as_text(sns_lambda_event(given, subscription.arn))
            return self._copy(letter, subscription.endpoint, body, {})
        return self._copy(letter, subscription.endpoint, body, letter.attributes)


def _without(letter: DeadLetter, names: tuple[str, ...]) -> dict[str, Mapping[str, Any]]:
    """The attributes that the message had before it was laid down."""
    return {name: value for name, value in letter.attributes.items() if name not in names}
