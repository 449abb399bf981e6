"""Where a pattern stands decides what may stand in it."""

from dataclasses import dataclass

OPERATORS = frozenset({"prefix", "suffix", "equals-ignore-case", "wildcard", "cidr", "exists", "numeric", "anything-but"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """What one service takes. `max_characters` counts the pattern as compact JSON."""

    name: str
    operators: frozenset[str] = OPERATORS
    inside_anything_but: frozenset[str] = frozenset({"prefix", "suffix", "equals-ignore-case", "wildcard"})
    lists_inside_anything_but: bool = True
    max_characters: int = 4_096
    usual_characters: int | None = None
    digits: int | None = None  # after the point, of numbers compared; None is all
    largest: int | None = None  # number compared, and its negative; None is whatever a double holds


# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html: 2,048 characters, 4,096 by quota
EVENTBRIDGE = Dialect(name="EventBridge", usual_characters=2_048)
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-filtering.html
PIPES = Dialect(name="EventBridge Pipes", operators=OPERATORS - {"wildcard"}, inside_anything_but=frozenset())
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
MAPPING = Dialect(name="A Lambda event source mapping")
# https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
SNS = Dialect(
    name="SNS",
    operators=OPERATORS - {"wildcard"},
    inside_anything_but=frozenset({"prefix"}),
    lists_inside_anything_but=False,
    max_characters=256 * 1024,
    digits=5,
    largest=10**9,
)
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-eventsv2-subscriber-filter.html
SUBSCRIBER = Dialect(name="An event bus subscriber")
