"""Messages of any size: what is too large for SNS waits in a bucket, and the message is a claim for it."""

from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import Bucket, EventFlowChecks, PythonFunction, Table, Topic
from constructs import Construct

# Longer than a message can wait in its queue (4 days) and then as a dead letter (14 days), or a claim could not be redeemed.
KEPT = cdk.Duration.days(30)
PREFIX = "claims/"


class Reports(cdk.Stack):
    """Reports go out to whoever wants those of a region, whether they have ten rows or ten thousand."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        claims = Bucket(self, "Claims")
        claims.bucket.add_lifecycle_rule(prefix=PREFIX, expiration=KEPT, noncurrent_version_expiration=cdk.Duration.days(1))
        reports, counts = Topic(self, "Reports"), Table(self, "Counts", partition_key="report", stream=None)

        publish = PythonFunction(
            self, "Publish", code="lambda_src/publish", environment={"CLAIMS": claims.name, "TOPIC": reports.topic.topic_arn}
        )
        reports.allow_publishing(publish)
        claims.allow(publish, "PutObject", prefix=PREFIX)

        count = PythonFunction(self, "Count", code="lambda_src/count", environment={"CLAIMS": claims.name, "TABLE": counts.name})
        reports.fan_out("Europe", to=count, where={"region": ["eu"]})
        claims.allow(count, "GetObject", prefix=PREFIX)
        counts.allow(count, "PutItem")


app = cdk.App()
Reports(app, "Reports")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
