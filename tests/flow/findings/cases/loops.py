"""Loops."""

from ..sound import RULES
from .making import DEAD, declared, resource


def publishing(resources, *, condition=None, by="Publishing", bus="Bus"):
    """The function may put events on the bus that feeds it."""
    statement = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": {"Fn::GetAtt": [bus, "Arn"]}}
    allowed = {"Statement": [{**statement, **({"Condition": {"StringEquals": condition}} if condition else {})}]}
    resources[by] = resource("IAM::Policy", PolicyName="p", PolicyDocument=allowed, Roles=[{"Ref": "Role"}])


def publishing_what_comes_back(resources):
    declared(resources, policy={"detail": {"region": ["eu"]}})
    publishing(resources, condition={"events:source": "shop", "events:detail-type": ["OrderSubmitted"]})


def publishing_what_may_come_back(resources):
    declared(resources, policy={"detail": {"region": ["us"], "total": [{"numeric": [">", 100]}]}})
    publishing(resources, condition={"events:source": "shop", "events:detail-type": ["OrderSubmitted"]})


def publishing_what_comes_back_and_more(resources):
    publishing_what_comes_back(resources)
    publishing(resources, condition={"events:source": "elsewhere"}, by="More")


def publishing_what_comes_back_without_limits(resources):
    declared(resources, policy={"detail": {"region": ["eu"]}})
    publishing(resources)


def told_of_its_bus(resources):
    """A variable names the bus, and no statement."""
    resources["Function"]["Properties"]["Environment"] = {"Variables": {"BUS": {"Ref": "Bus"}}}


def publishing_elsewhere(resources):
    resources["Outside"] = resource("Events::EventBus", Name="outside")
    publishing(resources, bus="Outside")


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


def told_of_objects(resources, *, writes, prefix="in/", suffix="", by_bus=False, action="s3:PutObject", keys=None):
    """The function is told of objects of a bucket, and may write those of the key `writes` there."""
    bucket = resource("S3::Bucket")
    alone = {"Fn::GetAtt": ["Function", "Arn"]}
    resources["Bucket"] = bucket
    if by_bus:
        bucket["Properties"]["NotificationConfiguration"] = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
        pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [{"Ref": "Bucket"}]}, **(keys or {})}}
        target = {"Id": "F", "Arn": alone, "DeadLetterConfig": {"Arn": DEAD}}
        resources["OfObjects"] = resource("Events::Rule", EventPattern=pattern, Targets=[target])
        source = {"Principal": "events.amazonaws.com", "SourceArn": RULES}
    else:
        filter = {"S3Key": {"Rules": [{"Name": "prefix", "Value": prefix}, {"Name": "suffix", "Value": suffix}]}}
        told = {"Event": "s3:ObjectCreated:*", "Function": alone, "Filter": filter}
        bucket["Properties"]["NotificationConfiguration"] = {"LambdaConfigurations": [told]}
        source = {"Principal": "s3.amazonaws.com", "SourceAccount": {"Ref": "AWS::AccountId"}}
    resources["OfObjectsPermission"] = resource(
        "Lambda::Permission", FunctionName={"Ref": "Function"}, Action="lambda:InvokeFunction", **source
    )
    there = {"Fn::Sub": "${Bucket.Arn}/" + writes}
    statement = {"Effect": "Allow", "Action": ["s3:GetObject", action], "Resource": there}
    resources["Writing"] = resource("IAM::Policy", PolicyName="w", PolicyDocument={"Statement": [statement]}, Roles=[{"Ref": "Role"}])


CSV = {"object": {"key": [{"suffix": ".csv"}]}}


def writing_to_another_first(resources):
    told_of_objects(resources, writes="in/*")
    resources["Another"] = resource("S3::Bucket")
    (statement,) = resources["Writing"]["Properties"]["PolicyDocument"]["Statement"]
    statement["Resource"] = [{"Fn::Sub": "${Another.Arn}/*"}, statement["Resource"]]


def beside_a_clock(resources):
    """Another rule is on a schedule."""
    told_of_objects(resources, writes="out/*.csv", by_bus=True, keys=CSV)
    targets = resources["OfObjects"]["Properties"]["Targets"]
    resources["Clock"] = resource("Events::Rule", ScheduleExpression="rate(1 day)", Targets=targets)


def writing_anywhere(resources):
    """A statement for all names nobody."""
    told_of_objects(resources, writes="*")
    resources["Writing"]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] = "*"


CASES = {
    "EF601": [
        (None, publishing_what_comes_back),
        (None, publishing_what_may_come_back),
        (None, publishing_what_comes_back_by_type),
        (None, lambda r: [declared(r, policy={"detail": {"region": ["eu"]}}), publishing(r, condition={"events:source": "shop"})]),
        (None, publishing_what_comes_back_and_more),
    ],
    "EF602": [
        (None, publishing),
        (None, publishing_within_limits_and_without),
        (None, publishing_what_comes_back_without_limits),
        (None, told_of_its_bus),
    ],
    "EF603": [(None, publishing_to_its_topic), (None, publishing_to_its_queue)],
    "EF604": [
        (None, lambda resources: told_of_objects(resources, writes="*")),
        (None, lambda resources: told_of_objects(resources, writes="in/*")),
        (None, lambda resources: told_of_objects(resources, writes="out/*.csv", by_bus=True, keys=CSV)),
        (None, writing_to_another_first),
        (None, beside_a_clock),
        (None, lambda resources: told_of_objects(resources, writes="out/*", by_bus=True)),
        (None, lambda resources: told_of_objects(resources, writes="out/*.*", prefix="", suffix=".csv")),
        (None, lambda resources: told_of_objects(resources, writes="out/?bject.csv", prefix="", suffix=".csv")),
        (None, lambda resources: told_of_objects(resources, writes="out/*", prefix="", suffix="/x.csv")),
        (None, lambda resources: told_of_objects(resources, writes="[in]/*", prefix="[in]/")),
    ],
}

SOUND_TOO = {
    "EF601": [(None, publishing_something_else)],
    "EF602": [(None, lambda r: publishing(r, condition={"events:source": "elsewhere"})), (None, publishing_elsewhere)],
    "EF603": [(None, publishing_to_its_topic_past_a_filter)],
    "EF604": [
        (None, lambda resources: told_of_objects(resources, writes="out/*")),
        (None, lambda resources: told_of_objects(resources, writes="out/*.json", by_bus=True, keys=CSV)),
        (None, lambda resources: told_of_objects(resources, writes="in/*", action="s3:ListBucket")),
        (None, writing_anywhere),
    ],
}
