"""A topic, its subscriptions, and the fan-out behind it: topic → filtered queue with dead letters → function."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import account_problems, beside, place, refuse, seconds, shown
from cdk_event_flow.compose.functions.consumer import Consumes, consumer_of
from cdk_event_flow.compose.functions.role import allow, service_role
from cdk_event_flow.compose.known import once, path_of, remember, stack_of
from cdk_event_flow.compose.messaging.consumed import consumed_queue
from cdk_event_flow.compose.messaging.elsewhere import subscribed_from
from cdk_event_flow.compose.messaging.encryption import allow_accounts, allow_key, allow_service, stack_key
from cdk_event_flow.compose.messaging.fifo import Fifo, fifo_of
from cdk_event_flow.compose.messaging.managed_keys import managed_key_problems
from cdk_event_flow.compose.messaging.queue import DeadLetters, Queue, dead_letter_queue, undelivered
from cdk_event_flow.compose.messaging.queue_policy import let
from cdk_event_flow.compose.messaging.receivers_keys import key_of, open_key
from cdk_event_flow.compose.messaging.subscriptions import HttpRetries, fifo_problems, may_send, subscriber_of
from cdk_event_flow.compose.observe.alarms import name_in, watch_topic
from cdk_event_flow.compose.observe.parts import add_part, feeds
from cdk_event_flow.compose.statements import allowing
from cdk_event_flow.errors import PatternError, Problem
from cdk_event_flow.match import FilterPolicy
from constructs import Construct

if TYPE_CHECKING:
    from cdk_event_flow.flow.contracts import Contract

DELIVERY_ROLE_ID = "TopicDeliveryLogs"
SAMPLED_PERCENT = 5

Scope = Literal["MessageBody", "MessageAttributes"]


class Topic(Construct):
    """An SNS topic: encrypted with the stack's key (or `key`), TLS only, deliveries logged (5% of successes).

    `name` is a name of its own, which other accounts can be told (default: CloudFormation makes one; a FIFO topic's ends in
    `.fifo`). `fifo` keeps order and forbids duplicates (True, or `Fifo` with its settings); it then delivers to queues only.
    `topic` is the CDK's own construct; `topic=` takes an existing or imported one in place of our own (and `key` names its key).

    Raises ConstructError: EF-FIFO-ARCHIVE.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str | None = None,
        fifo: bool | Fifo = False,
        key: kms.IKey | None = None,
        topic: sns.ITopic | None = None,
    ) -> None:
        ordered = fifo_of(fifo)
        refuse(place(scope, id), ordered.problems(topic=True) if ordered else [])
        super().__init__(scope, id)
        remember(self, scope, id)
        self.contracts: list[Contract] = []
        self._watched = False
        self.key: kms.IKey | None = key if key or topic else stack_key(self)
        self._logged: set[sns.LoggingProtocol] = set()
        self.topic: sns.ITopic = topic or self._make(name, ordered)
        self.arn = self.topic.topic_arn
        add_part(self, self.topic, kind="topic", scope=self, called=name_in(self.arn), near=self.topic)
        self.fifo = bool(topic.fifo) if topic else ordered is not None

    @property
    def receiver(self) -> sns.ITopic:
        """What receives where this construct is given as a target."""
        return self.topic

    def fan_out(
        self,
        id: str,
        *,
        to: Consumes | lambda_.IFunction,
        where: Mapping[str, Any] | None = None,
        scope: Scope = "MessageBody",
        batch: int = 10,
        window: timedelta = timedelta(0),
        dead_letters: DeadLetters = DeadLetters(),
        visibility: timedelta | None = None,
        fair: bool = False,
    ) -> Queue:
        """Give `to` its own queue of this topic's messages, and return the queue; a FIFO topic gives a FIFO queue.

        The queue, and with it the mapping, stands in the consumer's stack, so no stack depends on the other both ways. Queue
        and dead letters share a policy and one alarm: on a dead letter, or a message that waits twice its visibility. A topic of
        another account or region is subscribed to as well; its policy must allow that, and SNS then keeps no dead letters of
        the subscription.

        `where` filters on the message body, or in the scope `MessageAttributes` on its attributes (an SNS filter policy: at
        most 5 keys and 150 combinations); without it, everything arrives. Delivery is raw. `visibility` is worked out: 6
        times the function's timeout plus `window`; it must be given for an imported function, whose timeout is not known. `fair` is
        as in `Queue`.

        Raises ConstructError: EF-FILTER (what SNS refuses), EF-FILTER-KEY (a key that no event of the topic has),
        EF-FILTER-SCOPE, EF-QUEUE-…, EF-MAPPING-….
        """
        refuse(place(self, id), [*self._filter_problems(where, scope), *dead_letters.problems()])
        home, name = beside(consumer_of(to).scope, self, id)
        # Once for all queues and mappings below the topic.
        acknowledge(self, Acknowledged.DEAD_LETTERS_OF_DEAD_LETTERS)
        acknowledge(self, Acknowledged.NO_DESTINATION)
        queue = consumed_queue(
            home,
            name,
            to,
            mapping=f"From{path_of(self).rpartition('/')[2]}{id}",
            batch=batch,
            window=window,
            dead_letters=dead_letters,
            visibility=visibility,
            fifo=self.fifo,
            fair=fair,
        )
        self._log(sns.LoggingProtocol.SQS)
        there = self._elsewhere(queue, queue.key)
        letters = queue.dead_letters_arn if there is None else None
        let(queue.queue, may_send(self.arn, [queue.arn, letters or queue.arn]))
        self._watch()
        feeds(self, queue)
        self._make_subscription(
            queue, "Subscription", where, scope, letters,
            protocol="sqs", endpoint=queue.arn, raw_message_delivery=True, **(there or {}),
        )  # fmt: skip
        return queue

    def subscribe(
        self,
        id: str,
        to: Any,
        *,
        where: Mapping[str, Any] | None = None,
        scope: Scope = "MessageBody",
        raw: bool | None = None,
        retries: HttpRetries | None = None,
    ) -> sns.CfnSubscription:
        """Subscribe what is no consumer's queue: a function, an existing queue, an `https://` address, `Email`, `Sms`,
        `PlatformEndpoint` or a Firehose delivery stream; ours or the CDK's.

        `where` and `scope` are as in `fan_out`. `raw` delivers the bare message without the envelope (default: to queues,
        streams and web servers). `retries` is for HTTPS. What cannot be delivered goes to the stack's `Undelivered` queue.

        Raises ConstructError: EF-FILTER…, EF-TOPIC-FIFO, EF-TOPIC-ENDPOINT, EF-TOPIC-RAW, EF-HTTP-…, EF-KEY-MANAGED.
        """
        subscriber = subscriber_of(to)
        refuse(
            place(self, id),
            [
                *self._filter_problems(where, scope),
                *subscriber.problems(),
                *managed_key_problems(to, "the subscriber", "SNS"),
                *fifo_problems(subscriber, topic_is_fifo=self.fifo),
                *_raw_problems(subscriber.protocol, raw=raw, takes_raw=subscriber.takes_raw),
                *(retries.problems() if retries else ()),
            ],
        )
        self._watch()
        more: dict[str, Any] = {"delivery_policy": retries.policy()} if retries else {}
        if raw if raw is not None else subscriber.takes_raw:
            more["raw_message_delivery"] = True
        home, name = beside(getattr(to, "receiver", to), self, id)
        unsent = self._ordered_dead_letters(home) if self.fifo else undelivered(home)
        feeds(self, to)
        return self._subscribe(home, name, to, where, scope, unsent, more)

    def allow_publishing(self, producer: Consumes | lambda_.IFunction) -> None:
        """Let a function publish to this topic, and encrypt its messages."""
        role = consumer_of(producer).role
        allow(role, ["sns:Publish"], [self.arn])
        if self.key is not None:
            allow_key(role, self.key)

    def allow_from(self, *, accounts: Sequence[str] = (), organization: str | None = None, services: Sequence[str] = ()) -> None:
        """Let other accounts (12 digits), all accounts of an AWS organization (`o-…`), or services of AWS in this account
        (`s3`, `cloudwatch`, `budgets` …) publish to this topic.

        The topic's key lets them in too, through SNS alone; of an imported key the synth says which statement it needs.
        Raises ConstructError: EF-ALLOW.
        """
        refuse(place(self, "Allowed"), account_problems(accounts, organization, services))
        for account in accounts:
            self._let_publish(iam.AccountPrincipal(account))
        if organization:
            self._let_publish(iam.OrganizationPrincipal(organization))
        if self.key is not None:
            allow_accounts(self.key, accounts, organization, scope=self)
        for service in services:
            self._let_publish(
                iam.ServicePrincipal(f"{service}.amazonaws.com"),
                {"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
            )
            if self.key is not None:
                allow_service(self.key, f"{service}.amazonaws.com", scope=self)

    def _let_publish(self, principal: iam.IPrincipal, conditions: Mapping[str, Any] | None = None) -> None:
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[principal], actions=["sns:Publish"], resources=[self.topic.topic_arn], conditions=conditions
            )
        )

    def _subscribe(
        self,
        where_to: Construct,
        id: str,
        to: Any,
        where: Mapping[str, Any] | None,
        scope: Scope,
        dead_letters: Any,
        more: Mapping[str, Any],
    ) -> sns.CfnSubscription:
        subscriber = subscriber_of(to)
        self._log(subscriber.logs)
        there = self._elsewhere(where_to, key_of(to))
        if there is None:
            open_key(to, "sns.amazonaws.com", where_to)
        letters = dead_letters.queue_arn if there is None else None
        if letters is not None:
            let(dead_letters, may_send(self.arn, [letters]))
        given = {"protocol": subscriber.protocol, "endpoint": subscriber.endpoint, **subscriber.permit(self.topic, where_to), **more}
        return self._make_subscription(where_to, id, where, scope, letters, **given, **(there or {}))

    def _make_subscription(
        self, where_to: Construct, id: str, where: Mapping[str, Any] | None, scope: Scope, dead_letters_arn: str | None, **given: Any
    ) -> sns.CfnSubscription:
        return sns.CfnSubscription(
            where_to,
            id,
            topic_arn=self.arn,
            filter_policy=dict(where) if where else None,
            filter_policy_scope=scope if where else None,
            redrive_policy={"deadLetterTargetArn": dead_letters_arn} if dead_letters_arn else None,
            **given,
        )

    def _elsewhere(self, scope: Construct, key: kms.IKey | None) -> dict[str, Any] | None:
        """What a subscription says of a topic of another account or region, as only one that was imported, or stands in another
        stack, can be; None for all others."""
        if isinstance(self.topic, sns.Topic) and stack_of(scope) is stack_of(self):
            return None
        return subscribed_from(self.topic, scope, key)

    def _ordered_dead_letters(self, home: Construct) -> Any:
        """The topic's FIFO queue for what it cannot deliver, one a stack: a FIFO topic takes no other."""
        scope, id = beside(home, self, "Undelivered")
        return scope.node.try_find_child(id) or dead_letter_queue(scope, id, key=stack_key(scope), fifo=True)

    def _filter_problems(self, where: Mapping[str, Any] | None, scope: Scope) -> list[Problem]:
        if where is None:
            return []
        try:
            FilterPolicy(dict(where), scope=scope)
        except PatternError as refused:
            return [
                Problem(code="EF-FILTER", given=f"where={shown(dict(where))} is refused: {refused.reason}", allowed=p.allowed,
                        fix=p.fix)
                for p in refused.problems
            ]  # fmt: skip
        if not self.contracts:
            return []
        from cdk_event_flow.flow.contracts import unknown_filter_keys  # with all of `flow`, which topics without events do not need

        events = ", ".join(contract.detail_type for contract in self.contracts)
        if scope == "MessageAttributes":
            return [
                Problem(code="EF-FILTER-SCOPE", given=f"a filter on attributes, and a bus sends {events} to this topic",
                        allowed="EventBridge (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html) publishes "
                        "without message attributes, so the filter would never match", fix='filter on the body: scope="MessageBody"')
            ]  # fmt: skip
        return [
            Problem(
                code="EF-FILTER-KEY",
                given=f"where filters on {path}",
                allowed=f"the events of this topic ({events}) have no such key"
                + (f"; there is {', '.join(suggestions)}" if suggestions else ""),
                fix="use a key of the event, or add it to the event's model",
            )
            for path, suggestions in unknown_filter_keys(dict(where), self.contracts)
        ]

    def _watch(self) -> None:
        """From the first subscription on, there is something that can be lost."""
        if not self._watched:
            self._watched = True
            watch_topic(self, name_in(self.arn))

    def _make(self, name: str | None, fifo: Fifo | None) -> sns.Topic:
        scope = sns.FifoThroughputScope.MESSAGE_GROUP if fifo and fifo.per_group else None
        self._logged.add(sns.LoggingProtocol.SQS)
        return sns.Topic(
            self,
            "Topic",
            topic_name=name,
            fifo=True if fifo else None,
            content_based_deduplication=fifo.content_deduplication if fifo else None,
            fifo_throughput_scope=scope,
            message_retention_period_in_days=seconds(fifo.archive) // 86_400 if fifo and fifo.archive else None,
            master_key=self.key,
            enforce_ssl=True,
            logging_configs=[_logging(self, sns.LoggingProtocol.SQS)],
        )

    def _log(self, protocol: sns.LoggingProtocol | None) -> None:
        """Log deliveries by this protocol too, where SNS can and the topic is ours."""
        if protocol is None or protocol in self._logged or not isinstance(self.topic, sns.Topic) or self.key is None:
            return
        self._logged.add(protocol)
        self.topic.add_logging_config(**_logging_properties(self, protocol))


def _raw_problems(protocol: str, *, raw: bool | None, takes_raw: bool) -> list[Problem]:
    if not raw or takes_raw:
        return []
    return [
        Problem(code="EF-TOPIC-RAW", given=f"raw delivery by {protocol}",
                allowed="SNS (https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html) delivers raw "
                "to queues, web servers and delivery streams", fix="leave out raw")
    ]  # fmt: skip


def _logging(scope: Construct, protocol: sns.LoggingProtocol) -> sns.LoggingConfig:
    return sns.LoggingConfig(**_logging_properties(scope, protocol))


def _logging_properties(scope: Construct, protocol: sns.LoggingProtocol) -> dict[str, Any]:
    role = _delivery_role(scope)
    return {
        "protocol": protocol,
        "failure_feedback_role": role,
        "success_feedback_role": role,
        "success_feedback_sample_rate": SAMPLED_PERCENT,
    }


def _delivery_role(scope: Construct) -> iam.Role:
    """The stack's one role with which SNS writes delivery logs; SNS names the groups `sns/region/account/topic`."""
    return once(scope, DELIVERY_ROLE_ID, _make_delivery_role)


def _make_delivery_role(stack: cdk.Stack) -> iam.Role:
    groups = f"arn:{cdk.Aws.PARTITION}:logs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:log-group:sns/{cdk.Aws.REGION}/*"
    actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:PutMetricFilter"]
    role = service_role(stack, DELIVERY_ROLE_ID, "sns", [allowing(actions, [groups])])
    acknowledge(role, Acknowledged.LOG_GROUPS_NAMED_BY_SNS)
    return role
