"""A redrive that is killed twice while the engine throttles: every message once at its target or still a dead letter."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from cdk_event_flow.cli.runs import announced
from tests.operate.faults import faults
from tests.operate.world import shop

EVENT_FLOW = Path(sys.executable).with_name("event-flow")


class Redriving:
    """`event-flow dlq redrive` as processes of their own, on a shop whose network is bad."""

    def __init__(self, shop, trouble, folder):
        self.shop = shop
        self.trouble = trouble
        self.environment = {**os.environ, "CDK_EVENT_FLOW_CACHE": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")}

    def _start(self, *options):
        command = [
            EVENT_FLOW,
            "dlq",
            "redrive",
            "OrdersDead",
            "--local",
            "--port",
            self.trouble.url.rpartition(":")[2],
            "--json",
            *options,
        ]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def killed(self, *, after, when):
        """Killed by SIGKILL while its `after`-th request of messages is on the way there, or its answer on the way back."""
        self.trouble.hold("SendMessageBatch", after=after, when=when)
        process = self._start("--set", "redriven=true", "--yes")
        assert self.trouble.held.wait(120), process.communicate()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL

    def done(self, *options, status=0):
        """What it says at its end."""
        process = self._start(*options)
        said, errors = process.communicate(timeout=300)
        assert process.returncode == status, errors
        return json.loads(said)

    def at_target(self):
        """How often each message is at its target."""
        return Counter(body["n"] for body in self.shop.bodies("Orders"))

    def dead(self):
        """Ids of the dead letters by their numbers."""
        return {json.loads(message.body)["n"]: message.id for message in self.shop.messages("OrdersDead")}


@contextmanager
def redriving(folder, letters, throttled):
    with shop(folder) as running, faults(running.run.endpoint_url, throttled=throttled) as trouble:
        running.dead("Orders", *({"n": n} for n in range(letters)))
        before, os.environ["CDK_EVENT_FLOW_CACHE"] = os.environ.get("CDK_EVENT_FLOW_CACHE"), str(folder / "cache")
        try:
            with announced(trouble.url, running.template):
                yield Redriving(running, trouble, folder)
        finally:
            if before is None:
                del os.environ["CDK_EVENT_FLOW_CACHE"]
            else:
                os.environ["CDK_EVENT_FLOW_CACHE"] = before


def redrive_under_fault(folder, letters, *, throttled):
    """Kill it twice, let it end, settle what is in doubt. Returns what the last runs said."""
    with redriving(folder, letters, throttled) as redrive:
        redrive.killed(after=letters // 40, when="answered")  # these ten arrived, and nobody heard
        redrive.killed(after=letters // 40, when="asked")  # these ten did not
        told = redrive.done("--set", "redriven=true", "--yes", status=1)
        there, dead = redrive.at_target(), redrive.dead()
        assert set(there.values()) == {1}
        assert there.keys() | dead.keys() == set(range(letters))
        assert told["in_doubt"] == len(dead) == 20
        assert told["moved"][0]["count"] + told["moved_before"] == letters - 20
        assert len(there) == letters - 10
        assert not told["failed"]
        assert told["not_seen"] == told["not_selected"] == 0

        arrived = [option for n in dead if n in there for option in ("--id", dead[n])]
        settled = redrive.done("--in-doubt", "delete", *arrived, "--yes", status=1)
        assert (settled["in_doubt"], settled["moved"]) == (10, [])
        settled = redrive.done("--in-doubt", "send", "--yes")
        assert settled["in_doubt"] == 0
        assert settled["moved"][0]["count"] + settled["moved_before"] == letters
        assert redrive.at_target() == Counter(range(letters))
        assert redrive.dead() == {}
        return told | {"throttled": redrive.trouble.count["throttled"], "requests": sum(redrive.trouble.count.values())}


def test_every_message_is_once_at_its_target_or_still_in_the_dead_letter_queue(tmp_path):
    told = redrive_under_fault(tmp_path, 200, throttled=0.1)
    assert told["throttled"] > 2
