"""Handlers of examples in tests: with AWS in memory, in an environment of their own."""

import logging
from dataclasses import dataclass

import pytest
from moto import mock_aws

from tests.examples.handlers import handler_of

REGION = "eu-west-1"


@dataclass
class Context:
    """What Lambda's context says."""

    function_name: str = "demo"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:111122223333:function:demo:live"
    aws_request_id: str = "8f5f5c5e-6d0c-4d5e-9b1a-3f0f6d3c2b1a"

    def get_remaining_time_in_millis(self):
        return 30_000


@pytest.fixture
def context():
    return Context()


@pytest.fixture
def aws(monkeypatch):
    """An account in memory."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


@pytest.fixture
def load(monkeypatch, capsys):
    """`load("http_api", "orders", TABLE="Orders")` gives the handler of a function in an environment with these variables."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    services = []

    def load(example, function, **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        module = handler_of(example, function)
        services.append(module.logger.service)
        return module.handler

    yield load
    for service in services:  # a logger keeps the standard output that it found
        logging.Logger.manager.loggerDict.pop(service, None)
