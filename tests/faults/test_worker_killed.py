"""M1: a worker is killed where it hurts most, on every channel, with providers of every kind."""

import asyncio
import signal
from pathlib import Path

import pytest

from activities.gate.attempts import INTERRUPTED, NOT_REPEATED
from activities.gate.policy import COMPLETE
from activities.storage.ledger import State
from tests.fake_providers import FakeProviders
from tests.faults import checker, people
from tests.faults.runs import PATIENCE, PROVIDERS, healed, run, sound
from tests.faults.site import JOURNEY
from tests.faults.tally import record

CUSTOMERS = 3
WHERE = {
    "FP1": "killed before the call",
    "FP2": "killed before the first byte",
    "FP3": "killed between the answer and its note",
    "FP4": "killed when the answer was noted",
}

CHANNELS = {
    "one-email": "email",
    "one-text": "text",
    "one-push": "push",
    "one-kept-call": "webhook",
    "one-plain-call": "webhook",
}


@pytest.mark.parametrize("failpoint", WHERE)
async def test_a_worker_killed_at_a_send_costs_nobody_a_second_message(
    temporal_address: str, tmp_path: Path, fakes: FakeProviders, failpoint: str
) -> None:
    """Wherever a worker dies, no customer gets anything twice, and nobody goes without who need not."""
    found = await asyncio.gather(
        *(_killed(temporal_address, tmp_path / kind, fakes, kind, failpoint) for kind in PROVIDERS)
    )
    for kind, evidence in zip(PROVIDERS, found, strict=True):
        for journey in PROVIDERS[kind][1]:
            tally = evidence.tally({row.id for row in evidence.enrollments if row.journey == journey})
            record("M1", f"worker {WHERE[failpoint]}: {CHANNELS[journey]}", kind, tally)
            assert (tally.expected, tally.doubled, tally.outside) == (CUSTOMERS, 0, 0), journey
            if kind != "none":
                assert (tally.lost, tally.unclear) == (0, 0), journey
            elif failpoint != "FP4":  # nobody can know what became of it: staff see it, and nobody repeats it
                assert tally.lost <= tally.unclear, journey
                assert tally.unclear > 0, journey
                assert tally.lost > 0 or failpoint == "FP3", journey


async def test_nobody_is_reminded_of_what_they_have_done(
    temporal_address: str, tmp_path: Path, fakes: FakeProviders
) -> None:
    """Who completes their profile while a reminder hangs in the air gets none; the ledger says what is known of it."""
    found = await asyncio.gather(*(_overtaken(temporal_address, tmp_path / kind, fakes, kind) for kind in PROVIDERS))
    ends = {
        kind: {(row.state, row.reason) for row in evidence.ledger}
        for kind, evidence in zip(PROVIDERS, found, strict=True)
    }
    assert ends == {
        "key": {(State.UNKNOWN, NOT_REPEATED + COMPLETE)},
        "lookup": {(State.SUPPRESSED, COMPLETE)},
        "none": {(State.UNKNOWN, INTERRUPTED)},
    }
    assert not any(evidence.delivered for evidence in found)


async def _killed(address: str, folder: Path, fakes: FakeProviders, kind: str, failpoint: str) -> checker.Evidence:
    """A run in which a worker dies once with messages on every channel on their way."""
    async with run(address, folder, fakes, kind) as (here, programs):
        ids = people.register(here, CUSTOMERS, PROVIDERS[kind][1])
        await programs.start(here.program("worker", "mortal", f"{failpoint}:{len(ids)}"))
        exit_ = await asyncio.wait_for(programs.wait_any(), PATIENCE)
        assert exit_.returncode == -signal.SIGKILL, exit_
        await programs.start(here.program("worker", "successor"))
        await healed(here)
        return await sound(here, fakes, ids)


async def _overtaken(address: str, folder: Path, fakes: FakeProviders, kind: str) -> checker.Evidence:
    """A run in which a worker dies before its calls, and everybody does what they would have been asked to."""
    async with run(address, folder, fakes, kind, enters=[JOURNEY]) as (here, programs):
        ids = people.register(here, CUSTOMERS, [JOURNEY])
        await programs.start(here.program("worker", "mortal", f"FP1:{CUSTOMERS}"))
        exit_ = await asyncio.wait_for(programs.wait_any(), PATIENCE)
        assert exit_.returncode == -signal.SIGKILL, exit_
        people.complete(here, ids)
        await programs.start(here.program("worker", "successor"))
        await healed(here)
        return await sound(here, fakes, ids)
