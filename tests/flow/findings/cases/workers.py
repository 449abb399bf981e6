"""Services of ECS that go through a queue: how they are scaled, and what they can reach."""

from ..sound import role, statement
from .making import DEAD, resource
from .networks import GATEWAY

JOBS = {"Fn::GetAtt": ["Jobs", "Arn"]}


def workers(resources, *, receives=True, least=0, most=5, tracks="AWS/SQS", steps=True, service=None):
    """A service of somebody's own program, which is told the URL of a queue, and scaled by it."""
    resources["Jobs"] = resource("SQS::Queue", RedrivePolicy={"maxReceiveCount": 5, "deadLetterTargetArn": DEAD})
    may = ["sqs:ReceiveMessage", "sqs:DeleteMessage"] if receives else ["sqs:SendMessage"]
    resources["TaskRole"] = role("ecs-tasks.amazonaws.com", statement(may, JOBS))
    environment = [{"Name": "QUEUE", "Value": {"Ref": "Jobs"}}]
    resources["Task"] = resource(
        "ECS::TaskDefinition",
        Family="jobs",
        TaskRoleArn={"Fn::GetAtt": ["TaskRole", "Arn"]},
        ContainerDefinitions=[{"Name": "main", "Image": "x", "Environment": environment}],
    )
    resources["Workers"] = resource("ECS::Service", Cluster="c", TaskDefinition={"Ref": "Task"}, **(service or {}))
    if tracks:
        resources["Target"] = resource(
            "ApplicationAutoScaling::ScalableTarget",
            ResourceId={"Fn::Sub": "service/c/${Workers.Name}"},
            MinCapacity=least,
            MaxCapacity=most,
        )
        metric = {"MetricStat": {"Metric": {"Namespace": tracks, "MetricName": "m"}, "Stat": "Sum"}, "Id": "m"}
        resources["Tracks"] = resource(
            "ApplicationAutoScaling::ScalingPolicy",
            ScalingTargetId={"Ref": "Target"},
            TargetTrackingScalingPolicyConfiguration={"TargetValue": 10, "CustomizedMetricSpecification": {"Metrics": [metric]}},
        )
    if steps:
        resources["Steps"] = resource(
            "ApplicationAutoScaling::ScalingPolicy",
            ScalingTargetId={"Ref": "Target"},
            StepScalingPolicyConfiguration={"StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]},
        )


def placed(resources, *services, public="DISABLED", **how):
    """In a private subnet with endpoints for these services."""
    resources["Vpc"] = resource("EC2::VPC", CidrBlock="10.0.0.0/16")
    resources["Subnet"] = resource("EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock="10.0.0.0/24")
    resources["Routes"] = resource("EC2::RouteTable", VpcId={"Ref": "Vpc"})
    resources["Takes"] = resource("EC2::SubnetRouteTableAssociation", SubnetId={"Ref": "Subnet"}, RouteTableId={"Ref": "Routes"})
    resources["Group"] = resource("EC2::SecurityGroup", VpcId={"Ref": "Vpc"}, GroupDescription="workers")
    for service in services:
        name = {"Fn::Sub": "com.amazonaws.${AWS::Region}." + service}
        interface = {"VpcEndpointType": "Interface", "SubnetIds": [{"Ref": "Subnet"}], "SecurityGroupIds": ["sg-elsewhere"]}
        more = GATEWAY if service == "s3" else interface
        resources[f"To{service.replace('.', '')}"] = resource("EC2::VPCEndpoint", VpcId={"Ref": "Vpc"}, ServiceName=name, **more)
    groups = [{"Fn::GetAtt": ["Group", "GroupId"]}]
    network = {"Subnets": [{"Ref": "Subnet"}], "SecurityGroups": groups, "AssignPublicIp": public}
    workers(resources, service={"NetworkConfiguration": {"AwsvpcConfiguration": network}}, **how)


NEEDED = ("ecr.api", "ecr.dkr", "logs", "s3", "sqs")

CASES = {
    "EF309": [(None, lambda r: workers(r, steps=False)), (None, lambda r: workers(r, most=1, steps=False))],
    "EF310": [(None, lambda r: workers(r, tracks=None, steps=False)), (None, lambda r: workers(r, tracks="AWS/ECS", steps=False))],
    "EF514": [
        (None, placed),
        *((None, lambda r, n=n: placed(r, *(each for each in NEEDED if each != n))) for n in NEEDED),
    ],
}

SOUND_TOO = {
    "EF309": [
        (None, workers),
        (None, lambda r: workers(r, least=1, steps=False)),
        (None, lambda r: workers(r, most=0, steps=False)),
        (None, lambda r: workers(r, receives=False, tracks="AWS/ECS", steps=False)),
    ],
    "EF310": [
        (None, lambda r: workers(r, receives=False, tracks=None, steps=False)),
        (None, lambda r: workers(r, tracks="AWS/ECS")),
    ],
    "EF514": [
        (None, lambda r: placed(r, *NEEDED)),
        (None, lambda r: placed(r, public="ENABLED")),
        (None, lambda r: placed(r, receives=False)),
    ],
}
