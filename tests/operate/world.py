"""A shop whose dead letters can be operated, and runs of it."""

import json
import time
from contextlib import contextmanager

from cdk_event_flow.flow import Flow
from cdk_event_flow.local.post import RefusedError
from cdk_event_flow.operate.aws import Aws
from cdk_event_flow.operate.dead_letters import find
from cdk_event_flow.operate.stack import Stack
from tests.local import world as w

ACCOUNT, REGION = "123456789012", "us-east-1"


def arn(name):
    return {"Fn::GetAtt": [name, "Arn"]}


def queue(dead=None, **properties):
    redrive = {"RedrivePolicy": {"deadLetterTargetArn": arn(dead), "maxReceiveCount": 2}} if dead else {}
    return {"Type": "AWS::SQS::Queue", "Properties": {**redrive, **properties}}


def function(**properties):
    code = {"ZipFile": "def handler(event, context): pass"}
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Runtime": "python3.13", "Handler": "index.handler", "Code": code, **properties},
    }


RESOURCES = {
    "Orders": queue("OrdersDead"),
    "OrdersDead": queue(),
    "Parked": queue(),
    "Nothing": queue(),
    "Ordered": queue("OrderedDead", FifoQueue=True),
    "OrderedDead": queue(FifoQueue=True),
    "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "shop"}},
    "Archive": {"Type": "AWS::Events::Archive", "Properties": {"SourceArn": arn("Bus")}},
    "Rule": {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventBusName": {"Ref": "Bus"},
            "EventPattern": {"source": ["shop.orders"]},
            "Targets": [
                {"Id": "Parked", "Arn": arn("Parked"), "InputPath": "$.detail", "DeadLetterConfig": {"Arn": arn("RuleDead")}},
                {"Id": "Orders", "Arn": arn("Orders")},
            ],
        },
    },
    "RuleDead": queue(),
    "Topic": {"Type": "AWS::SNS::Topic"},
    "FifoTopic": {"Type": "AWS::SNS::Topic", "Properties": {"FifoTopic": True}},
    "Subscription": {
        "Type": "AWS::SNS::Subscription",
        "Properties": {
            "TopicArn": {"Ref": "Topic"},
            "Protocol": "sqs",
            "Endpoint": arn("Parked"),
            "RedrivePolicy": {"deadLetterTargetArn": arn("TopicDead")},
        },
    },
    "TopicDead": queue(),
    "Billing": function(DeadLetterConfig={"TargetArn": arn("InvokeDead")}),
    "Packing": function(DeadLetterConfig={"TargetArn": arn("InvokeDead")}),
    "InvokeDead": queue(),
    "Shipping": function(),
    "ShippingConfig": {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": {"Ref": "Shipping"},
            "Qualifier": "$LATEST",
            "DestinationConfig": {"OnFailure": {"Destination": arn("RecordDead")}},
        },
    },
    "RecordDead": queue(),
    "Consumer": function(),
    "Consumed": queue("ConsumedDead", VisibilityTimeout=1),
    "ConsumedDead": queue(),
    "Mapping": {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {"EventSourceArn": arn("Consumed"), "FunctionName": {"Ref": "Consumer"}},
    },
}
TEMPLATE = {"Resources": RESOURCES}


class Shop:
    """The shop as it runs: `stack` operates it, `sqs` and the others are plain boto3, `fail(name)` makes a receiver refuse."""

    def __init__(self, run, stack, template):
        self.run = run
        self.stack = stack
        self.template = template

    def client(self, service):
        return self.stack.aws.client(service)

    def queue(self, name):
        return find(self.stack, name)

    def node(self, name):
        return self.stack.flow.find(name)

    def fail(self, *names, code="NO_PERMISSIONS", message="not allowed"):
        arns = {self.node(name).arn for name in names}
        refusal = RefusedError(code, message, retry=False)
        self.run.engine.hub.post.before = lambda arn: refusal if arn in arns else None

    def lay(self, name, *bodies, **more):
        """Messages that lie in a queue."""
        url = self.node(name).url
        for start in range(0, len(bodies), 10):
            entries = [
                {"Id": str(n), "MessageBody": body if isinstance(body, str) else json.dumps(body), **more}
                for n, body in enumerate(bodies[start : start + 10])
            ]
            assert not self.client("sqs").send_message_batch(QueueUrl=url, Entries=entries).get("Failed")

    def dead(self, name, *bodies, **more):
        """Messages that come to the dead-letter queue of the queue `name`, as SQS moves them there."""
        url = self.node(name).url
        self.lay(name, *bodies, **more)
        left = len(bodies) * 3
        while left > 0 and (self.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)).get(
            "Messages"
        ):
            left -= 1
        assert not self.messages(name)

    def pass_time(self, seconds):
        """On the run's clock, which jumps when somebody waits."""
        until = self.run.clock.now() + seconds
        while self.run.clock.now() < until:
            self.client("sqs").receive_message(QueueUrl=self.node("Nothing").url, WaitTimeSeconds=20)

    def messages(self, name):
        """What lies in a queue, as the engine has it."""
        return list(self.run.engine.queue(self.node(name).name))

    def bodies(self, name):
        return [json.loads(message.body) if message.body[:1] in '{["' else message.body for message in self.messages(name)]

    def settled(self, what, seconds=10):
        """Wait until `what()` holds."""
        until = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < until, "it did not come to be"
            time.sleep(0.01)


@contextmanager
def shop(tmp_path, *, handlers=None, template=TEMPLATE, **options):
    """A run of the shop on a thread of its own, which `event-flow … --local` finds; its clock jumps."""
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(template))
    flow = Flow.from_template(file)
    options.setdefault("start", time.time())
    nodes = [node for node in flow.nodes.values() if node.path != "default"]
    with w.serving(*nodes, handlers=handlers, account=ACCOUNT, region=REGION, **options) as run:
        aws = Aws.of_run(run.endpoint_url, region=REGION)
        yield Shop(run, Stack(name="the local run", flow=flow, aws=aws, run=f"{time.time_ns()}"), file)
