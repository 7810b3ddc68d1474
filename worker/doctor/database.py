"""The database: whether it can be reached, has the tables of this version, and keeps what it was given."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, func, select

from activities.storage.channel_states import channel_states
from activities.storage.database import Database, DatabaseBusyError
from activities.storage.errors import DatabaseUnusableError
from activities.storage.migrate import is_current
from activities.storage.outbox import BULK
from activities.storage.tables import OutboxItem
from worker.assembly import providers
from worker.doctor.findings import Finding, failed, ok, warning
from worker.settings import Settings

SKEW = timedelta(seconds=5)
OUTBOX_AGE = timedelta(minutes=1)


def examine_database(settings: Settings) -> Iterator[Finding]:
    """The database, and what waits in it.

    Args:
        settings: name it.
    """
    try:
        if not is_current(settings.database):
            yield failed("database", "its tables are not of this version", "Run `sojourn migrate`.")
            return
        database = Database(settings.database, inline=True)
        try:
            found = database.read_now(lambda session: list(_look(session, database, settings)))
        finally:
            database.close()
    except (DatabaseUnusableError, DatabaseBusyError, DBAPIError) as error:
        yield failed("database", str(error), "See SOJOURN_DATABASE_URL and SOJOURN_DATA.")
        return
    yield from found


def _look(session: Session, database: Database, settings: Settings) -> Iterator[Finding]:
    yield ok("database", f"{database.url.get_backend_name()}, with the tables of this version")
    now = datetime.now(UTC)
    if database.is_sqlite:
        mode = session.connection().execute(text("PRAGMA journal_mode")).scalar()
        if mode == "wal":
            yield ok("write-ahead log", "on")
        else:
            yield failed("write-ahead log", f"the journal mode is {mode}", "Keep the file on a local disk.")
    else:
        theirs: datetime = session.connection().execute(text("SELECT clock_timestamp()")).scalar_one()
        yield _skew("clock of the database", theirs - datetime.now(UTC))
    yield _outbox(session, now)
    yield from _channels(session, settings, now)


def _skew(check: str, skew: timedelta) -> Finding:
    said = f"{skew.total_seconds():+.1f} s against this machine"
    if abs(skew) > SKEW:
        return warning(check, said, "Let both machines follow an NTP server: signatures and windows go by the clock.")
    return ok(check, said)


def _outbox(session: Session, now: datetime) -> Finding:
    live = OutboxItem.priority < BULK
    size, oldest = session.exec(select(func.count(), func.min(OutboxItem.created_at)).where(live)).one()
    if oldest is None:
        return ok("outbox", "empty")
    age = now - oldest
    said = f"{size} wait for Temporal, the oldest for {age.total_seconds():.0f} s"
    if age > OUTBOX_AGE:
        return warning("outbox", said, "Is Temporal away, or does neither an API nor a worker run?")
    return ok("outbox", said)


def _channels(session: Session, settings: Settings, now: datetime) -> Iterator[Finding]:
    names = {channel.value: provider.name for channel, provider in providers(settings).items()}
    for state in channel_states(session, names, now):
        check, waiting = f"channel {state.channel}", sum(state.waiting.values())
        if state.state == "paused":
            advice = f"Put it right, then `sojourn channels resume {state.channel}`."
            yield warning(check, f"paused: {state.reason}; {waiting} messages wait", advice)
        elif state.state == "held":
            until = f"{state.until:%H:%M:%S} UTC" if state.until else "soon"
            yield warning(check, f"{state.reason} until {until}; {waiting} messages wait", "It ends by itself.")
        else:
            yield ok(check, f"{state.provider}; {waiting} messages wait for another moment")
