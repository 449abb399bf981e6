"""Video renditions by a fleet of workers: from nothing to as many as the backlog needs, and back to nothing."""

from datetime import timedelta

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import EventBus, EventFlowChecks, PrivateNetwork, Scaling, Topic, WorkerFleet


class Renditions(cdk.Stack):
    """uploads on a bus → topic → queue → 0 to 8 containers on Fargate, half of them on Spot."""

    def __init__(self, scope: cdk.App, id: str) -> None:
        super().__init__(scope, id)
        bus = EventBus(self, "Uploads")
        videos = Topic(self, "Videos")
        bus.route("ToVideos", {"source": ["media.uploads"], "detail-type": ["VideoUploaded"]}, to=videos)

        render = WorkerFleet(
            self,
            "Render",
            code="lambda_src/render",
            network=PrivateNetwork(self, "Network"),
            timeout=timedelta(minutes=30),
            scaling=Scaling(least=0, most=8, backlog=60),
            spot=50,
            cpu=1024,
            memory=2048,
        )
        videos.fan_out("Renditions", to=render, where={"detail": {"seconds": [{"numeric": [">", 0]}]}})


app = cdk.App()
Renditions(app, "Renditions")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
