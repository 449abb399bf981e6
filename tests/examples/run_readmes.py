"""Writes into the READMEs of examples, and into the pages that quote them, what their commands print now: `make docs`.

Where only times differ nothing is written. Look at what changed before it is committed.
"""

from tests.docs.blocks import ROOT
from tests.examples.checked import EXAMPLES
from tests.examples.readme import differences

QUOTING = (ROOT / "docs" / "learn.md",)


def main():
    for example in sorted(app.parent for app in EXAMPLES.glob("*/app.py")):
        for (line, shown), printed in differences(example.name).items():
            print(f"{example.name}: {line}")
            for page in (example / "README.md", *QUOTING):
                text = page.read_text("utf-8")
                page.write_text(text.replace(f"$ {line}\n{shown}", f"$ {line}\n{printed}"), "utf-8")


if __name__ == "__main__":
    main()
