"""Batches as handlers get them, and answers as Lambda reads them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_event_flow.local.mappings import failed_records
from cdk_event_flow.worker.records import event_of, failed_in

IDS = ["a", "b", "c"]


def test_a_record_has_what_lambda_gives_it():
    message = {
        "MessageId": "a",
        "ReceiptHandle": "r",
        "Body": "{}",
        "MD5OfBody": "m",
        "Attributes": {"ApproximateReceiveCount": "2"},
        "MD5OfMessageAttributes": "n",
        "MessageAttributes": {
            "kind": {"DataType": "String", "StringValue": "x"},
            "raw": {"DataType": "Binary", "BinaryValue": b"\1"},
        },
    }
    (record,) = event_of([message], "arn:aws:sqs:eu-west-1:111122223333:Jobs")["Records"]
    assert record == {
        "messageId": "a",
        "receiptHandle": "r",
        "body": "{}",
        "attributes": {"ApproximateReceiveCount": "2"},
        "messageAttributes": {
            "kind": {"stringListValues": [], "binaryListValues": [], "dataType": "String", "stringValue": "x"},
            "raw": {"stringListValues": [], "binaryListValues": [], "dataType": "Binary", "binaryValue": "AQ=="},
        },
        "md5OfBody": "m",
        "md5OfMessageAttributes": "n",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:Jobs",
        "awsRegion": "eu-west-1",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["a", "b", "", "z"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["batchItemFailures", "itemIdentifier", "x"]), inner, max_size=2)
    ),
    max_leaves=6,
)
ITEMS = st.lists(st.dictionaries(st.sampled_from(["itemIdentifier", "id"]), st.sampled_from([*IDS, "", None, 1])), max_size=4)
ANSWERS = JSON | st.fixed_dictionaries({"batchItemFailures": ITEMS})


@given(ANSWERS)
def test_answers_are_read_as_a_mapping_of_the_local_run_reads_them(answer):
    if answer != "":  # a mapping sees the text of an answer, in which this is two quotes
        assert failed_in(answer, IDS) == failed_records(json.dumps(answer).encode(), IDS)


@pytest.mark.parametrize("answer", [{1, 2}, {"batchItemFailures": [b"x"]}, object()])
def test_what_is_no_json_is_refused(answer):
    with pytest.raises(TypeError):
        failed_in(answer, IDS)
