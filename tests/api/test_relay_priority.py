"""The relay lets imported journeys give way in Temporal, too."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session
from temporalio.testing import WorkflowEnvironment

from activities.storage import intake
from activities.storage.customers import ProfileChanges, Registration
from activities.storage.intake import Admission
from activities.storage.tables import Enrollment
from tests.system import running_system

JOURNEY = "data-collection-voucher"


async def test_imported_journeys_run_behind_live_ones(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Temporal hands the tasks of a live customer's journey out before those of imported ones."""
    async with running_system(server.client, tmp_path, environment=server, worker=False) as system:
        now = datetime.now(UTC)
        live = Admission({JOURNEY: system.admission.journeys[JOURNEY]}, system.clock)
        bulk = replace(live, next_start=lambda: now)

        def register(session: Session, email: str, admission: Admission) -> str:
            registration = Registration(ProfileChanges({"email": email}))
            (entered,) = intake.register(session, registration, admission, now).enrollments
            return entered.id

        imported = await system.database.write(lambda session: register(session, "a@example.com", bulk))
        in_person = await system.database.write(lambda session: register(session, "b@example.com", live))
        await system.carry()
        priorities = [
            (await system.handle(each).describe()).raw_description.workflow_execution_info.priority.priority_key
            for each in (imported, in_person)
        ]
        assert priorities == [5, 3]
        for each in (imported, in_person):
            await system.handle(each).terminate()


async def test_overdue_imports_start_at_their_pace(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A relay that finds many overdue imports starts a turn's worth of them, and the live ones all."""
    async with running_system(server.client, tmp_path, environment=server, worker=False) as system:
        now = datetime.now(UTC)
        live = Admission({JOURNEY: system.admission.journeys[JOURNEY]}, system.clock)
        bulk = replace(live, next_start=lambda: now - timedelta(hours=1))

        def register(session: Session) -> list[str]:
            ids = []
            for number in range(32):
                registration = Registration(ProfileChanges({"email": f"a{number}@example.com"}))
                admission = live if number >= 30 else bulk
                ids += [row.id for row in intake.register(session, registration, admission, now).enrollments]
            return ids

        ids = await system.database.write(register)
        await system.carry()
        rows: list[Enrollment] = [system.row(each) for each in ids]
        assert [row.origin for row in rows if row.state == "running"] == ["import"] * 10 + ["live"] * 2
        for row in rows:
            if row.state == "running":
                await system.handle(row.id).terminate()
