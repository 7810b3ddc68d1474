"""A demo that is filled first: what was put in is found again, and the demo's own customers have the system alone."""

from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, select

from activities.clock import JourneyClock
from activities.storage import journey_settings
from activities.storage.database import Database
from activities.storage.tables import Customer, Enrollment, OutboxItem
from worker.dev.demo import SPEED
from worker.dev.demo_crowd import JOURNEY, Found, simulate
from worker.dev.first_start import prepare
from worker.dev.folder import DataFolder
from worker.dev.population import MARK

PEOPLE = 20


async def _filled(folder: DataFolder) -> tuple[Found, list[int]]:
    now = datetime.now(UTC)
    prepared = prepare(folder.database, JourneyClock(now, now, SPEED), "")
    told: list[int] = []
    return await simulate(folder, "http://127.0.0.1:1", prepared.clock, PEOPLE, told.append), told


async def test_a_filled_demo_reports_on_its_simulated_customers(tmp_path: Path) -> None:
    """A newcomer reads what was put in beside what the report finds; all are marked, and none is still inside."""
    folder = DataFolder(tmp_path / "data")
    with folder.taken():
        found, told = await _filled(folder)
    assert told == list(range(1, PEOPLE + 1))
    assert found.people == PEOPLE
    assert round(found.declared, 2) == 0.28
    assert found.words
    assert found.document()["declared"] == found.declared

    def look(session: Session) -> tuple[list[Customer], list[str], list[OutboxItem], float]:
        setting = journey_settings.setting(session, JOURNEY, datetime.now(UTC))
        inside = session.exec(select(Enrollment.id).where(Enrollment.state != "ended")).all()
        customers, waiting = session.exec(select(Customer)).all(), session.exec(select(OutboxItem)).all()
        return list(customers), list(inside), list(waiting), setting.holdout

    database = Database(folder.database, inline=True)
    try:
        customers, inside, waiting, holdout = database.read_now(look)
    finally:
        database.close()
    assert len(customers) == PEOPLE
    assert all(row.attributes[MARK] is True for row in customers)
    assert inside == []
    assert waiting == []
    assert holdout == 0
