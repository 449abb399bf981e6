"""Numbers of which only some digits after the point are compared."""

from cdk_event_flow.match.operators.anything_but import AnythingBut
from cdk_event_flow.match.operators.base import Leaf
from cdk_event_flow.match.operators.exact import Exact
from cdk_event_flow.match.operators.numeric import Numeric


def rounded(leaf: Leaf, digits: int) -> Leaf:
    """The leaf, for values that are rounded to so many digits."""
    match leaf:
        case Exact(literal) if isinstance(literal, float):
            return Exact(round(literal, digits))
        case Numeric(terms):
            return Numeric(tuple((operator, round(threshold, digits)) for operator, threshold in terms))
        case AnythingBut(excluded) if any(isinstance(each, Exact) and isinstance(each.literal, float) for each in excluded):
            return AnythingBut(tuple(rounded(each, digits) for each in excluded))
        case _:
            return leaf
