"""Expressions of CloudWatch's metric math over one period: numbers, arithmetic, comparisons, and the functions that alarms use.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Value = float | None  # None: no data in the period
Values = Mapping[str, Value]

_ARITHMETIC: Mapping[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_OF_SEVERAL: Mapping[str, Callable[[list[float]], float]] = {
    "MAX": max, "MIN": min, "SUM": sum, "AVG": lambda values: sum(values) / len(values),
}  # fmt: skip


def metrics_of(expression: str) -> list[str]:
    """The ids that an expression names. Raises ValueError for an expression that is not understood here."""
    tree = _parsed(expression)
    _value(tree, _Everything())
    return [each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and each.id.islower()]


def value_of(expression: str, values: Values) -> Value:
    """What an expression is where the metrics have these values."""
    return _value(_parsed(expression), values)


class _Everything(dict[str, Value]):
    def __missing__(self, _: str) -> Value:
        return 1.0


def _parsed(expression: str) -> ast.expr:
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except SyntaxError:
        raise ValueError(expression) from None


def _value(part: ast.expr, values: Values) -> Value:
    match part:
        case ast.Constant(value=bool() | str()):
            pass
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = _value(operand, values)
            return None if value is None else -value
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return _joined(_ARITHMETIC[type(op)], _value(left, values), _value(right, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _ARITHMETIC:
            return _joined(_ARITHMETIC[type(op)], _value(left, values), _value(right, values))
        case ast.Call(func=ast.Name(id="FILL"), args=[series, instead]):
            value = _value(series, values)
            return _value(instead, values) if value is None else value
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, *otherwise]) if len(otherwise) <= 1:
            value = _value(condition, values)
            chosen = [then] if value else otherwise
            return None if value is None or not chosen else _value(chosen[0], values)
        case ast.Call(func=ast.Name(id=name), args=[ast.List(elts=series)]) if name in _OF_SEVERAL:
            known = list(_known(series, values))
            return _OF_SEVERAL[name](known) if known else None
    raise ValueError(ast.unparse(part))


def _known(series: list[ast.expr], values: Values) -> Iterator[float]:
    for each in series:
        if (value := _value(each, values)) is not None:
            yield value


def _joined(operate: Callable[[float, float], Any], left: Value, right: Value) -> Value:
    """A period without data on one side has none, and neither has a division by nothing."""
    if left is None or right is None or (operate is operator.truediv and right == 0):
        return None
    return float(operate(left, right))
