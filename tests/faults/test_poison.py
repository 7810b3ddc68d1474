"""M15: a customer whose message cannot be made, and signals that nobody can read, stop nobody else."""

import asyncio
import signal
from pathlib import Path

from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue

from activities.storage.tables import Enrollment
from tests.fake_providers import FakeProviders
from tests.faults import people
from tests.faults.failpoints import POISONED
from tests.faults.runs import PATIENCE, healed, run, sound
from tests.faults.site import kill
from tests.faults.tally import record
from tests.system import until

UNREADABLE = RawValue(Payload(metadata={"encoding": b"binary/of-another-house"}, data=b"\x00\xff"))
NONSENSE = ("facts", "hold", "event")


async def test_what_poisons_one_journey_is_tasted_by_no_other(
    temporal_address: str, tmp_path: Path, fakes: FakeProviders
) -> None:
    """A bug with one customer's message holds up that customer alone, until it is fixed; nonsense holds up nobody."""
    async with run(temporal_address, tmp_path / "site", fakes, "none") as (here, programs):
        ids = people.register(here, 5, ["one-email", "one-text"])
        (poisoned,) = people.register(here, 1, ["one-email"], first_name=POISONED)
        await programs.start(here.program("worker", "buggy", "poison"))
        await until(
            lambda: all(row.state != "starting" for row in here.table(Enrollment)), within=PATIENCE, what="starts"
        )
        client = await Client.connect(here.address)
        stuck = next(row for row in here.table(Enrollment) if row.id == poisoned)
        for name in NONSENSE:
            await client.get_workflow_handle(stuck.workflow_id).signal(name, UNREADABLE)
        await until(
            lambda: _open(here.table(Enrollment)) == {poisoned}, within=PATIENCE, what="all the others", every=0.1
        )
        kill(programs, "buggy", signal.SIGKILL)
        await asyncio.wait_for(programs.wait_any(), PATIENCE)
        await programs.start(here.program("worker", "fixed"))
        await healed(here)
        tally = (await sound(here, fakes, [*ids, poisoned])).tally()
    record("M15", "a message that cannot be made, unreadable signals", "none", tally)
    assert (tally.expected, tally.lost, tally.doubled) == (len(ids) + 1, 0, 0)


def _all_started(rows: list[Enrollment]) -> bool:
    return all(row.state != "starting" for row in rows)


def _open(rows: list[Enrollment]) -> set[str]:
    return {row.id for row in rows if row.state != "ended"}
