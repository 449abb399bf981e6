"""SNS topics: publish, filter, hand on to queues, functions and this machine's addresses; what would leave it is shown, never sent.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
"""

import hashlib
from collections.abc import Mapping, Sequence

from cdk_event_flow.flow.attributes import in_sns
from cdk_event_flow.flow.model import Subscription, Topic
from cdk_event_flow.flow.payload import as_text, sns_envelope, sns_lambda_event
from cdk_event_flow.local.duplicates import Duplicates
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.ids import iso_milliseconds
from cdk_event_flow.local.messages import size_in_bytes
from cdk_event_flow.local.patience import LastResort, Patience, Sender
from cdk_event_flow.local.post import Parcel, RefusedError
from cdk_event_flow.local.retries import Retries
from cdk_event_flow.local.trace import Delivery, State
from cdk_event_flow.local.why import nearest_first
from cdk_event_flow.match import FilterPolicy

MESSAGE_BYTES = 262_144
_WEB = ("http", "https")


class LocalTopic:
    """One topic with its subscriptions."""

    kind = "topic"

    def __init__(
        self,
        node: Topic,
        subscriptions: Sequence[Subscription],
        *,
        hub: Hub,
        retries: Retries,
    ) -> None:
        self.node = node
        self.name = node.name
        self.subscriptions = [(s, _policy(s)) for s in subscriptions if s.topic_arn == node.arn]
        self._clock = hub.clock
        self._ids = hub.ids
        self._trace = hub.trace
        self._post = hub.post
        self._retries = retries
        self.duplicates = Duplicates(hub=hub)

    def take(self, parcel: Parcel, delivery: Delivery) -> None:
        """Publish for another service."""
        self.publish(parcel, delivery)

    def publish(
        self,
        parcel: Parcel,
        delivery: Delivery,
        *,
        subject: str | None = None,
        by_protocol: Mapping[str, str] | None = None,
    ) -> str:
        """Accept a message and hand it to every subscription that wants it; returns the message id.

        `by_protocol` holds the messages of MessageStructure `json`. Raises RefusedError as Publish refuses.
        """
        self.check(parcel)
        message_id = self._ids.uuid()
        if self.node.fifo:
            duplicate = self._earlier(parcel, message_id)
            if duplicate:
                self._trace.end(delivery, State.DROPPED, f"duplicate of message {duplicate} within 5 minutes")
                return duplicate
        wanted = [s for s, policy in self.subscriptions if policy is None or _wants(policy, parcel)]
        for subscription in wanted:
            body = (by_protocol or {}).get(subscription.protocol, parcel.body)
            sent = self._parcel(subscription, parcel, body, message_id=message_id, subject=subject)
            self._hand_on(subscription, sent, delivery)
        if wanted:
            self._trace.forward(delivery)
        else:
            self._trace.unmatched(delivery, lambda: self._why(parcel))
        return message_id

    def check(self, parcel: Parcel) -> None:
        """Raise RefusedError if Publish would refuse."""
        problem = ""
        if size_in_bytes(parcel.body, parcel.attributes) > MESSAGE_BYTES:
            problem = "Message too long"
        elif self.node.fifo and not parcel.group_id:
            problem = "The MessageGroupId parameter is required for FIFO topics"
        elif self.node.fifo and not (parcel.deduplication_id or self.node.content_deduplication):
            problem = "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
        if problem:
            raise RefusedError("InvalidParameter", f"Invalid parameter: {problem}", retry=False)

    def _earlier(self, parcel: Parcel, message_id: str) -> str | None:
        """The id of the message that this one repeats within five minutes; else this one is remembered."""
        key = parcel.deduplication_id or hashlib.sha256(parcel.body.encode()).hexdigest()
        parcel.deduplication_id = key
        if known := self.duplicates.earlier(key):
            return known.message_id
        self.duplicates.remember(self.node.arn, key, message_id)
        return None

    def _why(self, parcel: Parcel) -> tuple[str, ...]:
        if not self.subscriptions:
            return (f"{self._post.name(self.node.arn)} has no subscriptions",)
        return nearest_first(
            (self._post.name(subscription.arn), policy.explain(parcel.body, in_sns(parcel.attributes)))
            for subscription, policy in self.subscriptions
            if policy is not None
        )

    def _hand_on(self, subscription: Subscription, sent: Parcel, delivery: Delivery) -> None:
        to_queue, to_function = subscription.protocol == "sqs", subscription.protocol == "lambda"
        kind, name = self._post.kind_and_name(subscription.endpoint)
        to_web = subscription.protocol in _WEB
        if not (to_queue or to_function):
            kind, name = subscription.protocol, subscription.endpoint
        child = self._trace.child(delivery, kind, subscription.endpoint, name, sent.body, via=self._post.name(subscription.arn))
        if not (to_queue or to_function or to_web):
            self._trace.shown(child, subscription.protocol)
            return
        sender = Sender.SNS_HTTP if to_web else Sender.SNS
        self._retries.deliver(
            subscription.endpoint,
            sent,
            child,
            patience=Patience(sender=sender),
            last_resort=LastResort(sender=sender, arn=subscription.dead_letter_arn, parcel=sent),
        )

    def _parcel(self, subscription: Subscription, parcel: Parcel, body: str, *, message_id: str, subject: str | None) -> Parcel:
        envelope = sns_envelope(
            body,
            self.node.arn,
            attributes=in_sns(parcel.attributes),
            id=message_id,
            time=iso_milliseconds(self._clock.now()),
            subject=subject,
            subscription_arn=subscription.arn,
        )
        if subscription.protocol == "lambda":
            text = as_text(sns_lambda_event(envelope, subscription.arn))
            return Parcel(body=text, trace_header=parcel.trace_header)
        enveloped = subscription.protocol in ("sqs", "email-json", *_WEB) and not subscription.raw
        web = {
            "x-amz-sns-message-type": "Notification",
            "x-amz-sns-message-id": message_id,
            "x-amz-sns-topic-arn": self.node.arn,
            "x-amz-sns-subscription-arn": subscription.arn,
            **({"x-amz-sns-rawdelivery": "true"} if subscription.raw else {}),
        }
        return Parcel(
            body=as_text(envelope) if enveloped else body,
            attributes={} if enveloped else parcel.attributes,
            trace_header=parcel.trace_header,
            group_id=parcel.group_id,
            deduplication_id=parcel.deduplication_id,
            web=web if subscription.protocol in _WEB else {},
        )


def _policy(subscription: Subscription) -> FilterPolicy | None:
    if subscription.filter_policy is None:
        return None
    return FilterPolicy(subscription.filter_policy, scope=subscription.filter_scope)


def _wants(policy: FilterPolicy, parcel: Parcel) -> bool:
    return policy.matches(parcel.body, in_sns(parcel.attributes))
