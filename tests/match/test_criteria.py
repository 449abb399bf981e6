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
    ("sqs", {"body": ["cGxhaW4="]}, {"body": "cGxhaW4="}, True),
    ("sqs", {"body": ["[1]"]}, {"body": "[1]"}, True),
    ("sqs", {"body": ["plain"]}, {"kinesis": {"body": "other"}, "body": "plain"}, True),
    ("kinesis", {"data": [None]}, {"kinesis": {"data": None}}, True),
    ("kinesis", {"data": ["YW@Jj"]}, {"kinesis": {"data": "YW@Jj"}}, True),  # no base64, though the rest of it would be "abc"
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


@pytest.mark.parametrize(("wanted", "body"), [({"a": ["x"]}, '{"a": "y"}'), (["text"], "plain")])
def test_nothing_is_said_of_the_kind_of_body_where_it_is_the_kind_that_is_wanted(wanted, body):
    assert FilterCriteria([{"body": wanted}]).explain({"body": body}).notes == ()


def test_nothing_is_said_of_the_kind_of_what_no_filter_names():
    record = {"topic": "t", "key": encoded("k"), "value": encoded(EU)}
    assert FilterCriteria([{"topic": ["other"]}, {"key": ["other"]}], source="kafka").explain(record).notes == ()


def test_the_filter_that_matches_is_explained_or_the_nearest():
    far, near = {"body": {"a": ["x"], "b": ["y"]}}, {"body": {"c": ["z"]}}
    for filters in ([far, near], [near, far]):
        verdict = FilterCriteria(filters).explain({"body": "{}"})
        assert [miss.path for miss in verdict.misses] == ["body.c"]
        verdict = FilterCriteria(filters).explain({"body": '{"a": "x", "b": "y"}'})
        assert (verdict.matched, {miss.path for miss in verdict.paths}) == (True, {"body.a", "body.b"})
    assert FilterCriteria([{"body": ["plain"]}, near]).explain({"body": "plain"}).notes == ()


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
    if "anything-but" in element:
        assert refused.value.problems[0].fix == "EventBridge Pipes takes only values inside anything-but"


WARNED = [
    ("sqs", {"messageId": ["1"]}, "EF-FILTER-KEY"),
    ("mq", {"messageID": ["1"]}, "EF-FILTER-KEY"),
    ("dynamodb", {"dynamodb": {"NewImage": {"a": {"N": [{"numeric": [">", 1]}]}}}}, "EF-FILTER-TYPE"),
    ("dynamodb", {"dynamodb": {"NewImage": {"a": {"N": ["5", {"numeric": [">", 1]}]}}}}, "EF-FILTER-TYPE"),
    ("dynamodb", {"dynamodb": {"NewImage": {"a": [{"exists": False}]}}}, "EF-FILTER-EXISTS"),
    ("dynamodb", {"dynamodb": {"OldImage": {"a": ["x", {"exists": False}]}}}, "EF-FILTER-EXISTS"),
]
MEANT = [
    ("dynamodb", {"dynamodb": {"NewImage": {"a": {"N": ["5"]}}}}),
    ("dynamodb", {"dynamodb": {"SizeBytes": [{"numeric": [">", 1]}]}}),
    ("dynamodb", {"dynamodb": {"NewImage": {"a": {"S": [{"exists": False}]}}}}),
    ("dynamodb", {"dynamodb": {"NewImage": {"a": ["x"]}}}),
    ("dynamodb", {"userIdentity": [{"exists": False}]}),
    ("sqs", {"body": {"a": ["x"]}}),
    ("mq", {"data": {"a": ["x"]}}),
    ("kinesis", {"data": {"N": [{"numeric": [">", 1]}]}}),
    ("kinesis", {"data": {"NewImage": {"a": [{"exists": False}]}}}),
]


@pytest.mark.parametrize(("source", "pattern", "code"), WARNED)
def test_a_filter_that_cannot_mean_what_it_says_is_warned_of(source, pattern, code):
    assert [each.code for each in FilterCriteria([pattern], source=source).warnings] == [code]


@pytest.mark.parametrize(("source", "pattern"), MEANT)
def test_a_filter_that_means_what_it_says_is_not(source, pattern):
    assert FilterCriteria([pattern], source=source).warnings == ()


def test_an_unknown_source_is_refused():
    with pytest.raises(PatternError, match="s3 is no source"):
        FilterCriteria([], source="s3")
