"""The folder of `--state` and its file."""

import asyncio
import sqlite3
import stat

import pytest
from botocore.exceptions import ClientError

from cdk_event_flow.errors import RunError

from .. import world as w
from .world import accounting, as_killed_now, client, kept_run, run_async

DEAD = w.queue("Dead")
QUEUE = w.queue("Orders", max_receives=2, dead_letter_arn=DEAD.arn)


def test_reset_empties_the_state(tmp_path):
    async def test(folder):
        async with kept_run(folder, QUEUE, DEAD) as run:
            await run.send("Orders", "gone")
        async with kept_run(folder, QUEUE, DEAD, reset=True) as run:
            assert run.dead_letters("Orders") == []
            assert accounting(run) == "0 sent = 0 (0 deliveries)"

    run_async(test, tmp_path)


def test_a_folder_is_used_by_one_run_at_a_time(tmp_path):
    async def test(folder):
        async with kept_run(folder, QUEUE, DEAD):
            with pytest.raises(RunError, match="EF-RUN-STATE.*another run uses it"):
                async with kept_run(folder, QUEUE, DEAD):
                    pass
        async with kept_run(folder, QUEUE, DEAD):
            pass

    run_async(test, tmp_path)


def test_a_folder_that_cannot_be_used_is_one_clear_error(tmp_path):
    (tmp_path / "state").write_text("a file")

    async def test(folder):
        with pytest.raises(RunError, match="EF-RUN-STATE at --state .*it cannot be opened: File exists"):
            async with kept_run(folder, QUEUE):
                pass

    run_async(test, tmp_path)


def test_a_file_that_is_no_state_is_one_clear_error_and_can_be_reset(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "event-flow.sqlite").write_text("no database at all, whatever its name says" * 100)

    async def test(folder):
        with pytest.raises(RunError, match="EF-RUN-STATE.*it cannot be read: file is not a database"):
            async with kept_run(folder, QUEUE):
                pass
        async with kept_run(folder, QUEUE, reset=True):
            pass

    run_async(test, tmp_path)


def test_a_state_of_another_format_is_one_clear_error(tmp_path):
    async def test(folder):
        async with kept_run(folder, QUEUE):
            pass
        with sqlite3.connect(folder / "event-flow.sqlite") as file:
            file.execute("UPDATE about SET value = '99' WHERE name = 'format'")
        file.close()
        with pytest.raises(RunError, match="EF-RUN-STATE.*it was written in format 99, this version reads format 1.*--reset"):
            async with kept_run(folder, QUEUE):
                pass

    run_async(test, tmp_path)


def test_nobody_else_on_the_machine_can_read_it(tmp_path):
    async def test(folder):
        async with kept_run(folder, QUEUE) as run:
            await run.send("Orders", "secret")
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}

    run_async(test, tmp_path)


def test_what_cannot_be_kept_is_not_accepted_and_told_of_once_and_kept_as_soon_as_it_can_be(tmp_path):
    async def test(folder):
        async with kept_run(folder, QUEUE, DEAD) as run:
            sqs = client(run, "sqs")
            url = f"{run.endpoint_url}/{w.ACCOUNT}/Orders"
            run.keep._file.execute("PRAGMA query_only = ON")
            for _ in range(2):
                with pytest.raises(ClientError, match="it cannot be written: attempt to write a readonly database"):
                    await asyncio.to_thread(sqs.send_message, QueueUrl=url, MessageBody="lost?")
            await asyncio.sleep(0.1)
            assert len([note for note in run.notes if "EF-RUN-STATE" in note]) == 1
            run.keep._file.execute("PRAGMA query_only = OFF")
            await asyncio.to_thread(sqs.send_message, QueueUrl=url, MessageBody="kept")
            left = as_killed_now(run, folder)
        async with kept_run(left, QUEUE, DEAD) as run:
            assert [m.body for m in run.dead_letters("Orders")] == ["lost?", "lost?", "kept"]

    run_async(test, tmp_path)
