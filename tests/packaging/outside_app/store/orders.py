"""The library's constructs and plain CDK's, each given to the other."""

from datetime import timedelta
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from cdk_event_flow import EventBus, Queue, Schedule, Topic
from constructs import Construct

from store.foundation import Foundation
from store.own import FUNCTIONS, HouseFunction, PatientQueue

ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
SUBMITTED = {"source": ["store"], "detail-type": ["OrderSubmitted"]}


class Orders(cdk.Stack):
    """Orders come on the foundation's bus."""

    def __init__(self, scope: Construct, id: str, *, foundation: Foundation, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        bus = EventBus(self, "Bus", bus=foundation.bus)
        self.topic = Topic(self, "Submitted")
        bus.route("Submit", SUBMITTED, to=self.topic)

        # Plain dead letters, as this house had them.
        self.letters = sqs.Queue(self, "Letters", enforce_ssl=True, retention_period=cdk.Duration.days(14))
        waiting = self.letters.metric_approximate_number_of_messages_visible(statistic="max")
        alarm = waiting.create_alarm(self, "LettersAlarm", threshold=0, evaluation_periods=1, comparison_operator=ABOVE)
        alarm.add_alarm_action(actions.SnsAction(foundation.alerts))

        # Ours, subclassed; and a plain function behind our fan-out.
        self.billing = HouseFunction(self, "Billing", folder="billing", alerts=foundation.alerts)
        self.stock = lambda_.Function(
            self,
            "Stock",
            code=lambda_.Code.from_asset(str(FUNCTIONS / "stock"), exclude=["**/__pycache__"]),
            handler="handler.handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            timeout=cdk.Duration.seconds(20),
            dead_letter_queue=self.letters,
        )
        self.bills = self.topic.fan_out("Billing", to=self.billing, where={"detail": {"total": [{"numeric": [">", 0]}]}})
        self.topic.fan_out("Stock", to=self.stock, where={"detail": {"region": ["eu", "us"]}}, batch=5)

        # A plain rule to a queue of ours, and to an alias of ours; a plain event source on it.
        self.returned = PatientQueue(self, "Returned")
        self.returns = HouseFunction(self, "Returns", folder="returns", alerts=foundation.alerts)
        rule = events.Rule(
            self, "OnReturn", event_bus=foundation.bus, event_pattern=events.EventPattern(source=["store"], detail_type=["Returned"])
        )
        rule.add_target(targets.SqsQueue(self.returned.queue, dead_letter_queue=self.letters))
        rule.add_target(targets.LambdaFunction(self.returns.alias, dead_letter_queue=self.letters))
        self.stock.add_event_source(sources.SqsEventSource(self.returned.queue, report_batch_item_failures=True))

        # A plain topic in our route, with a plain subscription, and one of ours; a plain queue under our topic and our function.
        news = sns.Topic(self, "News", enforce_ssl=True)
        bus.route("Tell", {"source": ["store"], "detail-type": ["Shipped"]}, to=news)
        parcels = sqs.Queue(
            self,
            "Parcels",
            enforce_ssl=True,
            visibility_timeout=cdk.Duration.minutes(2),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.letters, max_receive_count=5),
        )
        news.add_subscription(subscriptions.SqsSubscription(parcels, raw_message_delivery=True, dead_letter_queue=self.letters))
        self.billing.consume(parcels)
        refunds = Queue(self, "Refunds")
        self.topic.topic.add_subscription(
            subscriptions.SqsSubscription(
                refunds.queue,
                raw_message_delivery=True,
                dead_letter_queue=self.letters,
                filter_policy_with_message_body={
                    "detail": sns.FilterOrPolicy.policy(
                        {"refund": sns.FilterOrPolicy.filter(sns.SubscriptionFilter.string_filter(allowlist=["yes"]))}
                    )
                },
            )
        )
        self.returns.consume(refunds)

        # Grants of the CDK on what ours made, and the other way round.
        foundation.orders.grants.read_write_data(self.billing.role)
        self.returned.queue.grant_send_messages(self.billing.role)
        self.topic.topic.grant_publish(self.returns.role)
        self.billing.function.grant_invoke(self.stock)
        self.billing.function.add_environment("ORDERS", foundation.orders.table_name)

        # Escape hatches.
        cast("sqs.CfnQueue", self.returned.queue.node.default_child).add_property_override("MaximumMessageSize", 65536)
        cast("lambda_.CfnFunction", self.billing.function.node.default_child).add_property_override("MemorySize", 384)
        cast("sns.CfnTopic", self.topic.topic.node.default_child).display_name = "Submitted orders"
        self.billing.alias.add_permission("Partner", principal=cast("Any", cdk.aws_iam.AccountPrincipal("444455556666")))

        Schedule(self, "Nightly", cron="0 2 * * ? *", timezone="Europe/Berlin", to=self.stock, window=timedelta(minutes=15))


class Audit(cdk.NestedStack):
    """A nested stack that listens to a topic of its parent's."""

    def __init__(self, scope: Construct, id: str, *, orders: Orders, foundation: Foundation) -> None:
        super().__init__(scope, id)
        audit = HouseFunction(self, "Audit", folder="audit", alerts=foundation.alerts)
        orders.topic.fan_out("Audit", to=audit)
