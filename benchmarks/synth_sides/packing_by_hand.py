"""The order-packing app (`app.py`) as a careful person writes it with the CDK's L2 constructs, doing the same: a private network with
the endpoints that are used, a bus with archive and schemas, a topic, three filtered queues, a canary release, idempotency, a nightly
schedule; everything encrypted with one key, TLS only, dead letters on every hop, alarms, and nothing that the security packs find."""

import json

import aws_cdk as cdk
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_eventschemas as schemas
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns as sns

from benchmarks.synth_sides.by_hand import make_dead_letters, make_fan_out, make_function, make_key, make_topic
from lambda_src.shared.events import OrderSubmitted, PackingFailed

SOURCE = "shop.orders"


class OrderPackingByHand(cdk.Stack):
    """What `app.py` composes."""

    def __init__(self, scope, id):
        super().__init__(scope, id)
        key = make_key(self)
        undelivered = make_dead_letters(self, "Undelivered", key)
        network = self.network(key)
        bus = self.bus()
        topic = make_topic(self, key, "OrderEvents")
        self.rule(bus, topic, undelivered)

        records = dynamodb.Table(
            self,
            "Idempotency",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            time_to_live_attribute="expiration",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

        def remembering(name, code, **environment):
            variables = {"IDEMPOTENCY_TABLE": records.table_name, **environment}
            made = make_function(self, name, f"lambda_src/{code}", key, undelivered, environment=variables, **network)
            self.allow(
                made[0], ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], records.table_arn
            )
            return made

        billing, alarms = remembering("Billing", "billing")
        self.release(billing, alarms)
        packing, _ = remembering("Packing", "packing", EVENT_BUS_NAME=bus.event_bus_name)
        put = {"StringEquals": {"events:source": [SOURCE], "events:detail-type": ["PackingFailed"]}}
        self.allow(packing, ["events:PutEvents"], bus.event_bus_arn, put)
        dispatch, _ = make_function(self, "HumanDispatch", "lambda_src/human_dispatch", key, undelivered, **network)

        one_of, policy = sns.SubscriptionFilter.string_filter, sns.FilterOrPolicy
        over = policy.policy({"total": policy.filter(sns.SubscriptionFilter.numeric_filter(greater_than=0))})
        of_region = policy.policy({"region": policy.filter(one_of(allowlist=["eu", "us"]))})
        submitted, failed = (policy.filter(one_of(allowlist=[name])) for name in ("OrderSubmitted", "PackingFailed"))
        make_fan_out(self, "BillingQueue", topic, key, billing, {"detail-type": submitted, "detail": over})
        make_fan_out(self, "PackingQueue", topic, key, packing, {"detail": of_region}, batch=25, window=2)
        make_fan_out(self, "DispatchQueue", topic, key, dispatch, {"detail-type": failed})

        variables = {"IDEMPOTENCY_TABLE": records.table_name}
        reconcile, _ = make_function(self, "Reconcile", "lambda_src/reconcile", key, undelivered, environment=variables)
        records.grant_read_data(reconcile)
        self.nightly(reconcile, undelivered)

    def network(self, key):
        """Private subnets in two zones, no way out, endpoints for DynamoDB and EventBridge; what functions are given."""
        vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            nat_gateways=0,
            restrict_default_security_group=False,
            subnet_configuration=[ec2.SubnetConfiguration(name="private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24)],
        )
        group = logs.LogGroup(
            self, "FlowLogs", encryption_key=key, retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        vpc.add_flow_log("FlowLog", destination=ec2.FlowLogDestination.to_cloud_watch_logs(group))
        functions = ec2.SecurityGroup(self, "Functions", vpc=vpc, allow_all_outbound=False)
        functions.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))
        vpc.add_gateway_endpoint("DynamoDb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
        vpc.add_interface_endpoint(
            "EventBridge", service=ec2.InterfaceVpcEndpointAwsService.EVENTBRIDGE, open=False
        ).connections.allow_default_port_from(functions)
        interfaces = iam.PolicyStatement(
            actions=[
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSubnets",
            ],
            resources=["*"],
        )
        isolated = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        return {"vpc": vpc, "vpc_subnets": isolated, "security_groups": [functions], "initial_policy": [interfaces]}

    def bus(self):
        """The bus, its archive, and the schemas of what stands on it."""
        bus = events.EventBus(self, "Orders")
        events.Archive(self, "Archive", source_event_bus=bus, event_pattern={"source": [SOURCE]}, retention=cdk.Duration.days(30))
        registry = schemas.CfnRegistry(self, "Schemas")
        for model in (OrderSubmitted, PackingFailed):
            schemas.CfnSchema(
                self,
                f"Schema{model.__name__}",
                registry_name=registry.attr_registry_name,
                schema_name=f"{SOURCE}@{model.__name__}",
                type="JSONSchemaDraft4",
                content=json.dumps({"$schema": "http://json-schema.org/draft-04/schema#", **model.model_json_schema()}),
            )
        return bus

    def rule(self, bus, topic, undelivered):
        """Not targets.SnsTopic: it lets any rule publish."""
        rule = events.CfnRule(
            self,
            "ToTopic",
            event_bus_name=bus.event_bus_name,
            event_pattern={"source": [SOURCE], "detail-type": ["OrderSubmitted", "PackingFailed"]},
            targets=[
                events.CfnRule.TargetProperty(
                    arn=topic.topic_arn,
                    id="Target0",
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=undelivered.queue_arn),
                    retry_policy=events.CfnRule.RetryPolicyProperty(maximum_retry_attempts=185, maximum_event_age_in_seconds=86_400),
                )
            ],
        )
        for receiver, action, arn in (
            (topic, "sns:Publish", topic.topic_arn),
            (undelivered, "sqs:SendMessage", undelivered.queue_arn),
        ):
            receiver.add_to_resource_policy(
                iam.PolicyStatement(
                    principals=[iam.ServicePrincipal("events.amazonaws.com")],
                    actions=[action],
                    resources=[arn],
                    conditions={"ArnEquals": {"aws:SourceArn": rule.attr_arn}},
                )
            )

    def release(self, alias, alarms):
        """10% of the traffic for five minutes, then the rest; rolled back on the alarms."""
        application = codedeploy.LambdaApplication(self, "Releases")
        config = codedeploy.LambdaDeploymentConfig(
            self,
            "Canary",
            traffic_routing=codedeploy.TimeBasedCanaryTrafficRouting(interval=cdk.Duration.minutes(5), percentage=10),
        )
        codedeploy.LambdaDeploymentGroup(
            self, "BillingRelease", application=application, alias=alias, deployment_config=config, alarms=alarms
        )

    def nightly(self, alias, undelivered):
        """At two o'clock, with dead letters."""
        role = iam.Role(
            self,
            "NightlyRole",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": self.account}}
            ),
        )
        role.add_to_policy(iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[alias.function_arn]))
        undelivered.grant_send_messages(role)
        scheduler.CfnSchedule(
            self,
            "Nightly",
            schedule_expression="cron(0 2 * * ? *)",
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": alias.function_arn,
                "roleArn": role.role_arn,
                "deadLetterConfig": {"arn": undelivered.queue_arn},
            },
        ).node.add_dependency(role)

    def allow(self, alias, actions, resource, conditions=None):
        """One statement of the function's role."""
        alias.role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=[resource], conditions=conditions))
