"""Small changes to Python source, each of which some test should notice.

Text is changed only where it is a word (a key, a name, an operator): sentences, addresses and the literal parts of f-strings are
what people read, and what an error says besides its code is left alone too, as are docstrings, annotations, and what is there for the
type checker.
"""

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass

SWAPS = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.In: ast.NotIn,
    ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr, ast.BitXor: ast.BitOr, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
PAIRS = [
    ("any", "all"), ("min", "max"), ("startswith", "endswith"), ("lower", "upper"), ("partition", "rpartition"),
    ("lstrip", "rstrip"), ("removeprefix", "removesuffix"), ("append", "extend"),
]  # fmt: skip
NAMES = {**dict(PAIRS), **{second: first for first, second in PAIRS}}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One change of one file: `holder.field[index]`, or the field itself, becomes `new`. `imported`: the line runs at import."""

    line: int
    column: int
    was: str
    becomes: str
    imported: bool
    holder: ast.AST
    field: str
    index: int | None
    old: ast.AST
    new: ast.AST

    @property
    def id(self) -> str:
        """What names it within its file."""
        return f"{self.line}:{self.column} {self.was} -> {self.becomes}"

    def put(self, node: ast.AST) -> None:
        """Puts the old or the new node in its place."""
        if self.index is None:
            setattr(self.holder, self.field, node)
        else:
            getattr(self.holder, self.field)[self.index] = node


def changed(tree: ast.Module, mutation: Mutation) -> str:
    """The file with the change in it, as source."""
    mutation.put(mutation.new)
    try:
        return ast.unparse(tree)
    finally:
        mutation.put(mutation.old)


def mutations(tree: ast.Module) -> Iterator[Mutation]:
    """Every change of the file."""
    yield from _within(tree, imported=True)


def _within(node: ast.AST, *, imported: bool) -> Iterator[Mutation]:
    for field, value in ast.iter_fields(node):
        if _is_left_alone(node, field):
            continue
        inner = imported and not (isinstance(node, FUNCTIONS) and field == "body")
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _is_docstring(node, field, index, child):
                continue
            for new, was, becomes in () if _is_for_types(child) else _instead(child, holder=node):
                yield Mutation(
                    line=child.lineno, column=child.col_offset, was=was, becomes=becomes, imported=inner,
                    holder=node, field=field, index=index, old=child, new=ast.fix_missing_locations(ast.copy_location(new, child)),
                )  # fmt: skip
            yield from _within(child, imported=inner)


def _is_left_alone(node: ast.AST, field: str) -> bool:
    return (
        field in {"annotation", "returns", "ctx", "type_params"}
        or isinstance(node, (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal))
        or (isinstance(node, ast.Raise) and field in {"exc", "cause"})
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in {"__all__", "__slots__"})
        or (isinstance(node, ast.Assign) and field == "targets")
        or _is_for_types(node)
        or (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in {"Literal", "Callable"})
        or (isinstance(node, ast.FormattedValue) and field == "format_spec")
        or (isinstance(node, ast.keyword) and node.arg == "strict")
    )


def _is_for_types(node: ast.AST) -> bool:
    """Nothing that runs asks for it: imports, casts, names of types, what makes a class refuse what the type checker refuses."""
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in {"cast", "dataclass", "TypeVar"}
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) and all(map(_is_type, (node.left, node.right)))


def _is_type(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_type(node.left) and _is_type(node.right)
    known = isinstance(node, ast.Name) and (node.id in dir(builtins) or (node.id[0].isupper() and not node.id.isupper()))
    return known or (isinstance(node, ast.Constant) and node.value is None)


def _is_docstring(node: ast.AST, field: str, index: int | None, child: ast.AST) -> bool:
    return (
        field == "body" and index == 0 and isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
    )  # fmt: skip


def _instead(node: ast.AST, *, holder: ast.AST) -> Iterator[tuple[ast.AST, str, str]]:
    """What may stand in the place of a node, with words for both."""
    if isinstance(node, ast.expr):
        for new in _expressions(node, holder):
            yield new, _short(node), _short(new)
    elif isinstance(node, ast.stmt):
        for new in _statements(node):
            yield new, _short(node), _short(new)


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 100 else text[:97] + "..."


def _expressions(node: ast.expr, holder: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Constant():
            if not isinstance(holder, (ast.JoinedStr, ast.FormattedValue)):
                yield from _constants(node.value)
        case ast.Compare():
            for at, operator in enumerate(node.ops):
                operators = [*node.ops[:at], SWAPS[type(operator)](), *node.ops[at + 1 :]]
                yield ast.Compare(node.left, operators, node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(SWAPS[type(node.op)](), node.values)
            for at in range(len(node.values)):
                rest = [*node.values[:at], *node.values[at + 1 :]]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.BinOp():
            texts = (ast.JoinedStr, ast.List)
            if not any(isinstance(side, texts) or (isinstance(side, ast.Constant) and isinstance(side.value, str))
                       for side in (node.left, node.right)):  # fmt: skip
                yield ast.BinOp(node.left, SWAPS[type(node.op)](), node.right)
        case ast.IfExp():
            yield node.body
            yield node.orelse
        case ast.Call():
            yield from _calls(node)
        case ast.Subscript(slice=ast.Slice() as cut):
            if cut.lower is not None:
                yield ast.Subscript(node.value, ast.Slice(None, cut.upper, cut.step), node.ctx)
            if cut.upper is not None:
                yield ast.Subscript(node.value, ast.Slice(cut.lower, None, cut.step), node.ctx)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            for at, generator in enumerate(node.generators):
                for condition in range(len(generator.ifs)):
                    ifs = [*generator.ifs[:condition], *generator.ifs[condition + 1 :]]
                    fewer = ast.comprehension(generator.target, generator.iter, ifs, generator.is_async)
                    parts = {field: getattr(node, field) for field in node._fields}
                    yield type(node)(**{**parts, "generators": [*node.generators[:at], fewer, *node.generators[at + 1 :]]})


def _constants(value: object) -> Iterator[ast.expr]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
    elif isinstance(value, str) and "://" not in value and not any(each.isspace() for each in value):
        yield ast.Constant("XX" + value)


def _calls(node: ast.Call) -> Iterator[ast.expr]:
    function = node.func
    if isinstance(function, ast.Name) and function.id in NAMES:
        yield ast.Call(ast.Name(NAMES[function.id], function.ctx), node.args, node.keywords)
    if isinstance(function, ast.Attribute) and function.attr in NAMES:
        yield ast.Call(ast.Attribute(function.value, NAMES[function.attr], function.ctx), node.args, node.keywords)
    for at, keyword in enumerate(node.keywords):
        if keyword.arg not in {None, "strict"}:
            yield ast.Call(function, node.args, [*node.keywords[:at], *node.keywords[at + 1 :]])


def _statements(node: ast.stmt) -> Iterator[ast.stmt]:
    match node:
        case ast.If():
            yield ast.If(ast.Constant(True), node.body, node.orelse)
            yield ast.If(ast.Constant(False), node.body, node.orelse)
        case ast.While():
            yield ast.While(ast.Constant(False), node.body, node.orelse)
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant) or value.value not in (None, True, False):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.Raise():
            yield ast.Pass()
        case ast.Expr(value=ast.Yield(value=ast.expr()) | ast.YieldFrom()):
            yield ast.Expr(ast.YieldFrom(ast.Tuple([], ast.Load())))
        case ast.AugAssign():
            yield ast.AugAssign(node.target, SWAPS[type(node.op)](), node.value)
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript(), *_]) | ast.Delete():
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()
        case ast.Match() if len(node.cases) > 1:
            for at in range(len(node.cases)):
                yield ast.Match(node.subject, [*node.cases[:at], *node.cases[at + 1 :]])
