"""M3 and M16: two workers at once, and one that freezes in the middle of a message and wakes when it was replaced."""

import asyncio
import os
import signal
from pathlib import Path

from tests.fake_providers import FakeProviders
from tests.faults import checker, people
from tests.faults.failpoints import STRUCK, UNHURRIED, WOKE
from tests.faults.runs import PATIENCE, PROVIDERS, healed, run, sound
from tests.faults.tally import record
from tests.system import until

CUSTOMERS = 3
TASK_TIMEOUT = 10.0  # seconds until Temporal finds out that a worker does nothing about a workflow task
TASKS_ASLEEP = 12  # as many polls as a worker has open when it falls asleep, and its sticky queues


async def test_a_worker_that_wakes_after_it_was_replaced_sends_nothing(
    temporal_address: str, tmp_path: Path, fakes: FakeProviders
) -> None:
    """A machine that freezes in the middle of a message, is replaced, and wakes, sends nobody anything twice."""
    kinds = list(PROVIDERS)
    found = await asyncio.gather(*(_frozen(temporal_address, tmp_path / kind, fakes, kind) for kind in kinds))
    for kind, evidence in zip(kinds, found, strict=True):
        tally = evidence.tally()
        record("M3", "worker frozen past its lease, replaced, woken", kind, tally)
        assert (tally.doubled, tally.outside) == (0, 0)
        if kind == "none":
            assert 0 < tally.lost <= tally.unclear
        else:
            assert (tally.lost, tally.unclear) == (0, 0)


async def _frozen(address: str, folder: Path, fakes: FakeProviders, kind: str) -> checker.Evidence:
    async with run(address, folder, fakes, kind) as (here, programs):
        ids = people.register(here, CUSTOMERS, PROVIDERS[kind][1])
        await programs.start(here.program("worker", "sleeper", f"sleep:{len(ids)}"))
        await until((folder / STRUCK).exists, within=PATIENCE, what="the worker to fall asleep", every=0.1)
        await programs.start(here.program("worker", "successor"))
        await healed(here, TASKS_ASLEEP * TASK_TIMEOUT)  # nothing is well yet: the sleeper takes tasks in its sleep
        os.kill(programs.pids["sleeper"], signal.SIGCONT)
        log, messages = folder / "sleeper.log", int((folder / STRUCK).read_text())
        await until(lambda: log.read_text().count(WOKE) >= messages, within=PATIENCE, what="it to wake", every=0.1)
        return await sound(here, fakes, ids)


async def test_two_of_every_program_double_nothing(temporal_address: str, tmp_path: Path, fakes: FakeProviders) -> None:
    """Two workers, each with a relay and a reconciler, share the customers of a site."""
    async with run(temporal_address, tmp_path / "site", fakes, "none") as (here, programs):
        await programs.start(here.program("worker", "one", UNHURRIED))
        await programs.start(here.program("worker", "two", UNHURRIED))
        ids = people.register(here, 10, PROVIDERS["none"][1])
        await healed(here)
        tally = (await sound(here, fakes, ids)).tally()
    record("M16", "two workers, two relays, two reconcilers", "none", tally)
    assert (tally.expected, tally.sent, tally.doubled, tally.unclear) == (len(ids), len(ids), 0, 0)
