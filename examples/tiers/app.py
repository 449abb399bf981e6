"""Three tiers with a queue between any two: none waits for the next, or must know whether it is there."""

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import EventFlowChecks, PythonFunction, decouple
from cdk_event_flow.compose.messaging.encryption import stack_key


class Tiers(cdk.Stack):
    """web → orders → store, each a function that scales from nothing by what waits in its queue."""

    def __init__(self, scope: cdk.App, id: str) -> None:
        super().__init__(scope, id)
        web = PythonFunction(self, "Web", code="lambda_src/web")
        orders = PythonFunction(self, "Orders", code="lambda_src/orders")
        store = PythonFunction(self, "Store", code="lambda_src/store")
        decouple(self, "Submitted", producers=[web], consumer=orders)
        decouple(self, "Priced", producers=[orders], consumer=store)

        kept = dynamodb.Table(
            self,
            "Kept",
            partition_key=dynamodb.Attribute(name="order_id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=stack_key(self),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True),
        )
        store.function.add_environment("TABLE", kept.table_name)
        store.role.add_to_principal_policy(iam.PolicyStatement(actions=["dynamodb:PutItem"], resources=[kept.table_arn]))


app = cdk.App()
Tiers(app, "Tiers")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
