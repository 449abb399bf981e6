"""The changes that `make mutants` makes: each is one, is undone, and takes the place of a function that is alive."""

import ast
import importlib.util
import sys

import pytest

from tests.mutants.mutations import changed, mutations
from tests.mutants.page import Judgements, page
from tests.mutants.swapping import Alive
from tests.mutants.units import named

CHANGES = [
    ("a < b", {"a <= b"}),
    ("a == b and c", {"a != b and c", "a == b or c", "a == b", "c"}),
    ("not a", {"a"}),
    ("a + 1", {"a - 1", "a + 2"}),
    ("a if b else c", {"a", "c"}),
    ("any(a)", {"all(a)"}),
    ("[x for x in a if x]", {"[x for x in a]"}),
    ("f(a, b=c)", {"f(a)"}),
    ("a[1:]", {"a[:]", "a[2:]"}),
    ("'word'", {"'XXword'"}),
    ("'a sentence'", set()),
    ("'https://example.com'", set()),
    ("f'a {b} c'", set()),
    ("zip(a, b, strict=True)", set()),
    ("str | Route | None", set()),
    ("A | b", {"A & b"}),
    ("cast(str, a)", set()),
]


@pytest.mark.parametrize(("source", "becomes"), CHANGES)
def test_an_expression_is_changed_in_each_way_once(source, becomes):
    tree = ast.parse(f"it = {source}")
    found = list(mutations(tree))
    assert {changed(tree, each).removeprefix("it = ") for each in found} == becomes
    assert len(found) == len(becomes)
    assert ast.unparse(tree) == f"it = {source}"


def test_statements_are_left_out_or_turned():
    source = '''
def f(a):
    """A docstring that says something."""
    if a:
        a.go()
    for each in a:
        continue
    raise ValueError("no " + a)
'''
    tree = ast.parse(source)
    assert {(each.was, each.becomes) for each in mutations(tree)} == {
        ("if a: a.go()", "if True: a.go()"),
        ("if a: a.go()", "if False: a.go()"),
        ("a.go()", "pass"),
        ("continue", "break"),
        ("raise ValueError('no ' + a)", "pass"),
    }
    assert not any(each.imported for each in mutations(tree))
    assert not list(mutations(ast.parse("if TYPE_CHECKING:\n    from a import b\n")))
    assert all(each.imported for each in mutations(ast.parse("A = 1\n\n\nclass B:\n    c = 2\n")))


def test_a_changed_function_takes_the_place_of_the_one_that_is_imported(tmp_path):
    file = tmp_path / "shop_of_mutants.py"
    source = (
        "import functools\n\n\n@functools.cache\ndef total(a):\n    return a + 1\n\n\ndef adder(a):\n    return lambda b: a + b\n"
    )
    file.write_text(source)
    spec = importlib.util.spec_from_file_location("shop_of_mutants", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules["shop_of_mutants"] = module
    spec.loader.exec_module(module)
    added = module.adder(10)
    tree = ast.parse(source)
    (minus,) = [each for each in mutations(tree) if each.was == "a + 1" and each.becomes == "a - 1"]
    minus.put(minus.new)
    assert Alive().of(file, source).swap(tree)
    minus.put(minus.old)
    assert module.total(5) == 4
    (inner,) = [each for each in mutations(tree) if each.becomes == "a - b"]
    inner.put(inner.new)
    assert Alive().of(file, source).swap(tree)
    assert added(1) == 9
    assert not Alive().of(tmp_path / "another.py", source).swap(tree)


def test_the_page_counts_and_gives_reasons(tmp_path):
    (tmp_path / "one.toml").write_text(
        '[[judged]]\nfile = "match/*"\nmutant = "cache"\nkind = "speed"\nreason = "it is remembered"\n'
        '[[judged]]\nfile = "match/*"\nfunction = "A.*"\nkind = "the same"\nreason = "of all of it"\n'
    )
    (tmp_path / "two.toml").write_text('[[judged]]\nfile = "match/*"\nmutant = "^1:1"\nkind = "speed"\nreason = "where it stands"\n')
    judgements = Judgements(tmp_path)
    tried = [
        ("match/a.py", "f", "2:1 cache -> None", False),
        ("match/a.py", "f", "1:1 a -> b", False),
        ("match/a.py", "A.go", "4:1 a -> b", False),
        ("match/a.py", "f", "3:1 c -> d", True),
    ]
    text = page(tried, judgements, "all were tried")
    assert "| `match` | 4 | 1 | 1 | 1 | 0 | 1 |" in text
    assert text.endswith(
        "- `f` `1:1 a -> b`: open\n"
        "- `f` `2:1 cache -> None`: speed (it is remembered)\n"
        "- `A.go` `4:1 a -> b`: the same (of all of it)\n"
    )
    assert [each["reason"] for each in judgements.unused()] == ["where it stands"]


UNITS = """
FIRST = 1


@cached
def f(a):
    return a + 1


class A:
    b = 2

    def go(self, a):
        return a + 1
"""


def test_a_mutant_is_named_by_its_function_wherever_that_stands():
    before, _ = named(UNITS)
    after, _ = named("import a\n" + UNITS.replace("FIRST = 1", "FIRST = 3"))
    assert {each.function for each in before} == {"", "f", "A", "A.go"}
    kept = {each.key for each in after}
    assert {each.function for each in before if each.key not in kept} == {""}
    assert all(each.id != other.id for each, other in zip(before, after, strict=True))
