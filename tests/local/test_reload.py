"""Hot reload, on functions of one or two files in real environments."""

import asyncio
import json
import random
import time

import pytest

from cdk_event_flow.flow.model import Code
from cdk_event_flow.local.code import CodeForHere
from cdk_event_flow.local.environments import Environments
from cdk_event_flow.local.reload import Reload

from . import world as w

HANDLER = "import time, words\ndef handler(event, context):\n    time.sleep(event)\n    return words.WORD\n"


class App:
    """Two functions, each of a handler and a module, and a folder that they share."""

    def __init__(self, folder):
        self.folder = folder
        self.said = []
        self.functions = []
        self.write("shared/common.py", "WORD = 'common'\n")
        for name in ("one", "two"):
            self.write(f"{name}/handler.py", HANDLER)
            self.write(f"{name}/words.py", "from shared import common\nWORD = 'first ' + common.WORD\n")
            self.functions.append(w.function(name, code=Code(source=name, shared="shared"), timeout=10))

    def write(self, name, text):
        file = self.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def run(self, body):
        """Give the test's body the environments and what looks at the files."""

        async def main():
            code = CodeForHere(app=self.folder, assembly=self.folder, layers=(), say=lambda _: None)

            async def prepare(function):
                return code.prepare(function)

            environments = Environments(
                functions=self.functions, prepare=prepare, endpoint="http://127.0.0.1:1", region=w.REGION, account=w.ACCOUNT,
                folder=self.folder / "work", rng=random.Random(0),
            )  # fmt: skip
            names = {function.arn: function.name for function in self.functions}
            reload = Reload(
                self.functions, (), app=self.folder, code=code, renew=environments.renew, names=names, say=self.said.append
            )
            async with environments, asyncio.timeout(30):
                await body(environments, reload)

        asyncio.run(main())

    async def ask(self, environments, name="one", seconds=0.0):
        answer = await environments.invoke(w.arn("lambda", f"function:{name}"), json.dumps(seconds).encode())
        return json.loads(answer.payload)


@pytest.fixture
def app(tmp_path):
    return App(tmp_path)


def test_changed_code_takes_over_within_a_second_and_what_is_in_hand_ends_with_the_old(app):
    async def body(environments, reload):
        assert await app.ask(environments) == "first common"
        old = environments.live[0].pid
        in_hand = asyncio.create_task(app.ask(environments, seconds=1.5))
        await asyncio.sleep(0.2)
        watching = asyncio.create_task(reload.watch())
        begun = time.monotonic()
        app.write("one/words.py", "WORD = 'second'\n")
        while not app.said:
            await asyncio.sleep(0.01)
        took = time.monotonic() - begun
        assert app.said == ["one has new code: one/words.py"]
        assert await app.ask(environments) == "second"
        assert await in_hand == "first common"
        watching.cancel()
        assert old not in {live.pid for live in environments.live}
        assert took < 5  # a second where the machine is not shared

    app.run(body)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("one/words.py", "WORD = \n", "Runtime.UserCodeSyntaxError"),
        ("one/words.py", "import nothing_of_this_name\n", "No module named 'nothing_of_this_name'"),
        ("one/words.py", "WORD = 1 / 0\n", "ZeroDivisionError: division by zero"),
        ("one/handler.py", "def hander(event, context): ...\n", "EF-CODE-HANDLER"),
        ("one/handler.py", "def handler(:\n", "EF-CODE-SYNTAX"),
    ],
)
def test_a_broken_edit_keeps_the_old_code_and_says_so(app, name, text, said):
    async def body(environments, reload):
        assert await app.ask(environments) == "first common"
        warm = environments.live
        app.write(name, text)
        await reload.look()
        (told,) = app.said
        assert told.startswith(f"one keeps its code, {name} is broken: ")
        assert said in told
        assert await app.ask(environments) == "first common"
        assert [each.pid for each in environments.live] == [each.pid for each in warm]
        app.write("one/handler.py", HANDLER)
        app.write("one/words.py", "WORD = 'mended'\n")
        await reload.look()
        assert app.said[1].startswith("one has new code: ")
        assert await app.ask(environments) == "mended"

    app.run(body)


def test_what_functions_share_changes_all_of_them_and_what_is_not_of_a_bundle_changes_none(app):
    async def body(environments, reload):
        app.write("one/.notes.swp", "x")
        await reload.look()
        assert app.said == []
        app.write("shared/common.py", "WORD = 'changed'\n")
        await reload.look()
        assert app.said == ["one has new code: shared/common.py", "two has new code: shared/common.py"]
        assert await app.ask(environments, "one") == await app.ask(environments, "two") == "first changed"
        (app.folder / "two" / "words.py").unlink()
        await reload.look()
        assert app.said[2].startswith("two keeps its code, two/words.py is broken: ")
        assert await app.ask(environments, "two") == "first changed"

    app.run(body)
