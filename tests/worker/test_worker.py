"""The runner: batches, partial failures, poison, what is hidden and what is given back."""

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, HTTPServer

from cdk_event_flow.worker import held
from cdk_event_flow.worker.worker import FAILED, GAVE_BACK, OUT_OF_TIME, Worker

from .conftest import DEAD, FIFO, Place


def test_everything_is_handled_once_in_batches_and_deleted(world):
    world.send([str(n) for n in range(100)])
    seen, sizes = Counter(), []

    def handler(event, context):
        sizes.append(len(event["Records"]))
        seen.update(record["body"] for record in event["Records"])

    with world.working(handler):
        world.until(lambda: world.count() == 0)
    assert seen == Counter(str(n) for n in range(100))
    assert max(sizes) == 10
    assert len(sizes) < 30


def test_the_context_says_what_lambda_would(world):
    world.send(["x"])
    got = []
    with world.working(lambda event, context: got.append((context, context.get_remaining_time_in_millis())), timeout=7):
        world.until(lambda: got)
    context, left = got[0]
    assert (context.function_name, context.memory_limit_in_mb, context.function_version) == ("Fleet", "512", "$LATEST")
    assert 6_000 < left <= 7_000
    assert context.invoked_function_arn == "arn:aws:lambda:eu-central-1:111122223333:function:Fleet"
    assert context.identity is None


def test_only_what_failed_comes_again_and_poison_becomes_a_dead_letter(world):
    world.send(["good", "poison", "late"])
    tries = Counter()

    def handler(event, context):
        tries.update(record["body"] for record in event["Records"])
        bad = [r for r in event["Records"] if r["body"] == "poison" or (r["body"] == "late" and tries["late"] == 1)]
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in bad]}

    with world.working(handler, visibility=1):
        world.until(lambda: world.count() == 0)
    assert tries == {"good": 1, "poison": 2, "late": 2}
    assert world.count(DEAD) == 1
    assert world.run.dead_letters("Dead")[0].body == "poison"


def test_a_handler_that_raises_or_exits_or_answers_no_json_fails_its_batch_and_the_worker_goes_on(world):
    world.send(["raise", "exit", "set"])

    def handler(event, context):
        (record,) = event["Records"]
        if record["body"] == "raise":
            raise RuntimeError("out of paper")
        if record["body"] == "exit":
            raise SystemExit(3)
        return {1, 2} if record["body"] == "set" else None

    with world.working(handler, batch=1):
        world.until(lambda: len(world.told("handler-failed")) == 3)
        world.send(["good"])
        world.until(lambda: world.count(place=Place.VISIBLE) == 0 and world.count() == 3)
    said = {each["errorType"]: each["errorMessage"] for each in world.told("handler-failed")}
    assert said == {"RuntimeError": "out of paper", "SystemExit": "3", "TypeError": "Object of type set is not JSON serializable"}
    assert world.count(place=Place.IN_FLIGHT) == 3


def test_a_slow_handler_keeps_its_messages_and_one_without_a_heartbeat_would_not(world):
    world.send(["slow"])
    other = []

    def handler(event, context):
        end = time.monotonic() + 1.7
        while time.monotonic() < end:
            other.extend(world.sqs.receive_message(QueueUrl=world.url()).get("Messages", ()))
            time.sleep(0.05)

    with world.working(handler, visibility=1):
        world.until(lambda: world.count() == 0)
    assert other == []

    class Mute:
        """A client whose visibility does not get through."""

        def __getattr__(self, name):
            return getattr(world.sqs, name)

        def change_message_visibility_batch(self, **_):
            raise ConnectionError("no way")

    world.send(["slow"])
    with world.working(handler, sqs=Mute(), visibility=1):
        world.until(lambda: other)
    assert world.told("visibility-failed")


def test_a_stopped_worker_ends_what_it_holds_and_receives_no_more(world):
    world.send(["first", "second"])
    seen, going, go = [], threading.Event(), threading.Event()

    def handler(event, context):
        seen.extend(record["body"] for record in event["Records"])
        going.set()
        go.wait(10)

    with world.working(handler, batch=1) as worker:
        going.wait(10)
        worker.stop()
        worker.stop()
        time.sleep(0.2)
        go.set()
        world.until(lambda: world.told("stopped"))
    assert len(seen) == 1
    assert world.count() == world.count(place=Place.VISIBLE) == 1


def test_what_is_not_done_when_the_time_to_stop_is_over_is_given_back_at_once(world):
    world.send(["long"])
    going, go, left = threading.Event(), threading.Event(), []

    def handler(event, context):
        going.set()
        go.wait(20)
        raise RuntimeError("ended anyway")

    with world.working(handler, stop=1, leave=left.append) as worker:
        going.wait(10)
        assert world.count(place=Place.IN_FLIGHT) == 1
        worker.stop()
        world.until(lambda: left)
        assert left == [GAVE_BACK]
        assert world.count(place=Place.VISIBLE) == 1
        go.set()
    assert world.told("stopped-in-work")


def test_a_batch_over_its_time_ends_the_process(world):
    world.send(["stuck"])
    left, go = [], threading.Event()

    with world.working(lambda event, context: go.wait(20), timeout=1, leave=left.append):
        world.until(lambda: left)
        go.set()
    assert left == [OUT_OF_TIME]
    assert world.told("timed-out")[0]["seconds"] == 1


def test_a_queue_that_cannot_be_read_is_tried_again_and_given_up(world):
    class Broken:
        tries = 0

        def receive_message(self, **given):
            self.tries += 1
            if self.tries == 2:
                return {}
            raise ConnectionError("no way")

    broken = Broken()
    worker = Worker(world.settings(), broken, lambda *_: None, environment={}, say=world.say)
    worker._stopping.wait = lambda seconds: None
    assert worker.run() == FAILED
    assert broken.tries == 12
    assert [each["failures"] for each in world.told("receive-failed")] == [1, *range(1, 11)]


def test_deletes_that_fail_are_tried_again_and_then_said(world, monkeypatch):
    monkeypatch.setattr(held, "_WAIT", 0.01)
    world.send(["a", "b"])

    class Forgetful:
        deletes = 0

        def __getattr__(self, name):
            return getattr(world.sqs, name)

        def delete_message_batch(self, QueueUrl, Entries):  # noqa: N803
            self.deletes += 1
            if self.deletes == 1:
                raise ConnectionError("no way")
            if self.deletes == 2:
                return {"Failed": [{"Id": Entries[0]["Id"], "SenderFault": False, "Code": "InternalError", "Message": "again"}]}
            return world.sqs.delete_message_batch(QueueUrl=QueueUrl, Entries=Entries)

    with world.working(lambda *_: None, sqs=Forgetful()):
        world.until(lambda: world.count() == 1)
    assert world.told("not-deleted") == []

    class Never(Forgetful):
        def delete_message_batch(self, **_):
            raise ConnectionError("no way")

    with world.working(lambda *_: None, sqs=Never()):
        world.send(["c"])
        world.until(lambda: world.told("not-deleted"))
    assert "no way" in world.told("not-deleted")[0]["error"]


def test_messages_of_a_fifo_queue_come_in_order(world):
    world.send([str(n) for n in range(25)], FIFO)
    seen = []
    with world.working(lambda event, context: seen.extend(r["body"] for r in event["Records"]), node=FIFO, batch=4):
        world.until(lambda: world.count(FIFO) == 0)
    assert seen == [str(n) for n in range(25)]


def test_a_task_is_protected_while_it_works(world):
    asked = []

    class Agent(BaseHTTPRequestHandler):
        def do_PUT(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((self.path, body))
            answer = {"failure": {"Reason": "DEPLOYMENT_BLOCKED"}} if len(asked) == 1 else {"protection": body}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Agent) as agent:
        thread = threading.Thread(target=agent.serve_forever)
        thread.start()
        world.send(["x"])
        environment = {"ECS_AGENT_URI": f"http://127.0.0.1:{agent.server_port}/api/task"}
        during = []
        with world.working(lambda *_: during.append(len(asked)), environment=environment, protect=True, timeout=121):
            world.until(lambda: world.count() == 0)
        agent.shutdown()
        thread.join()
    path = "/api/task/task-protection/v1/state"
    assert asked == [(path, {"ProtectionEnabled": True, "ExpiresInMinutes": 4}), (path, {"ProtectionEnabled": False})]
    assert during == [1]
    assert "DEPLOYMENT_BLOCKED" in world.told("not-protected")[0]["error"]
