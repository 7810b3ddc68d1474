"""The audit log: every staff action with who, when and why, written in the action's own transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from activities.storage.tables import AuditEntry


@dataclass(frozen=True)
class Actor:
    """Who acts.

    Attributes:
        id: of the staff member or of the API key.
        name: as others read it.
    """

    id: str
    name: str


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: tuple[str, str],
    now: datetime,
    *,
    why: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write one action down.

    Args:
        session: the transaction in which the action happens.
        actor: who acts.
        action: such as ``journey.pause``.
        subject: kind and opaque id of what it is done to; never an address.
        now: wall-clock instant, UTC.
        why: their reason, in their own words.
        details: what was changed; nothing personal.
    """
    session.add(
        AuditEntry(
            at=now,
            actor=actor.id,
            actor_name=actor.name,
            action=action,
            subject_kind=subject[0],
            subject_id=subject[1],
            why=why,
            details=dict(details or {}),
        )
    )


def entries(
    session: Session,
    *,
    subject: tuple[str, str] | None = None,
    actor: str | None = None,
    action: str = "",
    subject_id: str = "",
    before: int | None = None,
    limit: int = 100,
) -> list[AuditEntry]:
    """Actions, the latest first.

    Args:
        session: any transaction.
        subject: only those done to it.
        actor: only theirs.
        action: only those that begin so, up to a dot: ``journey`` for all that is done to journeys.
        subject_id: only those done to what has this id, whatever it is.
        before: only those with a smaller id: the next page.
        limit: how many at most.
    """
    found = select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(limit)
    if subject is not None:
        found = found.where(AuditEntry.subject_kind == subject[0], AuditEntry.subject_id == subject[1])
    if actor is not None:
        found = found.where(AuditEntry.actor == actor)
    if action:
        found = found.where(col(AuditEntry.action).startswith(f"{action}.", autoescape=True))
    if subject_id:
        found = found.where(AuditEntry.subject_id == subject_id)
    if before is not None:
        found = found.where(col(AuditEntry.id) < before)
    return list(session.exec(found))
