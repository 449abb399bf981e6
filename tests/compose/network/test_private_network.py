"""Endpoints of a private network: for what the handlers call, and not for what Lambda's own service does."""

import pytest
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow import Function, PrivateNetwork, Queue, Topic, decouple
from tests.compose.synthesis import flow_of, new_stack, resources, template_of


@pytest.fixture
def stack():
    return new_stack()


@pytest.fixture
def network(stack):
    return PrivateNetwork(stack, "Network")


def private(stack, id, network):
    code = lambda_.Code.from_inline("exports.handler = async () => {}")
    return Function(stack, id, code=code, handler="index.handler", runtime="nodejs24.x", network=network)


def endpoints(stack):
    names = [each["ServiceName"]["Fn::Join"][1][-1] for each in resources(template_of(stack), "AWS::EC2::VPCEndpoint")]
    assert [finding for finding in flow_of(stack).check() if finding.id == "EF508"] == []
    return names


def test_a_consumer_of_a_queue_needs_none(stack, network):
    Topic(stack, "Events").fan_out("Work", to=private(stack, "Consumer", network))
    assert endpoints(stack) == []


def test_a_function_that_sends_to_a_queue_has_a_way_to_it(stack, network):
    Queue(stack, "Jobs").allow_sending(private(stack, "Producer", network))
    assert endpoints(stack) == [".sqs"]


def test_a_function_that_consumes_a_queue_and_sends_to_the_next_has_one(stack, network):
    middle = private(stack, "Middle", network)
    decouple(stack, "First", producers=[], consumer=middle)
    decouple(stack, "Second", producers=[middle], consumer=private(stack, "Last", network))
    assert endpoints(stack) == [".sqs"]
