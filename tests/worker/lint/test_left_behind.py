"""Customers inside a journey that was renamed or taken away."""

from sqlmodel import Session

import workflows
from activities.storage.database import Database
from tests.activities.storage.rows import add_customer, add_enrollment
from worker.lint import left_behind


def _three_inside(session: Session) -> None:
    customer = add_customer(session)
    for state in ("starting", "running", "ended"):
        add_enrollment(session, customer, journey="welcome", state=state)


def test_a_journey_renamed_while_customers_are_inside_is_found() -> None:
    """An operator learns before the deploy how many customers nobody would carry on."""
    database = Database("sqlite://", inline=True)
    database.create_all()
    try:
        database.write_now(_three_inside)
        journeys = {name: each for name, each in workflows.catalogue().items() if name != "welcome"}
        [finding] = left_behind(journeys, database)
        assert (
            str(finding) == "workflows/__init__.py:1: customers inside 'welcome': 2, and no file here has that journey"
        )
        assert left_behind(workflows.catalogue(), database) == []
    finally:
        database.close()
