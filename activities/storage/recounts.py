"""All accounts counted anew where what a journey asks for has changed, by its code or by staff."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from activities.clock import JourneyClock
from activities.storage import accounts, journey_settings
from activities.storage.conversions import PROFILE_UPDATED
from activities.storage.intake import profile_values
from activities.storage.reports.journey_report import Measured
from activities.storage.tables import Customer, Recount

BATCH = 200  # accounts in a transaction


def recount(
    session: Session, journeys: Mapping[str, Measured], clock: JourneyClock, now: datetime, limit: int = BATCH
) -> bool:
    """Count some accounts by the goal of now, if they were last counted by another one.

    What changes is counted on the day of this: days gone by keep their counts.

    Args:
        session: a writing transaction; another one that recounts waits for it.
        journeys: by name.
        clock: the journey clock.
        now: wall-clock instant, UTC.
        limit: how many accounts at most.

    Returns:
        Whether there is more to do.
    """
    for name, journey in journeys.items():
        if not journey.goal_listens(PROFILE_UPDATED):
            continue
        goal = journey.goal_in_words(journey.resolve(journey_settings.setting(session, name, now).parameters))
        row = session.get(Recount, name, with_for_update=True) or Recount(journey=name)
        if row.goal == goal:
            continue
        if row.counting != goal:
            row.counting, row.after = goal, ""
        customers = (
            select(Customer)
            .where(col(Customer.id) > row.after, col(Customer.erased_at).is_(None))
            .order_by(col(Customer.id))
            .limit(limit)
            .with_for_update()
        )
        found = session.exec(customers).all()
        for customer in found:
            accounts.changed(session, customer, profile_values(customer), {name: journey}, clock.at(now))
        if len(found) < limit:
            row.goal, row.counting, row.after = goal, "", ""
        else:
            row.after = found[-1].id
        session.add(row)
        return True
    return False
