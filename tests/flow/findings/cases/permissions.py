"""Deliveries that are not permitted."""

from ..sound import KEY, policy_of, role, statement
from .making import DEAD, resource, rule_to_function_without_dead_letters, schedule, without_consumer


def without_service(logical_id, service):
    """A policy that has forgotten a service."""

    def change(resources):
        properties = resources[logical_id]["Properties"]
        for each in (properties.get("PolicyDocument") or properties["KeyPolicy"])["Statement"]:
            services = each["Principal"].get("Service", [])
            if service in services:
                each["Principal"]["Service"] = [other for other in services if other != service and not isinstance(services, str)]

    return change


def without_policy(logical_id):
    return lambda resources: resources.pop(logical_id)


def scheduled(resources, *allowed):
    """A schedule with dead letters whose role may do these things."""
    may_bury = statement("sqs:SendMessage"), statement(["kms:Decrypt", "kms:GenerateDataKey"], KEY)
    resources["SchedulerRole"] = role("scheduler.amazonaws.com", *may_bury, *allowed)
    schedule(resources, RoleArn={"Fn::GetAtt": ["SchedulerRole", "Arn"]}, DeadLetterConfig={"Arn": DEAD})


def private(resources, *, endpoint):
    """The function in a private subnet, with a table that it uses."""
    resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][1]["Resource"] = DEAD  # Lambda sends there
    resources["Vpc"] = resource("EC2::VPC", CidrBlock="10.0.0.0/16")
    resources["Subnet"] = resource("EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock="10.0.0.0/24")
    name = {"Fn::Sub": "com.amazonaws.${AWS::Region}.dynamodb"}
    if endpoint:
        resources["Endpoint"] = resource("EC2::VPCEndpoint", VpcId={"Ref": "Vpc"}, ServiceName=name)
    resources["Function"]["Properties"]["VpcConfig"] = {"SubnetIds": [{"Ref": "Subnet"}], "SecurityGroupIds": ["sg-1"]}
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
    document = {"Statement": [statement("dynamodb:PutItem", table)]}
    resources["UsesTable"] = resource("IAM::Policy", PolicyName="t", PolicyDocument=document, Roles=[{"Ref": "Role"}])


def private_poller(resources):
    """Private, and polled for by a policy of AWS that names all queues."""
    private(resources, endpoint=True)
    arn = {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"}
    resources["Role"]["Properties"]["ManagedPolicyArns"] = [arn]


def private_behind_nat(resources):
    private(resources, endpoint=False)
    resources["Routes"] = resource("EC2::RouteTable", VpcId={"Ref": "Vpc"})
    table = {"RouteTableId": {"Ref": "Routes"}}
    resources["Takes"] = resource("EC2::SubnetRouteTableAssociation", SubnetId={"Ref": "Subnet"}, **table)
    resources["Out"] = resource("EC2::Route", DestinationCidrBlock="0.0.0.0/0", NatGatewayId="nat-1", **table)


def private_behind_internet_gateway(resources):
    private_behind_nat(resources)
    del resources["Out"]["Properties"]["NatGatewayId"]
    resources["Out"]["Properties"]["GatewayId"] = "igw-1"


def https_subscription_without_dead_letter_permission(resources):
    resources["Subscription"]["Properties"].update(Protocol="https", Endpoint="https://example.com/")
    without_consumer(resources, "Queue", "QueuePolicy", "Role")
    without_service("DeadPolicy", "sns.amazonaws.com")(resources)


def rule_with_role(resources, *allowed):
    """A target that is reached by a role."""
    resources["RuleRole"] = role("events.amazonaws.com", *allowed)
    stream = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
    target = {"Id": "K", "Arn": stream, "RoleArn": {"Fn::GetAtt": ["RuleRole", "Arn"]}, "DeadLetterConfig": {"Arn": DEAD}}
    resources["Stream"] = resource("Kinesis::Stream", Name="orders")
    resources["Rule"]["Properties"]["Targets"].append(target)


def rule_to_alias(resources, *, permitted):
    """A rule that invokes an alias, and a permission of the alias or of the function."""
    rule_to_function_without_dead_letters(resources)
    resources["Version"] = resource("Lambda::Version", FunctionName={"Ref": "Alone"})
    live = {"FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]}, "Name": "live"}
    resources["Live"] = resource("Lambda::Alias", FunctionName={"Ref": "Alone"}, **live)
    resources["Rule"]["Properties"]["Targets"][-1]["Arn"] = {"Ref": "Live"}
    resources["Alone"]["Properties"]["DeadLetterConfig"] = {"TargetArn": DEAD}
    resources["AlonePermission"]["Properties"]["FunctionName"] = {"Ref": permitted}


def role_without_key(resources):
    statements = resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    statements[:] = [each for each in statements if "kms:Decrypt" not in each["Action"]]


def denied(logical_id, action):
    """A policy that forbids what it allows, unless it comes through an endpoint."""
    through = {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}

    def change(resources):
        statements = resources[logical_id]["Properties"]["PolicyDocument"]["Statement"]
        statements.append(statement(action, effect="Deny", Principal="*", Condition=through))

    return change


CASES = {
    "EF501": [
        (None, without_policy("TopicPolicy")),
        (None, without_service("TopicPolicy", "events.amazonaws.com")),
        (None, lambda r: rule_to_alias(r, permitted="Alone")),
        (None, denied("TopicPolicy", "sns:Publish")),
    ],
    "EF502": [
        (None, without_policy("QueuePolicy")),
        (None, without_service("QueuePolicy", "sns.amazonaws.com")),
        (None, denied("QueuePolicy", "sqs:*")),
    ],
    "EF503": [("Role", lambda p: p["Policies"][0]["PolicyDocument"]["Statement"][0].update(Action=["sqs:ReceiveMessage"]))],
    "EF504": [(None, scheduled), (None, rule_with_role)],
    "EF505": [
        (None, without_policy("DeadPolicy")),
        (None, without_service("DeadPolicy", "events.amazonaws.com")),
        (None, https_subscription_without_dead_letter_permission),
    ],
    "EF506": [
        (None, without_service("Key", "sns.amazonaws.com")),
        (None, without_service("Key", "events.amazonaws.com")),
        (None, role_without_key),
    ],
    "EF507": [("Queue", lambda p: p.update(KmsMasterKeyId="alias/aws/sqs"))],
    "EF508": [(None, lambda r: private(r, endpoint=False)), (None, private_behind_internet_gateway)],
    "EF509": [
        (None, lambda r: r.update(Another=policy_of("Queue"))),
        (None, lambda r: r.update(Another=r["TopicPolicy"])),
    ],
}

SOUND_TOO = {
    "EF501": [(None, lambda r: rule_to_alias(r, permitted="Live"))],
    "EF504": [
        (None, lambda r: scheduled(r, statement("lambda:InvokeFunction", {"Fn::GetAtt": ["Function", "Arn"]}))),
        (None, lambda r: rule_with_role(r, statement("kinesis:Put*", "arn:aws:kinesis:*:*:stream/orders"))),
    ],
    "EF508": [(None, lambda r: private(r, endpoint=True)), (None, private_poller), (None, private_behind_nat)],
}
