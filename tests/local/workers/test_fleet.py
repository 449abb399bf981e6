"""Fleets in a run: processes with the real runner, what they do with messages, and what the trace says of it."""

import asyncio
import json
import re

import pytest

from cdk_event_flow.errors import RunError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Code
from cdk_event_flow.flow.workers import Scales, Workers
from cdk_event_flow.local.faults import read_faults
from cdk_event_flow.local.report import Report
from cdk_event_flow.local.start import start
from cdk_event_flow.local.trace import State, outcome
from cdk_event_flow.testing.local_run import Run
from cdk_event_flow.testing.local_runs import LocalRuns
from tests.local import world as w

DEAD = w.queue("Dead", retention=1_209_600)
JOBS = w.queue("Jobs", max_receives=2, dead_letter_arn=DEAD.arn, visibility=60)
SCALES = Scales(least=0, most=3, backlog=10, steps=((0.0, 1), (11.0, 2), (21.0, 3)))

HANDLER = """
import json, os
def handler(event, context):
    failed = []
    for record in event["Records"]:
        if record["body"] == "poison":
            failed.append({"itemIdentifier": record["messageId"]})
        if record["body"] == "raise":
            raise ValueError("not today")
        if record["body"] == "exit":
            os._exit(7)
        print(json.dumps({"did": record["body"], "home": os.environ.get("HOME"), "name": context.function_name}))
    return {"batchItemFailures": failed}
"""


def fleet(tmp_path, handler=HANDLER, *, batch=10, scales=SCALES, **more):
    folder = tmp_path / "render"
    folder.mkdir()
    (folder / "handler.py").write_text(handler)
    environment = {
        "WORKER_NAME": "Render",
        "WORKER_HANDLER": "handler.handler",
        "WORKER_QUEUE_URL": JOBS.url,
        "WORKER_QUEUE_ARN": JOBS.arn,
        "WORKER_BATCH": str(batch),
        **more,
    }
    return Workers(
        logical_id="Render",
        arn=w.arn("ecs", "service/Render"),
        name="Render",
        path="Shop/Render",
        type="AWS::ECS::Service",
        runner=True,
        queue_arn=JOBS.arn,
        handler="handler.handler",
        code=Code(source="render", image=True),
        python="3.13",
        environment=environment,
        log_group="/render",
        scales=scales,
    )


def flow_of(node):
    return Flow({each.arn: each for each in (JOBS, DEAD, node)}, account=w.ACCOUNT, region=w.REGION)


def run_with(node, tmp_path, scenario, **options):
    flow = flow_of(node)

    async def whole():
        async with start(flow, app=tmp_path, assembly=tmp_path, fast=True, start=w.START, **options) as run:
            return await scenario(run)

    return asyncio.run(whole())


def test_messages_are_worked_through_and_what_fails_for_good_is_a_dead_letter_with_its_error(tmp_path):
    async def scenario(run):
        bodies = ["a", "b", "poison"]
        roots = [await run.send("Jobs", body) for body in bodies]
        await run.settle()
        lines = [json.loads(line.text) for line in run.engine.logbook.lines("/render") if '"did"' in line.text]
        return [outcome(root) for root in roots], roots, lines, Report(run.trace, run.engine.hub.post).text()

    outcomes, roots, lines, text = run_with(fleet(tmp_path), tmp_path, scenario)
    assert outcomes == [State.PROCESSED, State.PROCESSED, State.DEAD_LETTERED]
    assert [len(root.attempts) for root in roots] == [1, 1, 2]
    assert {line["did"] for line in lines} >= {"a", "b"}
    assert {(line["home"], line["name"]) for line in lines} == {(None, "Render")}
    assert "Render ok" in text
    assert "2 receives, then dead-lettered to Dead: BatchItemFailure" in text


def test_what_a_handler_raises_and_a_worker_that_ends_are_told(tmp_path):
    async def scenario(run):
        raised = await run.send("Jobs", "raise")
        await run.settle()
        ended = await run.send("Jobs", "exit")
        await run.settle()
        return raised, ended, run.fleets["Render"].started

    raised, ended, started = run_with(fleet(tmp_path, batch=1), tmp_path, scenario)
    assert [attempt.error for attempt in raised.attempts] == ["ValueError: not today"] * 2
    assert [attempt.error for attempt in ended.attempts] == ["Worker: the worker ended with 7"] * 2
    assert started == 3


def test_code_that_does_not_load_is_told_once_and_nothing_is_received(tmp_path):
    async def scenario(run):
        root = await run.send("Jobs", "a")
        await run.advance(1_800)
        return root, list(run.notes), run.fleets["Render"].started

    root, notes, started = run_with(fleet(tmp_path, "import no_such_module\ndef handler(event, context): ...\n"), tmp_path, scenario)
    assert root.receives == 0
    assert [note for note in notes if "do not start" in note] == [
        "Shop/Render: its workers do not start: ModuleNotFoundError: No module named 'no_such_module'"
    ]
    assert started == 5


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"runner": False}, "not run, its containers run a program of their own"),
        ({"python": ""}, "not run, the template does not tell where its code is"),
    ],
)
def test_workers_that_cannot_be_run_here_are_named(tmp_path, changed, said):
    import dataclasses

    from cdk_event_flow.errors import RunError

    node = dataclasses.replace(fleet(tmp_path), **changed, environment={"Q": JOBS.url}, role_arn="arn:aws:iam::1:role/x")
    with pytest.raises(RunError, match=f"EF-RUN-FUNCTIONS.*Shop/Render: {said}"):
        run_with(node, tmp_path, lambda run: None)


NEW = HANDLER.replace('{"did": record["body"]', '{"did": "new " + record["body"]')


async def heard(said, text):
    async with asyncio.timeout(20):
        while not any(text in each for each in said):
            await asyncio.sleep(0.02)


def test_workers_with_new_code_take_over_and_broken_code_does_not(tmp_path):
    said = []

    async def scenario(run):
        def did():
            return {json.loads(line.text)["did"] for line in run.engine.logbook.lines("/render") if '"did"' in line.text}

        for number in range(5):
            await run.send("Jobs", f"a{number}")
        await run.settle()
        render = run.fleets["Render"]
        before = [worker.pid for worker in render.running]
        (tmp_path / "render" / "handler.py").write_text("import no_such_module\n" + HANDLER)
        await heard(said, "Render keeps its code, render/handler.py is broken: ")
        assert "No module named 'no_such_module'" in said[-1]
        assert [worker.pid for worker in render.running] == before
        (tmp_path / "render" / "handler.py").write_text(NEW)
        await heard(said, "Render has new code: render/handler.py")
        await run.send("Jobs", "b")
        await run.settle()
        assert not set(before) & {worker.pid for worker in render.running}
        return did()

    assert run_with(fleet(tmp_path), tmp_path, scenario, reload=True, say=said.append) == {f"a{n}" for n in range(5)} | {"new b"}


def test_workers_that_are_killed_on_purpose_lose_nothing_and_other_faults_are_refused(tmp_path):
    async def scenario(run):
        for number in range(12):
            await run.send("Jobs", f"a{number}")
        await run.settle()
        report = Report(run.trace, run.engine.hub.post, injected=run.faults.injected)
        return run.faults.injected["kill"], run.fleets["Render"].killed, report.text()

    slow = HANDLER.replace("import json, os", "import json, os, time").replace(
        "    failed = []", "    failed = []\n    time.sleep(0.03)"
    )
    node = fleet(tmp_path, slow, batch=1)
    struck, killed, text = run_with(node, tmp_path, scenario, faults=read_faults(["Render:kills=30%"]))
    assert struck == killed > 0
    assert "injected: kill" in text
    processed, dead = re.search(r"12 sent = (\d+) processed(?: \+ (\d+) dead-lettered)?", text).groups(default=0)
    assert int(processed) + int(dead) == 12
    with pytest.raises(RunError, match="EF-FAULT.*Render is a fleet, and errors is for functions"):
        run_with(node, tmp_path, scenario, faults=read_faults(["Render:errors=30%"]))


def test_the_runs_of_tests_have_fleets_each_with_nothing_of_the_one_before(tmp_path):
    runs = LocalRuns(flow_of(fleet(tmp_path)), app=tmp_path, assembly=tmp_path)
    try:
        for number in range(2):
            run = Run(runs, runs.open())
            run.fault("Render", kills=1)
            run.send("Jobs", f"a{number}", "poison")
            run.settle()
            assert run.received("Render") == [f"a{number}", "poison"]
            assert [letter.payload for letter in run.dead_letters("Jobs")] == ["poison"]
            with pytest.raises(RunError, match="EF-FAULT.*Render is a fleet"):
                run.fault("Render", errors=1)
            runs.end()
    finally:
        runs.close()
