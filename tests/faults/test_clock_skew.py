"""M14: the clocks of two machines are wrong, each in its own direction."""

from pathlib import Path

from activities.storage.tables import Enrollment
from tests.fake_providers import FakeProviders
from tests.faults import people
from tests.faults.failpoints import UNHURRIED
from tests.faults.runs import PATIENCE, PROVIDERS, healed, run, sound
from tests.faults.tally import record
from tests.system import until


async def test_workers_whose_clocks_are_wrong_double_nothing(
    temporal_address: str, tmp_path: Path, fakes: FakeProviders
) -> None:
    """One worker is ten minutes ahead, one ten minutes behind: everybody gets all, once, inside the window."""
    async with run(temporal_address, tmp_path / "site", fakes, "none") as (here, programs):
        await programs.start(here.program("worker", "ahead", f"{UNHURRIED}+600"))
        await programs.start(here.program("worker", "behind", f"{UNHURRIED}-600"))
        ids = people.register(here, 10, PROVIDERS["none"][1])
        await until(lambda: any(row.state == "ended" for row in here.table(Enrollment)), within=PATIENCE, what="an end")
        await healed(here)
        tally = (await sound(here, fakes, ids)).tally()
    record("M14", "clocks of two workers ten minutes off", "none", tally)
    assert (tally.expected, tally.lost, tally.doubled, tally.outside) == (len(ids), 0, 0, 0)
