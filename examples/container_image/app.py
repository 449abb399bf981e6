"""A function from a container image, for a program that Lambda's runtimes do not have."""

from datetime import timedelta

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import ContainerFunction, EventFlowChecks, PythonFunction, Topic


class ContainerImage(cdk.Stack):
    """Planned routes are drawn by graphviz, in an image; short ones are told in words, by a function of Python alone."""

    def __init__(self, scope: cdk.App, id: str) -> None:
        super().__init__(scope, id)
        planned = Topic(self, "Planned")
        draw = ContainerFunction(self, "Draw", image="lambda_src/draw", memory=1024, timeout=timedelta(minutes=1))
        planned.fan_out("Draw", to=draw, where={"legs": [{"numeric": [">", 1]}]})
        tell = PythonFunction(self, "Tell", code="lambda_src/tell")
        planned.fan_out("Tell", to=tell, where={"legs": [1]})


app = cdk.App()
ContainerImage(app, "ContainerImage")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
