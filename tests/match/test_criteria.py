"""Filters of event source mappings and pipes: which key each source looks at, and what is dropped."""

import base64

import pytest

from cdk_event_flow.match import FilterCriteria, PatternError, PipeFilters


def encoded(text):
    return base64.b64encode(text.encode()).decode()


EU = '{"region": "eu"}'
CASES = [
    ("sqs", {"body": {"region": ["eu"]}}, {"messageId": "1", "body": EU}, True),
    ("sqs", {"body": {"region": ["us"]}}, {"messageId": "1", "body": EU}, False),
    ("sqs", {"body": {"region": ["eu"]}}, {"body": "plain"}, False),
    ("sqs", {"body": ["plain"]}, {"body": "plain"}, True),
    ("sqs", {"body": ["plain"]}, {"body": EU}, False),
    ("sqs", {"body": [{"prefix": "pl"}]}, {"body": "plain"}, True),
    ("sqs", {"messageId": ["1"]}, {"messageId": "1", "body": EU}, False),
    ("sqs", {"body": {"Message": {"region": ["eu"]}}}, {"body": '{"Message": "{\\"region\\": \\"eu\\"}"}'}, False),
    ("kinesis", {"data": {"region": ["eu"]}}, {"kinesis": {"data": encoded(EU)}}, True),
    ("kinesis", {"data": {"region": ["eu"]}}, {"kinesis": {"data": encoded("plain")}}, False),
    ("kinesis", {"data": ["plain"]}, {"kinesis": {"data": encoded("plain")}}, True),
    ("kinesis", {"kinesis": {"partitionKey": ["p"]}}, {"kinesis": {"data": encoded(EU), "partitionKey": "p"}}, True),
    ("dynamodb", {"eventName": ["INSERT"]}, {"eventName": "INSERT", "dynamodb": {}}, True),
    ("dynamodb", {"dynamodb": {"NewImage": {"a": {"S": ["x"]}}}}, {"dynamodb": {"NewImage": {"a": {"S": "x"}}}}, True),
    ("dynamodb", {"dynamodb": {"NewImage": {"a": ["x"]}}}, {"dynamodb": {"NewImage": {"a": {"S": "x"}}}}, False),
    (
        "dynamodb",
        {"dynamodb": {"NewImage": {"a": {"N": [{"numeric": [">", 1]}]}}}},
        {"dynamodb": {"NewImage": {"a": {"N": "5"}}}},
        False,
    ),
    (
        "dynamodb",
        {"dynamodb": {"NewImage": {"a": [{"exists": False}]}}},
        {"dynamodb": {"NewImage": {"a": {"S": "x"}}}},
        True,
    ),
    ("mq", {"data": {"region": ["eu"]}}, {"messageID": "1", "data": encoded(EU)}, True),
    ("mq", {"messageID": ["1"]}, {"messageID": "1", "data": encoded(EU)}, False),
    ("kafka", {"value": {"region": ["eu"]}}, {"topic": "t", "value": encoded(EU)}, True),
    ("kafka", {"key": ["k"]}, {"topic": "t", "key": encoded("k"), "value": encoded(EU)}, True),
    ("kafka", {"topic": ["t"]}, {"topic": "t", "value": encoded(EU)}, True),
    ("documentdb", {"event": {"operationType": ["insert"]}}, {"event": {"operationType": "insert"}}, True),
]


@pytest.mark.parametrize(("source", "pattern", "record", "matches"), CASES)
@pytest.mark.parametrize("kind", [FilterCriteria, PipeFilters])
def test_each_source_is_filtered_by_its_own_key(kind, source, pattern, record, matches):
    criteria = kind([pattern], source=source)
    assert criteria.matches(record) is matches
    assert criteria.explain(record).matched is matches


def test_one_of_several_filters_is_enough_and_none_lets_all_through():
    criteria = FilterCriteria([{"body": {"a": ["x"]}}, {"body": {"b": ["y"]}}])
    assert [criteria.matches({"body": body}) for body in ('{"b": "y"}', '{"b": "z"}')] == [True, False]
    assert FilterCriteria([]).matches({"body": "anything"})
    assert FilterCriteria([]).explain({"body": "anything"}).matched


def test_a_plain_body_against_a_json_filter_says_so():
    verdict = FilterCriteria([{"body": {"a": ["x"]}}]).explain({"body": "plain"})
    assert verdict.notes == ("the body is plain text, the filter reads it as a JSON object",)
    verdict = FilterCriteria([{"body": ["plain"]}]).explain({"body": "{}"})
    assert verdict.notes == ("the body is a JSON object, the filter reads it as plain text",)


def test_a_mapping_takes_ten_filters_and_warns_above_five():
    filters = [{"body": {"a": [str(n)]}} for n in range(11)]
    assert [each.code for each in FilterCriteria(filters[:10]).warnings] == ["EF-FILTER-COUNT"]
    assert FilterCriteria(filters[:5]).warnings == ()
    with pytest.raises(PatternError, match="Too many filters: 11"):
        FilterCriteria(filters)


def test_a_pipe_takes_five_filters():
    filters = [{"body": {"a": [str(n)]}} for n in range(6)]
    assert PipeFilters(filters[:5]).warnings == ()
    with pytest.raises(PatternError, match="Too many filters: 6"):
        PipeFilters(filters)


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        ({"wildcard": "x*"}, "Unrecognized match type wildcard"),
        ({"anything-but": {"prefix": "x"}}, "Unsupported anything-but pattern: prefix"),
        ({"anything-but": {"wildcard": "x*"}}, "Unsupported anything-but pattern: wildcard"),
    ],
)
def test_a_pipe_takes_no_wildcard_and_no_operator_inside_anything_but(element, reason):
    assert FilterCriteria([{"body": {"a": [element]}}]).matches({"body": '{"a": "xy"}'}) is ("wildcard" in element)
    with pytest.raises(PatternError) as refused:
        PipeFilters([{"body": {"a": [element]}}])
    assert (refused.value.reason, refused.value.path) == (reason, "body.a")


WARNED = [
    ("sqs", {"messageId": ["1"]}, "EF-FILTER-KEY"),
    ("mq", {"messageID": ["1"]}, "EF-FILTER-KEY"),
    ("dynamodb", {"dynamodb": {"NewImage": {"a": {"N": [{"numeric": [">", 1]}]}}}}, "EF-FILTER-TYPE"),
    ("dynamodb", {"dynamodb": {"NewImage": {"a": [{"exists": False}]}}}, "EF-FILTER-EXISTS"),
]


@pytest.mark.parametrize(("source", "pattern", "code"), WARNED)
def test_a_filter_that_cannot_mean_what_it_says_is_warned_of(source, pattern, code):
    assert [each.code for each in FilterCriteria([pattern], source=source).warnings] == [code]


def test_an_unknown_source_is_refused():
    with pytest.raises(PatternError, match="s3 is no source"):
        FilterCriteria([], source="s3")
