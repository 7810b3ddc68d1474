"""The journey clock of a system, stored at its first start."""

from sqlmodel import Session

from activities.clock import JourneyClock
from activities.storage.tables import StoredClock


def stored_clock(session: Session, first: JourneyClock) -> JourneyClock:
    """The system's clock; the given one, if this is the first start.

    Args:
        session: a writing transaction.
        first: the clock to store if there is none yet.
    """
    row = session.get(StoredClock, 1)
    if row is None:
        row = StoredClock(wall_origin=first.wall_origin, journey_origin=first.journey_origin, speed=first.speed)
        session.add(row)
    return JourneyClock(row.wall_origin, row.journey_origin, row.speed)
