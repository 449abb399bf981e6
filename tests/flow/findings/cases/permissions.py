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


def forbidden_elsewhere(resources):
    """A policy forbids to publish to a topic that is not of the template: the rule is what can be named."""
    topic = "arn:aws:sns:us-east-1:123456789012:elsewhere"
    resources["Rule"]["Properties"]["Targets"].append({"Id": "E", "Arn": topic, "DeadLetterConfig": {"Arn": DEAD}})
    forbids = statement("sns:Publish", effect="Deny", Principal="*")
    resources["OnTopic"] = resource("SNS::TopicPolicy", Topics=[topic], PolicyDocument={"Statement": [forbids]})


def at(logical_id):
    """The ARN of a resource."""
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def read_and_sent(resources, *allowed, source=None):
    """A pipe from a queue that nobody else reads, or from a stream, to the topic."""
    resources["Outbox"] = resource("SQS::Queue")
    resources["PipeRole"] = role("pipes.amazonaws.com", statement(["kms:Decrypt", "kms:GenerateDataKey"], KEY), *allowed)
    ends = {"Source": source or at("Outbox"), "Target": {"Ref": "Topic"}, "RoleArn": at("PipeRole")}
    resources["Pipe"] = resource("Pipes::Pipe", **ends)


READS = statement(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], at("Outbox"))
PUBLISHES = statement("sns:Publish", {"Ref": "Topic"})


def stream_reader(resources, *actions):
    """The function also reads a table's stream, and tells the queue for dead letters of batches that failed."""
    resources["Table"] = resource("DynamoDB::Table", StreamSpecification={"StreamViewType": "NEW_IMAGE"})
    stream = {"Fn::GetAtt": ["Table", "StreamArn"]}
    end = {"DestinationConfig": {"OnFailure": {"Destination": DEAD}}}
    resources["Reads"] = resource("Lambda::EventSourceMapping", EventSourceArn=stream, FunctionName={"Ref": "Function"}, **end)
    resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].append(statement(list(actions), stream))


STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")


def without_sending(resources):
    """The function's role may not send what failed to where it should go."""
    statements = resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    statements[:] = [each for each in statements if each["Action"] != "sqs:SendMessage"]


def failed_batches_without_permission(resources):
    del resources["Function"]["Properties"]["DeadLetterConfig"]
    stream_reader(resources, *STREAM)
    without_sending(resources)


def succeeding(resources, *allowed):
    """The function tells another bus what it did."""
    resources["Answered"] = resource("Events::EventBus", Name="answered")
    resources["Answers"] = resource(
        "Lambda::EventInvokeConfig",
        FunctionName={"Ref": "Function"},
        Qualifier="$LATEST",
        DestinationConfig={"OnSuccess": {"Destination": at("Answered")}},
    )
    resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].extend(allowed)


def subscribed(resources, *allowed, keys=("kms:Decrypt", "kms:GenerateDataKey")):
    """A bus of the new kind, and a subscriber that sends to the topic."""
    resources["Custom"] = resource("EventsV2::EventBus", Name="custom")
    resources["DeliveryRole"] = role("events.amazonaws.com", statement(list(keys), KEY), *allowed)
    resources["Subscriber"] = resource(
        "EventsV2::Subscriber",
        Name="s",
        EventBusArn={"Ref": "Custom"},
        InvokeConfiguration={"TargetArn": {"Ref": "Topic"}, "RoleArn": at("DeliveryRole")},
        OnFailureConfiguration={"Arn": DEAD},
    )


def notifying(resources, *services, by="Bucket"):
    """A bucket that tells a queue of its own about uploads."""
    resources["Uploads"] = resource("SQS::Queue")
    resources["UploadsPolicy"] = policy_of("Uploads", services=services)
    queue = {"Event": "s3:ObjectCreated:*", "Queue": at("Uploads")}
    resources["Bucket"] = resource("S3::Bucket")
    if by == "Bucket":
        resources["Bucket"]["Properties"]["NotificationConfiguration"] = {"QueueConfigurations": [queue]}
        return
    configuration = {"QueueConfigurations": [{"Events": ["s3:ObjectCreated:*"], "QueueArn": at("Uploads")}]}
    resources["Notifications"] = {
        "Type": "Custom::S3BucketNotifications",
        "Properties": {"BucketName": {"Ref": "Bucket"}, "NotificationConfiguration": configuration},
    }


def uploads_from(bucket):
    """A queue that lets S3 in from one bucket only."""

    def change(resources):
        notifying(resources, "s3.amazonaws.com")
        [sends] = resources["UploadsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        sends["Condition"] = {"ArnLike": {"aws:SourceArn": bucket}}

    return change


def served(resources, source="${Api}/*/POST/orders", **more):
    """An API with one route to a function."""
    resources["Api"] = resource("ApiGatewayV2::Api", Name="web", ProtocolType="HTTP")
    resources["Stage"] = resource("ApiGatewayV2::Stage", ApiId={"Ref": "Api"}, StageName="prod")
    resources["Serve"] = resource("Lambda::Function")
    integration = {"IntegrationType": "AWS_PROXY", "IntegrationUri": at("Serve"), "PayloadFormatVersion": "2.0", **more}
    resources["Integration"] = resource("ApiGatewayV2::Integration", ApiId={"Ref": "Api"}, **integration)
    to = {"Fn::Sub": "integrations/${Integration}"}
    resources["Route"] = resource("ApiGatewayV2::Route", ApiId={"Ref": "Api"}, RouteKey="POST /orders", Target=to)
    if source:
        arn = {"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:" + source}
        permitted(resources, "Serve", Principal="apigateway.amazonaws.com", SourceArn=arn)


def permitted(resources, function, *, id="Permits", **more):
    resources[id] = resource("Lambda::Permission", FunctionName={"Ref": function}, **{"Action": "lambda:InvokeFunction", **more})


def served_by_role(resources, *allowed):
    resources["ApiRole"] = role("apigateway.amazonaws.com", *allowed)
    served(resources, source=None, CredentialsArn=at("ApiRole"))


def at_url(resources, *actions, auth="NONE"):
    """A function with a URL, and permissions for everybody."""
    resources["Open"] = resource("Lambda::Function")
    resources["Url"] = resource("Lambda::Url", TargetFunctionArn={"Ref": "Open"}, AuthType=auth)
    if "url" in actions:
        permitted(resources, "Open", id="ByUrl", Action="lambda:InvokeFunctionUrl", Principal="*", FunctionUrlAuthType="NONE")
    if "function" in actions:
        permitted(resources, "Open", id="ViaUrl", Principal="*", InvokedViaFunctionUrl=True)


def alarmed(resources, topic, **policy):
    """The alarm on dead letters tells a topic."""
    resources["DeadAlarm"]["Properties"]["AlarmActions"] = [{"Ref": topic}]
    resources["OnCall"] = resource("SNS::Topic", Subscription=[{"Protocol": "email", "Endpoint": "someone@example.com"}])
    if policy:
        resources["OnCallPolicy"] = resource(
            "SNS::TopicPolicy", Topics=[{"Ref": "OnCall"}], PolicyDocument={"Statement": [statement("sns:Publish", **policy)]}
        )


def alarmed_under_a_key_for_others(resources):
    """The alarm tells the topic, whose policy lets it in, and whose key does not."""
    alarmed(resources, "Topic")
    del resources["OnCall"]
    may_publish = statement("sns:Publish", Principal={"Service": "cloudwatch.amazonaws.com"})
    resources["TopicPolicy"]["Properties"]["PolicyDocument"]["Statement"].append(may_publish)


def alarmed_function(resources, principal):
    resources["Page"] = resource("Lambda::Function")
    resources["DeadAlarm"]["Properties"]["AlarmActions"] = [at("Page")]
    permitted(resources, "Page", Principal=principal, SourceArn=at("DeadAlarm"))


RULES_ONLY = {"Principal": {"Service": "events.amazonaws.com"}}
OWNER = {"Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"AWS:SourceOwner": {"Ref": "AWS::AccountId"}}}}

CASES = {
    "EF501": [
        (None, without_policy("TopicPolicy")),
        (None, without_service("TopicPolicy", "events.amazonaws.com")),
        (None, lambda r: rule_to_alias(r, permitted="Alone")),
        (None, denied("TopicPolicy", "sns:Publish")),
        (None, forbidden_elsewhere),
    ],
    "EF502": [
        (None, without_policy("QueuePolicy")),
        (None, without_service("QueuePolicy", "sns.amazonaws.com")),
        (None, denied("QueuePolicy", "sqs:*")),
    ],
    "EF503": [
        ("Role", lambda p: p["Policies"][0]["PolicyDocument"]["Statement"][0].update(Action=["sqs:ReceiveMessage"])),
        (None, lambda r: stream_reader(r, "dynamodb:GetRecords")),
        (None, lambda r: read_and_sent(r, PUBLISHES)),
    ],
    "EF504": [
        (None, scheduled),
        (None, rule_with_role),
        (None, lambda r: read_and_sent(r, READS)),
        (None, succeeding),
        (None, lambda r: subscribed(r, statement("sqs:SendMessage"))),
        (None, served_by_role),
    ],
    "EF505": [
        (None, without_policy("DeadPolicy")),
        (None, without_service("DeadPolicy", "events.amazonaws.com")),
        (None, https_subscription_without_dead_letter_permission),
        (None, without_sending),
        (None, failed_batches_without_permission),
        (None, lambda r: subscribed(r, PUBLISHES)),
    ],
    "EF506": [
        (None, without_service("Key", "sns.amazonaws.com")),
        (None, without_service("Key", "events.amazonaws.com")),
        (None, role_without_key),
        (None, alarmed_under_a_key_for_others),
        (None, lambda r: subscribed(r, PUBLISHES, statement("sqs:SendMessage"), keys=())),
    ],
    "EF507": [("Queue", lambda p: p.update(KmsMasterKeyId="alias/aws/sqs"))],
    "EF509": [
        (None, lambda r: r.update(Another=policy_of("Queue"))),
        (None, lambda r: r.update(Another=r["TopicPolicy"])),
    ],
    "EF510": [
        (None, notifying),
        (None, lambda r: notifying(r, "sns.amazonaws.com", by="Custom")),
        (None, uploads_from("arn:aws:s3:::another")),
    ],
    "EF511": [(None, lambda r: served(r, source=None)), (None, lambda r: served(r, source="${Api}/*/GET/orders"))],
    "EF512": [(None, at_url), (None, lambda r: at_url(r, "url"))],
    "EF513": [
        (None, lambda r: alarmed(r, "OnCall", **RULES_ONLY)),
        (None, lambda r: alarmed_function(r, "cloudwatch.amazonaws.com")),
    ],
}

SOUND_TOO = {
    "EF501": [(None, lambda r: rule_to_alias(r, permitted="Live"))],
    "EF504": [
        (None, lambda r: scheduled(r, statement("lambda:InvokeFunction", {"Fn::GetAtt": ["Function", "Arn"]}))),
        (None, lambda r: rule_with_role(r, statement("kinesis:Put*", "arn:aws:kinesis:*:*:stream/orders"))),
        (None, lambda r: read_and_sent(r, READS, PUBLISHES)),
        (None, lambda r: succeeding(r, statement("events:PutEvents", at("Answered")))),
        (None, lambda r: subscribed(r, PUBLISHES, statement("sqs:SendMessage", DEAD))),
        (None, lambda r: served_by_role(r, statement("lambda:InvokeFunction", at("Serve")))),
    ],
    "EF503": [(None, lambda r: stream_reader(r, *STREAM)), (None, lambda r: stream_reader(r, "dynamodb:*"))],
    "EF510": [
        (None, lambda r: notifying(r, "s3.amazonaws.com")),
        (None, lambda r: notifying(r, "s3.amazonaws.com", by="Custom")),
        (None, uploads_from({"Fn::Sub": "arn:aws:s3:*:*:${Bucket}"})),
    ],
    "EF511": [(None, served), (None, lambda r: served(r, source="${Api}/prod/*/orders")), (None, lambda r: served(r, source="*"))],
    "EF512": [(None, lambda r: at_url(r, "url", "function")), (None, lambda r: at_url(r, auth="AWS_IAM"))],
    "EF513": [
        (None, lambda r: alarmed(r, "OnCall")),
        (None, lambda r: alarmed(r, "OnCall", **OWNER)),
        (None, lambda r: alarmed(r, "OnCall", Principal={"Service": "cloudwatch.amazonaws.com"})),
        (None, lambda r: alarmed_function(r, "lambda.alarms.cloudwatch.amazonaws.com")),
    ],
}
