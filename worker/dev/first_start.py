"""What an embedded system has from its first start on: tables, a journey clock, an API key, sample codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from sqlmodel import Session, col, func, select

import workflows
from activities.clock import JourneyClock
from activities.storage import api_keys, journey_settings, staff, vouchers
from activities.storage.clock import stored_clock
from activities.storage.database import Database
from activities.storage.designs import sample_codes, standard_design
from activities.storage.migrate import migrate
from activities.storage.tables import Voucher
from workflows.journey.limits import names_design

KEY_NAME = "sojourn dev"
LOGIN = "dev"  # of the console; its password is the API key
POOL = 500


@dataclass(frozen=True)
class Prepared:
    """What the system was found or made with.

    Attributes:
        clock: its journey clock.
        api_key: valid; the given one, or a new one.
    """

    clock: JourneyClock
    api_key: str


def prepare(url: str, first_clock: JourneyClock, api_key: str) -> Prepared:
    """Bring a database to the point where programs can start. What is there already stays.

    Args:
        url: SQLAlchemy URL.
        first_clock: the journey clock, if this is the first start.
        api_key: the key of an earlier start; empty if there is none.

    Raises:
        DatabaseUnusableError: the database cannot be opened.
        DatabaseBusyError: somebody else keeps it locked.
    """
    migrate(url)
    now = datetime.now(UTC)

    def transaction(session: Session) -> Prepared:
        clock = stored_clock(session, first_clock)
        _fill_pools(session, now)
        if api_keys.key_id_of(session, api_key) is not None:
            return Prepared(clock, api_key)
        key = api_keys.create_key(session, KEY_NAME, now)
        if staff.find(session, LOGIN) is None:
            staff.add_member(session, LOGIN, "Developer", staff.Role.ADMIN, key, now)
        else:
            staff.set_password(session, LOGIN, key)
        return Prepared(clock, key)

    database = Database(url, inline=True)
    try:
        return database.write_now(transaction)
    finally:
        database.close()


def _fill_pools(session: Session, now: datetime) -> None:
    """Sample codes for the designs of active journeys; a pool that has ever had a code is somebody's own."""
    for design in sorted(set(_designs(session, now))):
        if not session.exec(select(func.count()).where(col(Voucher.design) == design)).one():
            vouchers.load(session, standard_design(design), islice(sample_codes(design), POOL))


def _designs(session: Session, now: datetime) -> Iterable[str]:
    catalogue = workflows.catalogue()
    stored = journey_settings.settings(session, catalogue, now)
    for name, journey in catalogue.items():
        if stored[name].state != "active":
            continue
        for parameter, value in journey.resolve(stored[name].parameters).items():
            if names_design(parameter):
                yield value
