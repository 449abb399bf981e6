"""Loops."""

from ..sound import RULES
from .making import DEAD, declared, resource


def publishing(resources, *, condition=None, by="Publishing"):
    """The function may put events on the bus that feeds it."""
    statement = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": {"Fn::GetAtt": ["Bus", "Arn"]}}
    allowed = {"Statement": [{**statement, **({"Condition": {"StringEquals": condition}} if condition else {})}]}
    resources[by] = resource("IAM::Policy", PolicyName="p", PolicyDocument=allowed, Roles=[{"Ref": "Role"}])


def publishing_what_comes_back(resources):
    declared(resources, policy={"detail": {"region": ["eu"]}})
    publishing(resources, condition={"events:source": "shop", "events:detail-type": ["OrderSubmitted"]})


def publishing_what_may_come_back(resources):
    declared(resources, policy={"detail": {"region": ["us"], "total": [{"numeric": [">", 100]}]}})
    publishing(resources, condition={"events:source": "shop", "events:detail-type": ["OrderSubmitted"]})


def publishing_something_else(resources):
    declared(resources, policy={"detail": {"region": ["eu"]}})
    publishing(resources, condition={"events:source": "shop", "events:detail-type": ["PackingFailed"]})


def publishing_to_its_topic(resources):
    del resources["Subscription"]["Properties"]["FilterPolicy"]
    del resources["Subscription"]["Properties"]["FilterPolicyScope"]
    resources["Function"]["Properties"]["Environment"] = {"Variables": {"TOPIC": {"Ref": "Topic"}}}


def publishing_to_its_queue(resources):
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Queue", "Arn"]}}
    allowed = {"PolicyDocument": {"Statement": [statement]}, "Roles": [{"Ref": "Role"}]}
    resources["Publishing"] = resource("IAM::Policy", PolicyName="p", **allowed)


def publishing_what_comes_back_by_type(resources):
    declared(resources, policy={"detail": {"region": ["eu"]}})
    publishing(resources, condition={"events:detail-type": ["OrderSubmitted"]})


def publishing_within_limits_and_without(resources):
    publishing(resources, condition={"events:source": "elsewhere"}, by="Limited")
    publishing(resources)


def publishing_to_its_topic_past_a_filter(resources):
    resources["Function"]["Properties"]["Environment"] = {"Variables": {"TOPIC": {"Ref": "Topic"}}}


def told_of_objects(resources, *, writes, prefix="in/", by_bus=False):
    """The function is told of objects of a bucket, and may write those of the key `writes` there."""
    bucket = resource("S3::Bucket")
    alone = {"Fn::GetAtt": ["Function", "Arn"]}
    resources["Bucket"] = bucket
    if by_bus:
        bucket["Properties"]["NotificationConfiguration"] = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
        pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [{"Ref": "Bucket"}]}, "object": {"key": [{"suffix": ".csv"}]}}}
        target = {"Id": "F", "Arn": alone, "DeadLetterConfig": {"Arn": DEAD}}
        resources["OfObjects"] = resource("Events::Rule", EventPattern=pattern, Targets=[target])
        source = {"Principal": "events.amazonaws.com", "SourceArn": RULES}
    else:
        filter = {"S3Key": {"Rules": [{"Name": "prefix", "Value": prefix}]}}
        told = {"Event": "s3:ObjectCreated:*", "Function": alone, "Filter": filter}
        bucket["Properties"]["NotificationConfiguration"] = {"LambdaConfigurations": [told]}
        source = {"Principal": "s3.amazonaws.com", "SourceAccount": {"Ref": "AWS::AccountId"}}
    resources["OfObjectsPermission"] = resource(
        "Lambda::Permission", FunctionName={"Ref": "Function"}, Action="lambda:InvokeFunction", **source
    )
    there = {"Fn::Sub": "${Bucket.Arn}/" + writes}
    statement = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": there}
    resources["Writing"] = resource("IAM::Policy", PolicyName="w", PolicyDocument={"Statement": [statement]}, Roles=[{"Ref": "Role"}])


CASES = {
    "EF601": [
        (None, publishing_what_comes_back),
        (None, publishing_what_may_come_back),
        (None, publishing_what_comes_back_by_type),
    ],
    "EF602": [(None, publishing), (None, publishing_within_limits_and_without)],
    "EF603": [(None, publishing_to_its_topic), (None, publishing_to_its_queue)],
    "EF604": [
        (None, lambda resources: told_of_objects(resources, writes="*")),
        (None, lambda resources: told_of_objects(resources, writes="in/*")),
        (None, lambda resources: told_of_objects(resources, writes="out/*.csv", by_bus=True)),
    ],
}

SOUND_TOO = {
    "EF601": [(None, publishing_something_else)],
    "EF602": [(None, lambda r: publishing(r, condition={"events:source": "elsewhere"}))],
    "EF603": [(None, publishing_to_its_topic_past_a_filter)],
    "EF604": [
        (None, lambda resources: told_of_objects(resources, writes="out/*")),
        (None, lambda resources: told_of_objects(resources, writes="out/*.json", by_bus=True)),
    ],
}
