"""The states of providers, shared by all processes: rows that are there only once something has to be said."""

from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from activities.storage.tables import Enrollment, Message, ProviderState

WAITING = ("claimed", "attempting", "retryable")  # states of messages whose journeys ask for them again

_INSERT = text(
    "INSERT INTO provider_states (name, pause_reason, held_for, failures, last_failed, taken)"
    " VALUES (:name, '', '', 0, '', 0) ON CONFLICT DO NOTHING"
)


def all_states(session: Session) -> dict[str, ProviderState]:
    """What is known, by provider; whoever nothing is known of is missing."""
    return {row.name: row for row in session.exec(select(ProviderState)).all()}


def locked(session: Session, name: str) -> ProviderState:
    """A provider's state, made if need be, and nobody else's until the transaction ends.

    It is the last row that a transaction locks, so that nobody waits for another in a circle.
    """
    stored = select(ProviderState).where(ProviderState.name == name).with_for_update()
    with session.no_autoflush:
        row = session.exec(stored.execution_options(populate_existing=True)).first()
        if row is None:
            session.connection().execute(_INSERT, {"name": name})
            row = session.exec(stored).one()
    return row


def pause(session: Session, name: str, reason: str, now: datetime) -> bool:
    """Let nothing go to a provider any more.

    Args:
        session: a writing transaction.
        name: of the provider.
        reason: for staff.
        now: wall-clock instant, UTC.

    Returns:
        False if it was paused already; the first reason stands.
    """
    row = locked(session, name)
    if row.paused_since is not None:
        return False
    row.paused_since, row.pause_reason = now, reason
    session.add(row)
    return True


def resume(session: Session, name: str, now: datetime) -> bool:
    """Let messages go again, at once: a hold by the provider itself is forgotten, too.

    Args:
        session: a writing transaction.
        name: of the provider.
        now: wall-clock instant, UTC.

    Returns:
        False if nothing kept them.
    """
    row = locked(session, name)
    kept = row.paused_since is not None or (row.held_until is not None and row.held_until > now)
    if row.paused_since is not None:
        row.resumed_at = now
    row.paused_since, row.pause_reason = None, ""
    release(row)
    session.add(row)
    return kept


def release(row: ProviderState) -> None:
    """Forget what the provider's own answers said against it."""
    row.held_since, row.held_until, row.held_for = None, None, ""
    row.failures, row.last_failed = 0, ""


def waiting(session: Session) -> dict[tuple[str, str], int]:
    """How many messages wait for another moment, by provider and reason; those of journeys that ended do not."""
    rows = session.exec(
        select(Message.provider, Message.put_off_for, func.count())
        .join(Enrollment, col(Enrollment.id) == Message.enrollment_id)
        .where(col(Message.state).in_(WAITING), Message.put_off_for != "", Enrollment.state != "ended")
        .group_by(col(Message.provider), col(Message.put_off_for))
    )
    return {(provider, reason): count for provider, reason, count in rows}
