"""Each property that is read of a function and of what stands beside it, by its name, and what is said where it is missing."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Code, Unknown

from .reading import HERE, OPEN, WHY, nodes, said

UNKNOWN = Unknown("parameter Open has no default")
FUNCTION = f"arn:aws:lambda:{HERE}:function:work"
DOCUMENT = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
FILTERS = {"Filters": [{"Pattern": '{"body": {"a": [1]}}'}, {"Pattern": {"body": {"b": [2]}}}]}
PATTERNS = ({"body": {"a": [1]}}, {"body": {"b": [2]}})

# (what it is called, type, properties, the node's class and fields)
READ = [
    ("a layer", "AWS::Lambda::LayerVersion", {}, "Layer", {}),
    ("a function", "AWS::Lambda::Function", {}, "Function", {"runtime": "", "handler": "", "log_group": "/aws/lambda/Shop-It"}),
    (
        "a function with all",
        "AWS::Lambda::Function",
        {
            "FunctionName": "work", "Runtime": "python3.13", "Handler": "app.handler", "Architectures": ["arm64"], "MemorySize": 256,
            "Timeout": 9, "Environment": {"Variables": {"A": "b", "N": 5, "Open": OPEN, "None": None}},
            "ReservedConcurrentExecutions": 0,
            "Code": {"ZipFile": "def handler(): …"}, "PackageType": "Image", "Role": "arn:role", "Layers": ["arn:layer"],
            "LoggingConfig": {"LogGroup": "mine", "LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"},
            "TracingConfig": {"Mode": "Active"}, "DeadLetterConfig": {"TargetArn": "arn:dead"}, "EphemeralStorage": {"Size": 1024},
            "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1", OPEN]}, "DurableConfig": {"ExecutionTimeout": 1},
            "TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}, "SnapStart": {"ApplyOn": "PublishedVersions"},
            "RecursiveLoop": "Allow",
        },
        "Function",
        {
            "runtime": "python3.13", "handler": "app.handler", "architecture": "arm64", "memory": 256, "timeout": 9,
            "environment": {"A": "b", "N": "5", "Open": WHY, "None": ""}, "reserved_concurrency": 0, "role_arn": "arn:role",
            "code": Code(inline="def handler(): …", image=True), "layers": ("arn:layer",), "log_group": "mine", "log_format": "JSON",
            "log_level": "DEBUG", "tracing": True, "dead_letter_arn": "arn:dead", "ephemeral_storage": 1024, "in_network": True,
            "subnets": ("subnet-1",), "security_groups": ("sg-1", UNKNOWN), "durable": True, "tenants": True, "snap_start": True,
            "stops_loops": False,
        },
    ),
    (
        "a function that says what is so by default",
        "AWS::Lambda::Function",
        {
            "FunctionName": "work", "PackageType": "Zip", "RecursiveLoop": "Terminate", "SnapStart": {"ApplyOn": "None"},
            "TracingConfig": {"Mode": "PassThrough"}, "Code": {"ZipFile": OPEN}, "ReservedConcurrentExecutions": OPEN,
            "VpcConfig": {"SecurityGroupIds": OPEN},
        },
        "Function",
        {"runtime": "", "handler": "", "log_group": "/aws/lambda/work", "in_network": True, "security_groups": (UNKNOWN,)},
    ),
    (
        "how a function is invoked later",
        "AWS::Lambda::EventInvokeConfig",
        {"FunctionName": "work"},
        "AsyncConfig",
        {"function_arn": FUNCTION},
    ),
    (
        "how a function is invoked later, with all",
        "AWS::Lambda::EventInvokeConfig",
        {
            "FunctionName": "arn:f", "Qualifier": "live", "MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60,
            "DestinationConfig": {"OnSuccess": {"Destination": "arn:ok"}, "OnFailure": {"Destination": "arn:no"}},
        },
        "AsyncConfig",
        {"function_arn": "arn:f", "qualifier": "live", "retries": 0, "max_age": 60, "on_success": "arn:ok", "on_failure": "arn:no"},
    ),
    (
        "a mapping of a queue",
        "AWS::Lambda::EventSourceMapping",
        {"EventSourceArn": "arn:aws:sqs:eu-west-1:1:q", "FunctionName": "work"},
        "EventSourceMapping",
        {"source_arn": "arn:aws:sqs:eu-west-1:1:q", "function_arn": FUNCTION},
    ),
    (
        "a mapping of which a parameter says how much it may",
        "AWS::Lambda::EventSourceMapping",
        {"EventSourceArn": "arn:aws:sqs:eu-west-1:1:q", "FunctionName": "work", "ScalingConfig": {"MaximumConcurrency": OPEN},
         "MaximumRetryAttempts": OPEN},
        "EventSourceMapping",
        {"source_arn": "arn:aws:sqs:eu-west-1:1:q", "function_arn": FUNCTION},
    ),
    (
        "a mapping of a stream",
        "AWS::Lambda::EventSourceMapping",
        {"EventSourceArn": "arn:aws:kinesis:eu-west-1:1:stream/s", "FunctionName": "work", "MaximumRetryAttempts": -1,
         "MaximumRecordAgeInSeconds": -1, "StartingPositionTimestamp": "soon", "FunctionResponseTypes": ["Other"]},
        "EventSourceMapping",
        {"source_arn": "arn:aws:kinesis:eu-west-1:1:stream/s", "function_arn": FUNCTION, "batch_size": 100},
    ),
    (
        "a mapping with all",
        "AWS::Lambda::EventSourceMapping",
        {
            "EventSourceArn": "arn:s", "FunctionName": "work", "Enabled": False, "BatchSize": 5, "MaximumBatchingWindowInSeconds": 6,
            "FilterCriteria": FILTERS, "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 7}, "DestinationConfig": {"OnFailure": {"Destination": "arn:no"}},
            "ParallelizationFactor": 8, "BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 0,
            "MaximumRecordAgeInSeconds": 60, "TumblingWindowInSeconds": 11, "StartingPosition": "AT_TIMESTAMP",
            "StartingPositionTimestamp": 1767225600.5,
        },
        "EventSourceMapping",
        {
            "source_arn": "arn:s", "function_arn": FUNCTION, "enabled": False, "batch_size": 5, "window": 6, "filters": PATTERNS,
            "partial_failures": True, "max_concurrency": 7, "on_failure": "arn:no", "parallel": 8, "bisect": True, "retries": 0,
            "max_age": 60, "tumbling": 11, "position": "AT_TIMESTAMP", "since": 1767225600.5,
        },
    ),
    ("a URL", "AWS::Lambda::Url", {"TargetFunctionArn": "work", "AuthType": "NONE"}, "Url",
     {"type": "AWS::Lambda::Url", "function_arn": FUNCTION, "auth": "NONE"}),
    ("a URL of an alias", "AWS::Lambda::Url", {"TargetFunctionArn": "work", "Qualifier": "live", "AuthType": "AWS_IAM"}, "Url",
     {"type": "AWS::Lambda::Url", "function_arn": f"{FUNCTION}:live"}),
    (
        "a version",
        "AWS::Lambda::Version",
        {"FunctionName": "work", "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 3}},
        "Version",
        {"function_arn": FUNCTION, "version": "1", "provisioned": 3},
    ),
    ("a version without more", "AWS::Lambda::Version", {"FunctionName": FUNCTION}, "Version",
     {"function_arn": FUNCTION, "version": "1"}),
    (
        "an alias",
        "AWS::Lambda::Alias",
        {
            "Name": "live", "FunctionName": "work", "FunctionVersion": "2",
            "RoutingConfig": {
                "AdditionalVersionWeights": [{"FunctionVersion": "3", "FunctionWeight": 0.25}, {"FunctionVersion": "4",
                "FunctionWeight": []}]
            },
            "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 3},
        },
        "Alias",
        {
            "function_arn": FUNCTION, "version_arn": f"{FUNCTION}:2", "weights": {f"{FUNCTION}:3": 0.25, f"{FUNCTION}:4": 0.0},
            "provisioned": 3,
        },
    ),
    ("an alias without more", "AWS::Lambda::Alias", {"Name": "live", "FunctionName": "work", "FunctionVersion": "2"}, "Alias",
     {"function_arn": FUNCTION, "version_arn": f"{FUNCTION}:2"}),
    ("a whole policy of a function", "AWS::Lambda::ResourcePolicy", {"ResourceArn": "arn:f", "PolicyDocument": DOCUMENT},
     "ResourcePolicy", {"resources": ("arn:f",), "document": DOCUMENT}),
]  # fmt: skip


@pytest.mark.parametrize(("type", "properties", "kind", "fields"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_what_is_read(type, properties, kind, fields):
    (node,) = nodes(type, properties)
    assert (node.__class__.__name__, said(node)) == (kind, fields)


PERMISSIONS = [
    ({"Principal": "s3.amazonaws.com", "SourceArn": "arn:b"}, "Service", {"ArnLike": {"aws:SourceArn": "arn:b"}}),
    ({"Principal": "s3.amazonaws.com.cn", "SourceAccount": "1"}, "Service", {"StringEquals": {"aws:SourceAccount": "1"}}),
    ({"Principal": "x.aws.internal", "EventSourceToken": "t"}, "Service", {"StringEquals": {"lambda:EventSourceToken": "t"}}),
    ({"Principal": "*", "FunctionUrlAuthType": "NONE"}, "AWS", {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}),
    ({"Principal": "*", "InvokedViaFunctionUrl": True}, "AWS", {"Bool": {"lambda:InvokedViaFunctionUrl": True}}),
    ({"Principal": "*", "PrincipalOrgID": "o", "SourceAccount": "1"}, "AWS",
     {"StringEquals": {"aws:PrincipalOrgID": "o", "aws:SourceAccount": "1"}}),
    ({}, "AWS", {}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "kind", "condition"), PERMISSIONS)
def test_a_permission_is_a_policy_of_one_statement(given, kind, condition):
    (policy,) = nodes("AWS::Lambda::Permission", {"FunctionName": "work", "Action": "lambda:InvokeFunction", **given})
    statement = {
        "Effect": "Allow", "Principal": {kind: given.get("Principal")}, "Action": "lambda:InvokeFunction", "Resource": FUNCTION,
        "Condition": condition,
    }  # fmt: skip
    assert said(policy) == {"resources": (FUNCTION,), "document": {"Statement": [statement]}}


def test_where_the_code_is_stands_in_the_metadata():
    ours = {"source": "src", "shared": "common", "exclude": ["*.md", "tests"]}
    for type in ("AWS::Lambda::Function", "AWS::Lambda::LayerVersion"):
        (node,) = nodes(type, {}, metadata={"aws:asset:path": "asset.1", "cdk-event-flow:code": ours})
        assert node.code == Code(asset="asset.1", source="src", shared="common", exclude=("*.md", "tests"))


@pytest.mark.parametrize(("written", "kept"), [("Retain", True), ("RetainExceptOnCreate", True), ("Delete", False), (None, False)])
def test_a_version_stays_where_the_template_retains_it(written, kept):
    version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": "work"}, "DeletionPolicy": written}
    assert Flow.from_template({"Resources": {"It": version}}).find("It").kept is kept


@pytest.mark.parametrize(
    ("filters", "known"),
    [
        ([{"Pattern": {"a": [1]}}, {"Pattern": {"b": [OPEN], "c": [2]}}], ({"a": [1]}, {"c": [2]})),
        ([{"Pattern": {"a": [1]}}, {"Pattern": {"b": [OPEN]}}], ()),
        ([{"Pattern": {}}], ({},)),
        ([{"Pattern": OPEN}], ()),
    ],
)
def test_a_filter_of_which_nothing_is_known_may_let_all_through(filters, known):
    (mapping,) = nodes("AWS::Lambda::EventSourceMapping", {"FilterCriteria": {"Filters": filters}})
    assert mapping.filters == known
