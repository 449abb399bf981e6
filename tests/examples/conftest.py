"""What the tests of examples share: their handlers loaded as Lambda loads them, with AWS in memory."""

import pytest
from moto import mock_aws

from tests.examples.checked import EXAMPLES, sample_event
from tests.loading import Context, Loader


@pytest.fixture
def load(capsys, monkeypatch):
    """`load("http_api", "orders", TABLE="Orders")` imports the handler of a function of an example, with these variables."""
    loaders = []

    def load(example, function, **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        loaders.append(Loader(EXAMPLES / example / "lambda_src", monkeypatch))
        return loaders[-1](function)

    yield load
    for loader in loaders:
        loader.forget_loggers()


@pytest.fixture
def sample():
    """A sample event of a function: `sample("http_api", "orders", "place")`."""

    return sample_event


@pytest.fixture
def context():
    return Context()


@pytest.fixture
def aws(monkeypatch):
    """An account in memory."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        yield
