"""What was there before: plain CDK, made by another team."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct


class Foundation(cdk.Stack):
    """A bus, a topic for alerts, a table and a key."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        self.key = kms.Key(self, "Key", enable_key_rotation=True)
        # CloudWatch's alarms publish to the topic that it encrypts.
        self.key.grant_encrypt_decrypt(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
        self.bus = events.EventBus(self, "Bus")
        self.alerts = sns.Topic(self, "Alerts", master_key=self.key)
        self.orders = dynamodb.TableV2(
            self, "Orders", partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
        )
