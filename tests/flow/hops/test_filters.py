"""What is said of a filter that lets nothing through, beyond the paths that missed."""

import json

import pytest

from cdk_event_flow.flow import Flow


def reading(body):
    """A function that reads a queue with a filter on the body."""
    pattern = {"Pattern": json.dumps({"body": body})}
    mapping = {
        "EventSourceArn": {"Fn::GetAtt": ["Jobs", "Arn"]},
        "FunctionName": {"Ref": "Work"},
        "FilterCriteria": {"Filters": [pattern]},
    }
    return Flow.from_template(
        {
            "Resources": {
                "Jobs": {"Type": "AWS::SQS::Queue"},
                "Work": {"Type": "AWS::Lambda::Function", "Properties": {}},
                "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
            }
        }
    )


@pytest.mark.parametrize(
    ("wanted", "body", "path", "note"),
    [
        ({"kind": ["job"]}, "a job", "body.kind is absent", "the body is plain text, the filter reads it as a JSON object"),
        (["a job"], {"kind": "job"}, "body is ", "the body is a JSON object, the filter reads it as plain text"),
    ],
)
def test_a_body_of_another_kind_than_the_filter_reads_is_said_with_the_path(wanted, body, path, note):
    sent = reading(wanted).send("Jobs", body)
    missed, noted = sent.why_not("Work").splitlines()
    assert missed.startswith(path)
    assert noted == f"the filter of the mapping from Jobs: {note}"
    assert noted in sent.explain()


def test_a_body_of_the_right_kind_has_no_note():
    assert reading({"kind": ["job"]}).send("Jobs", {"kind": "chore"}).why_not("Work").splitlines() == [
        'body.kind is "chore", the filter of the mapping from Jobs wants "job"'
    ]
