"""What the journey writes down of a check, for those who ask why a customer was asked once more."""

from sqlmodel import Session, col, select

import workflows
from activities.storage.tables import TimelineEntry
from tests.workflows.entered import REWARDED, branch_named
from worker.rehearsal.rehearse import rehearse


async def test_support_reads_later_what_was_missing_then() -> None:
    """A check that does not hold names what the profile lacked at that moment, whatever came afterwards."""
    branch, found = branch_named(REWARDED), list[tuple[bool, list[str]]]()

    def look(session: Session) -> None:
        rows = session.exec(select(TimelineEntry).where(TimelineEntry.kind == "check").order_by(col(TimelineEntry.seq)))
        found.extend(
            (row.data["result"], row.data.get("missing", [])) for row in rows if row.data["condition"] == "complete"
        )

    await rehearse(workflows.catalogue()[branch.journey], branch.scenario, afterwards=look)
    assert found[0] == (False, ["last_name", "phone", "date_of_birth"])
    assert found[-1] == (True, [])
