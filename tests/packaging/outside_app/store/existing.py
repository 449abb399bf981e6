"""What stands in the account already, imported; in an environment that is known."""

from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from cdk_event_flow import EventBus, PrivateNetwork, Queue, Topic
from constructs import Construct

from store.own import HouseFunction


class Existing(cdk.Stack):
    """Imported queue, topic, bus, key, network and function, each used as if it were ours."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        arn = f"arn:aws:{{}}:{self.region}:{self.account}:{{}}"
        key = kms.Key.from_key_arn(self, "Key", arn.format("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab"))
        queue = sqs.Queue.from_queue_attributes(self, "Legacy", queue_arn=arn.format("sqs", "legacy-orders"), key_arn=key.key_arn)
        topic = sns.Topic.from_topic_arn(self, "Partners", arn.format("sns", "partners"))
        bus = events.EventBus.from_event_bus_arn(self, "Company", arn.format("events", "event-bus/company"))
        vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "Vpc",
            vpc_id="vpc-0123456789abcdef0",
            availability_zones=["eu-west-1a", "eu-west-1b"],
            isolated_subnet_ids=["subnet-0a", "subnet-0b"],
            isolated_subnet_route_table_ids=["rtb-0a", "rtb-0b"],
        )
        role = iam.Role.from_role_arn(self, "LegacyRole", f"arn:aws:iam::{self.account}:role/legacy")
        legacy = lambda_.Function.from_function_attributes(
            self, "LegacyFunction", function_arn=arn.format("lambda", "function:legacy"), role=role, same_environment=True
        )
        alerts = sns.Topic.from_topic_arn(self, "Alerts", arn.format("sns", "alerts"))

        network = PrivateNetwork(self, "Network", vpc=vpc)
        worker = HouseFunction(self, "Worker", folder="billing", alerts=alerts, network=network)
        worker.consume(Queue(self, "Orders", queue=queue))
        company = EventBus(self, "Bus", bus=bus)
        company.route("ToQueue", {"source": ["company.orders"]}, to=queue)
        company.route("ToTopic", {"source": ["company.news"]}, to=Topic(self, "News", topic=topic))
        company.route("ToFunction", {"source": ["company.audit"]}, to=legacy)
        Topic(self, "Tell", topic=topic).fan_out("Legacy", to=legacy, visibility=timedelta(minutes=3))
        Queue(self, "Sealed", key=key)
