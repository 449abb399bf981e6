"""Clicks in real time: a data stream → a function → a table; what nobody can read is set aside and does not hold up the rest."""

from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import EventFlowChecks, PythonFunction, Retry, Shards, Stream, Table, dead_letter_queue
from constructs import Construct


class ClickStream(cdk.Stack):
    """Where each visitor of the shop is just now."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        clicks = Stream(self, "Clicks")
        sessions = Table(self, "Sessions", partition_key="session_id", expires="until", stream=None)
        follower = PythonFunction(self, "Follower", code="lambda_src/sessions", environment={"TABLE": sessions.name})
        sessions.allow(follower, "PutItem")
        follower.consume(
            clicks,
            batch=500,
            window=timedelta(seconds=5),
            where={"data": {"kind": ["view", "buy"]}},
            retry=Retry(attempts=3, max_age=timedelta(hours=1), bisect=True),
            polling=Shards(parallel=2),
            on_failure=dead_letter_queue(self, "Unreadable"),
        )


app = cdk.App()
ClickStream(app, "ClickStream")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
