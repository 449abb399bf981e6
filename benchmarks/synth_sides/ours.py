"""A stack of consumers of our own constructs: topic → filtered queue with dead letters → function."""

import aws_cdk as cdk

from cdk_event_flow import Function, Topic


class Consumers(cdk.Stack):
    """One topic, and consumers that are added one by one."""

    def __init__(self, scope, id):
        super().__init__(scope, id)
        self.events = Topic(self, "Events")

    def add(self, name, code, least):
        """One more consumer, of events whose total is over `least`."""
        function = Function(self, name, code=code, handler="handler.handler", runtime="python3.14")
        self.events.fan_out(name, to=function, where={"total": [{"numeric": [">", least]}]})
