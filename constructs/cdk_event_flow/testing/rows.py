"""A YAML list with the line of each item, its values read as JSON would have them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from cdk_event_flow.errors import Problem, TableError

# YAML 1.2's core schema: `no` is a country, `12:30` a time of the day and `0815` a number of an order.
_SCALARS = {
    "bool": (re.compile(r"^(?:true|false)$"), "tf"),
    "int": (re.compile(r"^-?(?:0|[1-9][0-9]*)$"), "-0123456789"),
    "float": (re.compile(r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$"), "-0123456789"),
    "null": (re.compile(r"^(?:null|~|)$"), ["n", "~", ""]),
    "merge": (re.compile(r"^<<$"), "<"),
}


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which PyYAML would take the last."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML reads it of the class

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if key.value in seen and isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem=f"the key {key.value} stands twice", problem_mark=key.start_mark)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
        return node


for _tag, (_pattern, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", _pattern, list(_first))


def rows_in(file: Path, name: str) -> Iterator[tuple[int, Any]]:
    """The items of the file's list with their lines, from 1. Raises TableError (EF-TABLE), which calls the file `name`."""
    try:
        loader = _Loader(file.read_text("utf-8"))
        node = loader.get_single_node()
        rows = loader.construct_document(node) if node else []
    except OSError as error:
        raise _refused(name, f"it cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise _refused(name, f"it is not UTF-8: {error.reason} at byte {error.start}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise _refused(f"{name}:{mark.line + 1}" if mark else name, f"it is not YAML: {error.problem}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _refused(name, f"it is not YAML: {' '.join(str(error).split())}") from None
    if node is None:
        return iter(())
    if not (isinstance(rows, list) and isinstance(node, yaml.SequenceNode)):
        raise _refused(f"{name}:{node.start_mark.line + 1}", "it is not a list")
    return zip((item.start_mark.line + 1 for item in node.value), rows, strict=True)


def _refused(at: str, given: str) -> TableError:
    problem = Problem(code="EF-TABLE", given=given, allowed="a table is a YAML list of rows", fix="write it as `- name: …`")
    return TableError(at, problem)
