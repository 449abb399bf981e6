"""Amazon SNS, answered by the run's own topics."""

import json
import re
from typing import Any

from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.post import Parcel
from cdk_event_flow.local.services.service import Result, Service, batch
from cdk_event_flow.local.topics import LocalTopic
from cdk_event_flow.local.wire import Caller, ServiceError

_LONGEST_SUBJECT = 100
_TYPE = re.compile(r"(String|Number|Binary)(\.|$)")


class Sns(Service):
    """Publishing, and reading what topics there are."""

    name = "sns"

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self.operations = {
            "Publish": self._publish,
            "PublishBatch": self._publish_batch,
            "ListTopics": self._list_topics,
            "GetTopicAttributes": self._get_attributes,
            "GetSubscriptionAttributes": self._get_subscription,
            "ListSubscriptions": self._list_subscriptions,
            "ListSubscriptionsByTopic": self._list_by_topic,
        }

    def _topic(self, arn: str | None) -> LocalTopic:
        topic = self._engine.topic(arn or "")
        if topic is None:
            raise ServiceError("NotFound", "Topic does not exist")
        return topic

    def _publish(self, parameters: dict[str, Any], caller: Caller) -> Result:
        if parameters.get("PhoneNumber"):
            return self._text(parameters, caller)
        return self._accept(self._topic(parameters.get("TopicArn") or parameters.get("TargetArn")), parameters, caller)

    def _publish_batch(self, parameters: dict[str, Any], caller: Caller) -> Result:
        topic = self._topic(parameters["TopicArn"])
        return batch(parameters["PublishBatchRequestEntries"], lambda entry: self._accept(topic, entry, caller))

    def _text(self, parameters: dict[str, Any], caller: Caller) -> Result:
        """A text message to a phone: shown, never sent."""
        trace = self._engine.hub.trace
        number, text = parameters["PhoneNumber"], parameters["Message"]
        delivery = trace.begin("sms", number, number, text, origin="Publish", cause=caller.trace_header, request=caller.request_id)
        trace.shown(delivery, "sms")
        return {"MessageId": self._engine.hub.ids.uuid()}

    def _accept(self, topic: LocalTopic, entry: dict[str, Any], caller: Caller) -> Result:
        message, by_protocol = _message(entry)
        _check(entry)
        parcel = Parcel(
            body=message,
            attributes=entry.get("MessageAttributes") or {},
            group_id=entry.get("MessageGroupId"),
            deduplication_id=entry.get("MessageDeduplicationId"),
            trace_header=caller.trace_header,
        )
        topic.check(parcel)
        delivery = self._engine.hub.trace.begin(
            topic.kind, topic.node.arn, topic.name, message, origin="Publish", cause=caller.trace_header, request=caller.request_id
        )
        message_id = topic.publish(parcel, delivery, subject=entry.get("Subject"), by_protocol=by_protocol)
        return {"MessageId": message_id}

    def _list_topics(self, _: dict[str, Any], __: Caller) -> Result:
        return {"Topics": [{"TopicArn": topic.node.arn} for topic in self._engine.topics]}

    def _get_attributes(self, parameters: dict[str, Any], _: Caller) -> Result:
        topic = self._topic(parameters["TopicArn"])
        attributes = {
            "TopicArn": topic.node.arn,
            "Owner": self._engine.account,
            "SubscriptionsConfirmed": str(len(topic.subscriptions)),
        }
        if topic.node.fifo:
            attributes["FifoTopic"] = "true"
            attributes["ContentBasedDeduplication"] = str(topic.node.content_deduplication).lower()
        return {"Attributes": attributes}

    def _get_subscription(self, parameters: dict[str, Any], _: Caller) -> Result:
        arn = parameters["SubscriptionArn"]
        found = next((s for topic in self._engine.topics for s, _ in topic.subscriptions if s.arn == arn), None)
        if found is None:
            raise ServiceError("NotFound", "Subscription does not exist")
        attributes = {
            "SubscriptionArn": found.arn,
            "TopicArn": found.topic_arn,
            "Protocol": found.protocol,
            "Endpoint": found.endpoint,
            "Owner": self._engine.account,
            "RawMessageDelivery": str(found.raw).lower(),
            "PendingConfirmation": "false",
            "ConfirmationWasAuthenticated": "true",
        }
        if found.filter_policy is not None:
            attributes |= {"FilterPolicy": json.dumps(found.filter_policy), "FilterPolicyScope": found.filter_scope}
        if found.dead_letter_arn:
            attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": found.dead_letter_arn})
        return {"Attributes": attributes}

    def _list_subscriptions(self, _: dict[str, Any], __: Caller) -> Result:
        return {"Subscriptions": [s for topic in self._engine.topics for s in self._subscriptions(topic)]}

    def _list_by_topic(self, parameters: dict[str, Any], _: Caller) -> Result:
        return {"Subscriptions": self._subscriptions(self._topic(parameters["TopicArn"]))}

    def _subscriptions(self, topic: LocalTopic) -> list[Result]:
        return [
            {
                "SubscriptionArn": subscription.arn,
                "Owner": self._engine.account,
                "Protocol": subscription.protocol,
                "Endpoint": subscription.endpoint,
                "TopicArn": topic.node.arn,
            }
            for subscription, _ in topic.subscriptions
        ]


def _check(entry: dict[str, Any]) -> None:
    """Raise ServiceError for a subject, message or attribute that SNS refuses.

    https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    """
    subject = entry.get("Subject")
    if not entry["Message"]:
        raise ServiceError("InvalidParameter", "Invalid parameter: Empty message")
    if subject is not None and not (0 < len(subject) <= _LONGEST_SUBJECT and subject.isascii() and subject.isprintable()):
        raise ServiceError("InvalidParameter", "Invalid parameter: Subject")
    for name, attribute in (entry.get("MessageAttributes") or {}).items():
        if not _TYPE.match(str(attribute.get("DataType"))):
            message = f"The message attribute '{name}' has an invalid message attribute type, "
            raise ServiceError("ParameterValueInvalid", f"{message}the set of supported type prefixes is Binary, Number, and String.")


def _message(entry: dict[str, Any]) -> tuple[str, dict[str, str] | None]:
    """The message, and with MessageStructure `json` the messages by protocol."""
    message = str(entry["Message"])
    if entry.get("MessageStructure") != "json":
        return message, None
    try:
        by_protocol = json.loads(message)
    except ValueError:
        raise ServiceError("InvalidParameter", "Invalid parameter: Message Structure - JSON message body failed to parse") from None
    if not isinstance(by_protocol, dict) or not isinstance(by_protocol.get("default"), str):
        raise ServiceError("InvalidParameter", "Invalid parameter: Message Structure - No default entry in JSON message body")
    return by_protocol["default"], {key: str(text) for key, text in by_protocol.items()}
