"""The runner as a process, as the image of a fleet starts it: signals and kills."""

import json
import signal

from .conftest import DEAD, Place

SLOW = """
import time
def handler(event, context):
    time.sleep({seconds})
"""


def said(folder):
    return [json.loads(line) for line in (folder / "log").read_text("utf-8").splitlines()]


def test_a_sigterm_in_the_middle_lets_the_batch_end(world, tmp_path):
    (tmp_path / "handler.py").write_text(SLOW.format(seconds=1))
    world.send(["first", "second"])
    with world.process(tmp_path, batch=1) as process:
        world.until(lambda: world.count(place=Place.IN_FLIGHT) == 1)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert world.count() == world.count(place=Place.VISIBLE) == 1
    assert [line["worker"] for line in said(tmp_path)] == ["started", "batch", "stopped"]


def test_a_sigterm_in_a_long_batch_gives_it_back_at_the_end_of_the_time(world, tmp_path):
    (tmp_path / "handler.py").write_text(SLOW.format(seconds=60))
    world.send(["first"])
    with world.process(tmp_path, stop=1) as process:
        world.until(lambda: world.count(place=Place.IN_FLIGHT) == 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 143
    assert world.count(place=Place.VISIBLE) == 1


def test_what_a_killed_worker_held_comes_again_and_is_counted(world, tmp_path):
    (tmp_path / "handler.py").write_text(SLOW.format(seconds=60))
    world.send(["deadly"])
    for _ in range(2):
        with world.process(tmp_path, visibility=1) as process:
            world.until(lambda: world.count(place=Place.IN_FLIGHT) == 1)
            process.kill()
            process.wait()
        world.until(lambda: world.count(place=Place.IN_FLIGHT) == 0)
    assert world.sqs.receive_message(QueueUrl=world.url()).get("Messages") is None
    assert world.count() == 0
    assert world.count(DEAD) == 1


def test_code_that_does_not_load_receives_nothing(world, tmp_path):
    (tmp_path / "handler.py").write_text("import no_such_module\n")
    world.send(["x"])
    with world.process(tmp_path) as process:
        assert process.wait(20) == 1
    (line,) = said(tmp_path)
    assert (line["worker"], line["errorType"]) == ("not-started", "ModuleNotFoundError")
    assert world.count(place=Place.VISIBLE) == 1
