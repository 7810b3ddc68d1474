"""The state of each journey and the parameters staff have changed: data, so both survive restarts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session, col, select

from activities.storage.tables import JourneySetting

State = Literal["active", "paused", "held"]

# It competes with data-collection-voucher for the same customers, so a fresh system runs only that one.
INITIALLY_PAUSED = frozenset({"data-collection-points"})


def setting(session: Session, journey: str, now: datetime) -> JourneySetting:
    """A journey's setting; what nobody has set yet is as in a fresh system.

    Args:
        session: any transaction; an unstored row is not added to it.
        journey: its name.
        now: wall-clock instant, UTC, for an unstored row.
    """
    stored = session.get(JourneySetting, journey)
    if stored is not None:
        return stored
    state = "paused" if journey in INITIALLY_PAUSED else "active"
    return JourneySetting(journey=journey, state=state, parameters={}, changed_at=now)


def settings(session: Session, journeys: Iterable[str], now: datetime) -> dict[str, JourneySetting]:
    """The settings of several journeys by name."""
    names = list(journeys)
    stored = session.exec(select(JourneySetting).where(col(JourneySetting.journey).in_(names))).all()
    found = {row.journey: row for row in stored}
    return {name: found.get(name) or setting(session, name, now) for name in names}


def set_state(session: Session, journey: str, state: State, now: datetime) -> JourneySetting:
    """Activate, pause or hold a journey.

    Args:
        session: a writing transaction.
        journey: its name.
        state: active; paused (takes nobody in); held (those inside wait, too).
        now: wall-clock instant, UTC.
    """
    row = setting(session, journey, now)
    row.state, row.changed_at = state, now
    session.add(row)
    return row


def set_parameters(session: Session, journey: str, overrides: Mapping[str, Any], now: datetime) -> JourneySetting:
    """Override parameters for those who enroll from now on; None takes an override back.

    Args:
        session: a writing transaction.
        journey: its name.
        overrides: validated JSON values by parameter.
        now: wall-clock instant, UTC.
    """
    row = setting(session, journey, now)
    merged = {**row.parameters, **overrides}
    row.parameters = {name: value for name, value in merged.items() if value is not None}
    row.changed_at = now
    session.add(row)
    return row


def set_holdout(session: Session, journey: str, share: float, now: datetime) -> JourneySetting:
    """Leave a share of those who come from now on alone, so that it can be told what the journey brings.

    Args:
        session: a writing transaction.
        journey: its name.
        share: from 0 to less than 1.
        now: wall-clock instant, UTC.
    """
    row = setting(session, journey, now)
    row.holdout, row.changed_at = share, now
    session.add(row)
    return row
