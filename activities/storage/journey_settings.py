"""The state of each journey and the parameters staff have changed: data, so both survive restarts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session, col, func, select

from activities.storage.tables import Enrollment, JourneySetting

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


def counts(session: Session, journey: str) -> dict[str, dict[str, int]]:
    """How many enrollments a journey has, by state and, of those that ended, by outcome."""
    rows = session.exec(
        select(Enrollment.state, Enrollment.outcome, func.count())
        .where(Enrollment.journey == journey)
        .group_by(col(Enrollment.state), col(Enrollment.outcome))
    )
    states: dict[str, int] = {}
    outcomes: dict[str, int] = {}
    for state, outcome, count in rows:
        states[state] = states.get(state, 0) + count
        if outcome is not None:
            outcomes[outcome] = outcomes.get(outcome, 0) + count
    return {"states": dict(sorted(states.items())), "outcomes": dict(sorted(outcomes.items()))}
