"""Random apps of our own constructs: `flow` and cfn-lint find nothing in them, and every wildcard has its reason."""

import json
import random

import pytest

from . import random_apps
from .random_apps.judged import templates, wrong

APPS, LINTED = 10, 2
ANY_BUCKET = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:*", "Resource": "*"}


@pytest.fixture(scope="module")
def code(tmp_path_factory):
    """The folder of the least function there is."""
    return random_apps.code_in(tmp_path_factory.mktemp("code"))


@pytest.mark.parametrize("seed", range(APPS))
def test_nothing_is_wrong_with_a_random_app_of_our_constructs(seed, tmp_path, code):
    assert wrong(random_apps.compose(random.Random(seed), tmp_path, code), linted=seed < LINTED) == []


def test_what_is_wrong_in_such_an_app_is_said(tmp_path, code):
    assembly = random_apps.compose(random.Random(2), tmp_path, code)
    for file in templates(assembly):
        template = json.loads(file.read_text("utf-8"))
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::SQS::Queue":
                resource["Properties"]["DelaySeconds"] = "Many"
            if resource["Type"] == "AWS::SQS::QueuePolicy":
                resource["Properties"]["PolicyDocument"]["Statement"] = [ANY_BUCKET]
        file.write_text(json.dumps(template))
    said = "\n".join(wrong(assembly, linted=True))
    assert "EF50" in said  # deliveries without permission
    assert "Wildcard(type='AWS::SQS::QueuePolicy', part='Action', text='sqs:*'" in said
    assert "'Many' is not of type 'integer'" in said
