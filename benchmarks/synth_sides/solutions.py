"""The same stack of AWS Solutions Constructs, as far as they go: no version or alias, no alarms, no filter on the body without a
subscription of one's own properties."""

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_solutions_constructs.aws_sns_sqs import SnsToSqs
from aws_solutions_constructs.aws_sqs_lambda import SqsToLambda


class Consumers(cdk.Stack):
    """One topic, and consumers that are added one by one."""

    def __init__(self, scope, id):
        super().__init__(scope, id)
        self._topic = None

    def add(self, name, code, least):
        """One more consumer, of events whose total is over `least`."""
        over = sns.FilterOrPolicy.filter(sns.SubscriptionFilter.numeric_filter(greater_than=least))
        topic = {"existing_topic_obj": self._topic} if self._topic else {}
        fan_out = SnsToSqs(
            self,
            f"{name}FanOut",
            sqs_subscription_props={"raw_message_delivery": True, "filter_policy_with_message_body": {"total": over}},
            **topic,
        )
        self._topic = fan_out.sns_topic
        SqsToLambda(
            self,
            name,
            existing_queue_obj=fan_out.sqs_queue,
            lambda_function_props=lambda_.FunctionProps(
                code=lambda_.Code.from_asset(code, exclude=["**/__pycache__", "**/*.pyc"]),
                handler="handler.handler",
                runtime=lambda_.Runtime.PYTHON_3_14,
                architecture=lambda_.Architecture.ARM_64,
                memory_size=512,
                timeout=cdk.Duration.seconds(5),
            ),
        )
