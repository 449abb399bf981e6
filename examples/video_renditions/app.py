"""Video renditions: an upload → a topic → a queue per resolution → the function that makes it."""

from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import Bucket, EventFlowChecks, PythonFunction, Topic
from constructs import Construct

# Lines of each rendition, and the memory that its largest frames take; vCPU follows memory.
RENDITIONS = {240: 512, 480: 1_024, 720: 2_048}


class Renditions(cdk.Stack):
    """Each video that is uploaded is made smaller in several ways at once, which know nothing of each other."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        videos, renditions = Bucket(self, "Videos"), Bucket(self, "Renditions")
        uploaded = Topic(self, "Uploaded")
        videos.notify(uploaded, suffix=".y4m")
        for lines, memory in RENDITIONS.items():
            render = PythonFunction(
                self,
                f"Render{lines}",
                code="lambda_src/render",
                memory=memory,
                timeout=timedelta(minutes=5),
                environment={"LINES": str(lines), "RENDITIONS": renditions.name},
            )
            videos.allow(render, "GetObject")
            renditions.allow(render, "PutObject", prefix=f"{lines}p/")
            uploaded.fan_out(f"{lines}p", to=render, batch=1)


app = cdk.App()
Renditions(app, "VideoPortal")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
