"""Numbers of a dialect that compares not all of them: some digits after the point, some size."""

from cdk_event_flow.match.operators.anything_but import AnythingBut
from cdk_event_flow.match.operators.base import Leaf, is_number
from cdk_event_flow.match.operators.exact import Exact
from cdk_event_flow.match.operators.numeric import Numeric


def rounded(leaf: Leaf, digits: int) -> Leaf:
    """The leaf, for values that are rounded to so many digits."""
    match leaf:
        case Exact(literal) if isinstance(literal, float):
            return Exact(round(literal, digits))
        case Numeric(terms):
            return Numeric(tuple((operator, round(threshold, digits)) for operator, threshold in terms))
        case AnythingBut(excluded):
            return AnythingBut(tuple(rounded(each, digits) for each in excluded))
        case _:
            return leaf


def numbers_of(leaf: Leaf) -> tuple[float, ...]:
    """The numbers that the leaf compares with."""
    match leaf:
        case Exact(literal=literal) if is_number(literal):
            return (literal,)
        case Numeric(terms=terms):
            return tuple(threshold for _, threshold in terms)
        case AnythingBut(excluded=excluded):
            return tuple(number for each in excluded for number in numbers_of(each))
    return ()
