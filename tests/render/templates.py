"""Templates to draw, made of few words."""

from cdk_event_flow.flow import Flow


class Template:
    """Adds resources under a construct path; `flow()` reads what is there."""

    def __init__(self, stack="Shop"):
        self.stack = stack
        self.resources = {}

    def add(self, logical_id, kind, path=None, **properties):
        metadata = {"aws:cdk:path": f"{self.stack}/{path}/Resource"} if path else {}
        self.resources[logical_id] = {"Type": f"AWS::{kind}", "Properties": properties, "Metadata": metadata}
        return {"Fn::GetAtt": [logical_id, "Arn"]}

    def bus(self, name, path=None):
        return self.add(name, "Events::EventBus", path, Name=name.lower())

    def rule(self, name, bus, pattern, *targets, path=None, **more):
        return self.add(name, "Events::Rule", path, EventBusName={"Ref": bus}, EventPattern=pattern,
                        Targets=[{"Id": f"T{at}", "Arn": target} for at, target in enumerate(targets)], **more)  # fmt: skip

    def topic(self, name, path=None):
        self.add(name, "SNS::Topic", path)
        return {"Ref": name}

    def queue(self, name, path=None, *, dead=None):
        redrive = {"RedrivePolicy": {"deadLetterTargetArn": dead, "maxReceiveCount": 5}} if dead else {}
        return self.add(name, "SQS::Queue", path, **redrive)

    def subscribe(self, name, topic, queue, policy=None):
        filtered = {"FilterPolicy": policy, "FilterPolicyScope": "MessageBody"} if policy else {}
        self.add(name, "SNS::Subscription", None, TopicArn=topic, Protocol="sqs", Endpoint=queue, **filtered)

    def function(self, name, path=None, **more):
        return self.add(name, "Lambda::Function", path, Runtime="python3.14", Handler="handler.handler", **more)

    def consume(self, name, queue, function, **more):
        self.add(name, "Lambda::EventSourceMapping", None, EventSourceArn=queue, FunctionName={"Ref": function}, **more)

    def flow(self):
        return Flow.from_template({"Resources": self.resources}, stack=self.stack)


def shop(domains):
    """A bus with a rule, a topic, two queues and two functions a domain; the second publishes back. 7 boxes a domain, and the bus."""
    template = Template()
    template.bus("Orders", "Orders/Bus")
    for number in range(domains):
        topic = template.topic(f"T{number}", f"Events{number}/Topic")
        template.rule(f"R{number}", "Orders", {"detail-type": [f"Event{number}"]}, topic, path=f"Orders/ToEvents{number}")
        for at in range(2):
            name = f"{number}x{at}"
            dead = template.queue(f"D{name}", f"Events{number}/Worker{at}/DeadLetters")
            queue = template.queue(f"Q{name}", f"Events{number}/Worker{at}/Queue", dead=dead)
            template.subscribe(f"S{name}", topic, queue, {"detail": {"region": ["eu", "us"]}} if at else None)
            variables = {"Environment": {"Variables": {"BUS": {"Ref": "Orders"}}}} if at and number % 5 == 0 else {}
            template.function(f"F{name}", f"Worker{name}/Function", **variables)
            template.consume(f"M{name}", queue, f"F{name}")
    return template.flow()
