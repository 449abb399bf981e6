"""The tables that the page on tables shows, on the reference app."""

import re
from pathlib import Path

import yaml

from cdk_event_flow.testing import who_gets_what

PAGE = Path(__file__).parent.parent.parent / "docs" / "how-to" / "test-who-gets-what.md"
(IN_PYTHON,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
(IN_YAML,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
NAMES = {}
exec(compile(IN_PYTHON, str(PAGE), "exec"), NAMES)

test_the_table_in_python = NAMES["test_who_gets_what"]
test_the_table_in_yaml = who_gets_what(yaml.safe_load(IN_YAML))
