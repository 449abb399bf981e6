"""EC2 puts every change of an instance's state on the account's default bus: instances that must run are started again."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import EventBus, EventFlowChecks, PythonFunction
from cdk_event_flow.compose.messaging.encryption import stack_key

CHANGED = {"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]}


class StateChanges(cdk.Stack):
    """Every change is kept in a log group; what stopped is started again, if its tag `keep-running` says so."""

    def __init__(self, scope: cdk.App, id: str) -> None:
        super().__init__(scope, id)
        restart = PythonFunction(self, "Restart", code="lambda_src/restart")
        restart.role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["ec2:StartInstances"],
                resources=[self.format_arn(service="ec2", resource="instance", resource_name="*")],
                conditions={"StringEquals": {"aws:ResourceTag/keep-running": "true"}},
            )
        )
        cdk.Validations.of(restart.role).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:instance/*]",
                reason="Which instances may be started is said by their tag, not by their ids.",
            )
        )
        history = logs.LogGroup(
            self,
            "History",
            retention=logs.RetentionDays.ONE_YEAR,
            encryption_key=stack_key(self),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

        account = EventBus(self, "Account", bus="default")
        account.route("Stopped", {**CHANGED, "detail": {"state": ["stopped"]}}, to=restart)
        account.route("Changed", CHANGED, to=history)


app = cdk.App()
StateChanges(app, "StateChanges")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
