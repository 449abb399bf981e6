"""The changes that `make mutants` makes: each is one, is undone, and takes the place of a function that is alive."""

import ast
import importlib.util
import sys

import pytest

from tests.mutants.mutations import changed, mutations
from tests.mutants.page import Judgements, page
from tests.mutants.swapping import Alive

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
    judged = tmp_path / "judged.toml"
    judged.write_text('[[judged]]\nfile = "match/*"\nmutant = "cache"\nkind = "speed"\nreason = "it is remembered"\n')
    tried = [("match/a.py", "2:1 cache -> None", False), ("match/a.py", "1:1 a -> b", False), ("match/a.py", "3:1 c -> d", True)]
    text = page(tried, Judgements(judged), "all were tried")
    assert "| `match` | 3 | 1 | 0 | 1 | 0 | 1 |" in text
    assert text.endswith("- `1:1 a -> b`: open\n- `2:1 cache -> None`: speed (it is remembered)\n")
