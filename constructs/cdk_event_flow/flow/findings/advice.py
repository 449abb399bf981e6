"""EF9xx: what is no fault of a template, and worth a look. Found on request only."""

import re
from collections.abc import Iterator

from cdk_event_flow.flow.findings.kinds import Found, finds
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Function, Rule
from cdk_event_flow.flow.sources import Route, Url

BEST_PRACTICES = "https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html"
# Who is answered asks again by itself, and knows that it does.
_ANSWERED = (Route, Url)
# A variable with what it remembers in. Powertools' own switch, which turns remembering off, is none.
_REMEMBERS = re.compile("IDEMPOTEN", re.IGNORECASE)
_SWITCH = "POWERTOOLS_IDEMPOTENCY_DISABLED"


@finds(
    "EF901",
    "info",
    "Consumer that may do things twice",
    why="What delivers at least once may deliver twice, and Lambda tries again after an error: the handler then does its work again",
    docs=BEST_PRACTICES,
)
def consumers_that_remember_nothing(flow: Flow) -> Iterator[Found]:
    """Functions that queues, streams, buses, topics or schedules invoke, and that have nothing to remember in.

    Nobody sees in a template whether doing it twice is harmless, as it is for most that only write under a key of their own.
    """
    invoked: dict[str, dict[str, None]] = {}
    for source, by, target in flow.ways.edges:
        function = flow.function(target)
        if function is not None and not isinstance(by, _ANSWERED):
            giver = by.arn if isinstance(by, Rule) else source
            invoked.setdefault(function.arn, {})[flow.names.get(giver, giver)] = None
    for function in flow.of(Function):
        givers = invoked.get(function.arn)
        if givers and not any(_REMEMBERS.search(name) and name != _SWITCH for name in function.environment):
            yield Found(
                function,
                f"It is invoked at least once for each event of {', '.join(givers)}, and has nothing to remember in.",
                "Give it idempotent=True and make its handler so, or acknowledge why doing it twice does no harm.",
            )
