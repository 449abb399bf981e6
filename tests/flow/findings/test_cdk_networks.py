"""Private functions in networks that the CDK's own constructs make."""

import pytest


def network(make):
    """An app with one function that publishes to a topic and writes to a table, in the network that `make` gives it."""

    def app_of(app):
        import aws_cdk as cdk
        from aws_cdk import aws_dynamodb as dynamodb
        from aws_cdk import aws_ec2 as ec2
        from aws_cdk import aws_lambda as lambda_
        from aws_cdk import aws_sns as sns

        stack = cdk.Stack(app, "Private")
        vpc, subnets = make(stack, ec2)
        code = lambda_.InlineCode("def handler(event, context): pass")
        function = lambda_.Function(
            stack, "Function", runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handler", code=code, vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=subnets), allow_public_subnet=True,
        )  # fmt: skip
        sns.Topic(stack, "Topic").grants.publish(function)
        key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
        dynamodb.TableV2(stack, "Table", partition_key=key).grants.write_data(function)

    return app_of


def with_nat(stack, ec2):
    return ec2.Vpc(stack, "Vpc", max_azs=2), ec2.SubnetType.PRIVATE_WITH_EGRESS


def public(stack, ec2):
    return ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0), ec2.SubnetType.PUBLIC


def isolated(*, table=True, topic=True, open=True):
    """Without a way out, with endpoints."""

    def make(stack, ec2):
        subnets = [ec2.SubnetConfiguration(name="isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)]
        vpc = ec2.Vpc(stack, "Vpc", max_azs=2, subnet_configuration=subnets)
        if table:
            vpc.add_gateway_endpoint("ToTable", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
        if topic:
            vpc.add_interface_endpoint("ToTopic", service=ec2.InterfaceVpcEndpointAwsService.SNS, open=open)
        return vpc, ec2.SubnetType.PRIVATE_ISOLATED

    return make


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (with_nat, []),
        (isolated(), []),
        (isolated(table=False), ["Its role uses dynamodb, and its network has no endpoint for it."]),
        (
            isolated(open=False),
            ["Its role uses sns, and the security group of the endpoint Private/Vpc/ToTopic does not admit it."],
        ),
        (public, [f"Its role uses {each}, and its network has no endpoint for it." for each in ("dynamodb", "sns")]),
    ],
    ids=["NAT gateway", "endpoints", "no gateway endpoint", "a closed endpoint", "public subnets"],
)
def test_a_way_that_the_cdk_makes_is_seen_and_one_that_is_not_there_is_said(synth, make, found):
    findings = synth(network(make)).flow.check()
    assert [each.what for each in findings if each.id == "EF508"] == found
    assert {each.id for each in findings} <= {"EF508", "EF108"}
