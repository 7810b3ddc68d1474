"""M17: a journey is changed and paused, and its workers are replaced, while customers are inside."""

import signal
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session

from activities.storage.tables import Enrollment, JourneySetting
from tests.fake_providers import FakeProviders
from tests.faults import people
from tests.faults.runs import PATIENCE, healed, run, sound
from tests.faults.site import JOURNEY, SHORT, Site, kill
from tests.faults.tally import record
from tests.system import until

CUSTOMERS = 5
LONG_WAITS = {"first_wait": "P30D", "reminder_wait": "P30D"}


async def test_those_inside_keep_what_they_were_promised(
    temporal_address: str, tmp_path: Path, fakes: FakeProviders
) -> None:
    """Changes are for those who come later: whoever is inside goes on with the values of their first day."""
    async with run(temporal_address, tmp_path / "site", fakes, "key") as (here, programs):
        ids = people.register(here, CUSTOMERS, [JOURNEY])
        await programs.start(here.program("worker", "old"))
        await until(lambda: _steps(here) >= CUSTOMERS, within=PATIENCE, what="all to be inside", every=0.1)
        here.database.write_now(_change_and_pause)
        kill(programs, "old", signal.SIGKILL)
        await until(lambda: "old" not in programs.pids, within=PATIENCE, what="the old worker's end")
        assert people.register(here, 1, [JOURNEY]) == []
        await programs.start(here.program("worker", "new"))
        await healed(here)
        evidence = await sound(here, fakes, ids)
        assert {row.parameters["first_wait"] for row in here.table(Enrollment)} == {SHORT["first_wait"]}
    tally = evidence.tally()
    record("M17", "journey changed and paused, workers replaced", "key", tally)
    assert (tally.expected, tally.lost, tally.doubled) == (3 * CUSTOMERS, 0, 0)


def _change_and_pause(session: Session) -> None:
    setting = session.get_one(JourneySetting, JOURNEY)
    setting.parameters, setting.state, setting.changed_at = LONG_WAITS, "paused", datetime.now(UTC)
    session.add(setting)


def _steps(here: Site) -> int:
    return sum(row.state == "running" for row in here.table(Enrollment))
