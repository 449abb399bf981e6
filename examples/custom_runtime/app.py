"""A function without a language of Lambda's: its runtime is a shell script of forty lines."""

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import EventBus, EventFlowChecks, Function


class CustomRuntime(cdk.Stack):
    """Whoever signs up is greeted; a signup without a name is tried again, and becomes a dead letter."""

    def __init__(self, scope: cdk.App, id: str) -> None:
        super().__init__(scope, id)
        greeter = Function(self, "Greeter", code="lambda_src/greeter", handler="greet.handler", runtime="provided.al2023", memory=128)
        EventBus(self, "Signups").route("Greet", {"detail-type": ["SignedUp"]}, to=greeter)


app = cdk.App()
CustomRuntime(app, "CustomRuntime")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
