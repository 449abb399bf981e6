"""A topic, and the fan-out behind it: topic → filtered queue with dead letters → function."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import place, refuse, seconds
from cdk_event_flow.compose.functions.consumer import Consumes, consumer_of
from cdk_event_flow.compose.messaging.encryption import stack_key
from cdk_event_flow.compose.messaging.queue import DeadLetters, Queue
from cdk_event_flow.compose.observe.alarms import oldest_message_alarm
from cdk_event_flow.compose.sources.mappings import consume
from cdk_event_flow.errors import ConstructError, PatternError, Problem
from cdk_event_flow.flow.contracts import Contract, unknown_filter_keys
from cdk_event_flow.match import FilterPolicy
from constructs import Construct

DELIVERY_ROLE_ID = "TopicDeliveryLogs"
SAMPLED_PERCENT = 5
VISIBILITY_FACTOR = 6  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html


class Topic(Construct):
    """An SNS topic: encrypted with the stack's key (or `key`), TLS only, deliveries to queues logged (5% of successes).

    `topic` is the CDK's own construct; `topic=` takes an existing or imported one in place of our own.
    """

    def __init__(self, scope: Construct, id: str, *, topic: sns.ITopic | None = None, key: kms.IKey | None = None) -> None:
        place(scope, id)
        super().__init__(scope, id)
        self.contracts: list[Contract] = []
        self.topic: sns.ITopic = topic or self._make(key or stack_key(self))

    @property
    def receiver(self) -> sns.ITopic:
        """What receives where this construct is given as a target."""
        return self.topic

    def fan_out(
        self,
        id: str,
        *,
        to: Consumes | lambda_.FunctionBase,
        where: Mapping[str, Any] | None = None,
        batch: int = 10,
        window: timedelta = timedelta(0),
        dead_letters: DeadLetters = DeadLetters(),
        visibility: timedelta | None = None,
    ) -> Queue:
        """Give `to` its own queue of this topic's messages, and return the queue.

        `where` filters on the message body (an SNS filter policy: at most 5 top-level keys and 150 combinations); without
        it, everything arrives. Delivery is raw. `visibility` is worked out: 6 times the function's timeout
        plus `window`; it must be given for an imported function, whose timeout is not known.

        Raises ConstructError: EF-FILTER (what SNS refuses), EF-FILTER-KEY (a key that no event of the topic has),
        EF-QUEUE-VISIBILITY (not known).
        """
        at = place(self, id)
        refuse(at, [*self._filter_problems(where), *dead_letters.problems()])
        visibility = visibility or _worked_out(at, consumer_of(to).timeout, window)
        queue = Queue(self, id, visibility=visibility, dead_letters=dead_letters)
        for each in (queue.queue, queue.dead_letter_queue):
            if each is not None:
                each.add_to_resource_policy(self._may_send(each.queue_arn))
        sns.CfnSubscription(
            queue,
            "Subscription",
            topic_arn=self.topic.topic_arn,
            protocol="sqs",
            endpoint=queue.queue.queue_arn,
            raw_message_delivery=True,
            filter_policy=dict(where) if where else None,
            filter_policy_scope="MessageBody" if where else None,
            redrive_policy={"deadLetterTargetArn": queue.dead_letter_queue.queue_arn} if queue.dead_letter_queue else None,
        )
        oldest_message_alarm(queue, "OldestAlarm", queue.queue, promise=2 * seconds(visibility))
        consume(queue.queue, to, id=f"From{self.node.id}{id}", batch=batch, window=window)
        return queue

    def _filter_problems(self, where: Mapping[str, Any] | None) -> list[Problem]:
        if where is None:
            return []
        try:
            FilterPolicy(dict(where), scope="MessageBody")
        except PatternError as refused:
            return [
                Problem(code="EF-FILTER", given=f"where={dict(where)!r} is refused: {refused.reason}", allowed=p.allowed,
                        fix=p.fix)
                for p in refused.problems
            ]  # fmt: skip
        if not self.contracts:
            return []
        events = ", ".join(contract.detail_type for contract in self.contracts)
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

    def _may_send(self, queue_arn: str) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            principals=[iam.ServicePrincipal("sns.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[queue_arn],
            conditions={"ArnEquals": {"aws:SourceArn": self.topic.topic_arn}},
        )

    def _make(self, key: kms.IKey) -> sns.Topic:
        role = _delivery_role(self)
        return sns.Topic(
            self,
            "Topic",
            master_key=key,
            enforce_ssl=True,
            logging_configs=[
                sns.LoggingConfig(
                    protocol=sns.LoggingProtocol.SQS,
                    failure_feedback_role=role,
                    success_feedback_role=role,
                    success_feedback_sample_rate=SAMPLED_PERCENT,
                )
            ],
        )


def _worked_out(at: str, timeout: timedelta | None, window: timedelta) -> timedelta:
    """The visibility that AWS recommends behind a function with this timeout."""
    if timeout is None:
        raise ConstructError(
            at,
            Problem(code="EF-QUEUE-VISIBILITY", given="the consumer's timeout is not known",
                    allowed="Lambda (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html) "
                    "wants a queue's visibility to be 6 times the timeout", fix="give visibility"),
        )  # fmt: skip
    return VISIBILITY_FACTOR * timeout + window


def _delivery_role(scope: Construct) -> iam.Role:
    """The stack's one role with which SNS writes delivery logs; SNS names the groups `sns/region/account/topic`."""
    stack = cdk.Stack.of(scope)
    found = stack.node.try_find_child(DELIVERY_ROLE_ID)
    if found is not None:
        return found  # type: ignore[return-value]
    role = iam.Role(stack, DELIVERY_ROLE_ID, assumed_by=iam.ServicePrincipal("sns.amazonaws.com"))
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:PutMetricFilter"],
            resources=[f"arn:{cdk.Aws.PARTITION}:logs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:log-group:sns/{cdk.Aws.REGION}/*"],
        )
    )
    acknowledge(role, Acknowledged.LOG_GROUPS_NAMED_BY_SNS)
    return role
