"""Two accounts: the shop's events go to a central bus, its announcements to a central topic."""

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import EventBus, EventFlowChecks, PythonFunction, Topic

REGION = "eu-west-1"
CENTRAL, SHOP = "111122223333", "444455556666"
BUS, TOPIC = "central-orders", "central-announcements"
# What the central stack's output `KeyArn` says, once it is deployed.
KEY = f"arn:aws:kms:{REGION}:{CENTRAL}:key/1b2c3d4e-0000-4000-8000-1a2b3c4d5e6f"


class Central(cdk.Stack):
    """Lets the shop's account in, by name, and collects what it sends."""

    def __init__(self, scope: cdk.App, id: str) -> None:
        super().__init__(scope, id, env=cdk.Environment(account=CENTRAL, region=REGION))
        collect = PythonFunction(self, "Collect", code="lambda_src/collect")

        bus = EventBus(self, "Orders", bus=events.EventBus(self, "Bus", event_bus_name=BUS))
        bus.allow_from(accounts=[SHOP])
        bus.route("ToCollect", {"account": [SHOP], "source": ["shop.orders"]}, to=collect)

        topic = Topic(self, "Announcements", name=TOPIC)
        topic.allow_from(accounts=[SHOP])
        topic.fan_out("Collect", to=collect)
        cdk.CfnOutput(self, "KeyArn", value=topic.key.key_arn)


class Shop(cdk.Stack):
    """Sends its orders on, and announces from a function."""

    def __init__(self, scope: cdk.App, id: str) -> None:
        super().__init__(scope, id, env=cdk.Environment(account=SHOP, region=REGION))
        central = events.EventBus.from_event_bus_arn(self, "CentralOrders", f"arn:aws:events:{REGION}:{CENTRAL}:event-bus/{BUS}")
        EventBus(self, "Orders").route("ToCentral", {"source": ["shop.orders"]}, to=central)

        topic_arn = f"arn:aws:sns:{REGION}:{CENTRAL}:{TOPIC}"
        topic = Topic(
            self,
            "Announcements",
            topic=sns.Topic.from_topic_arn(self, "CentralAnnouncements", topic_arn),
            key=kms.Key.from_key_arn(self, "CentralKey", KEY),
        )
        announce = PythonFunction(self, "Announce", code="lambda_src/announce", environment={"TOPIC_ARN": topic_arn})
        topic.allow_publishing(announce)


app = cdk.App()
Central(app, "Central")
Shop(app, "Shop")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
