"""Chores beside the API go on, whatever comes in between."""

import asyncio
import logging
from datetime import timedelta

import pytest

from activities.storage.database import DatabaseBusyError
from api.chores import Chore
from tests.system import until

PAUSE = timedelta(milliseconds=10)


@pytest.mark.parametrize(("error", "said"), [
    (DatabaseBusyError("locked"), []),
    (RuntimeError("a bug"), ["could not tidy up; it is tried again"]),
])  # fmt: skip
async def test_a_chore_that_fails_is_done_again(
    error: Exception, said: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A turn that goes wrong costs no later one; staff read of it, unless the database was only busy."""
    turns: list[int] = []

    async def once() -> None:
        turns.append(len(turns))
        if len(turns) == 1:
            raise error

    chore = Chore("tidy up", once, PAUSE)
    with caplog.at_level(logging.WARNING, "api.chores"):
        running = asyncio.create_task(chore.run())
        await until(lambda: running.done() or len(turns) > 2, what="two more turns")
        await chore.close()
        await running
    assert [record.getMessage() for record in caplog.records if record.name == "api.chores"] == said


async def test_a_chore_that_pauses_is_closed_at_once() -> None:
    """A deploy waits for no pause to end."""
    begun = asyncio.Event()

    async def once() -> None:
        begun.set()

    chore = Chore("tidy up", once, timedelta(hours=1))
    running = asyncio.create_task(chore.run())
    await begun.wait()
    await chore.close()
    await asyncio.wait_for(running, 20)
