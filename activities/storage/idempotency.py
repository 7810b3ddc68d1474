"""Answers kept by Idempotency-Key, so that a repeated request is answered and not done again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col

from activities.storage.tables import IdempotentAnswer

RETENTION = timedelta(days=30)
LEASE = timedelta(seconds=60)  # a claim whose holder died stands in nobody's way for longer


class KeyReusedError(Exception):
    """The same key came with another request."""


class StillInProgressError(Exception):
    """The first request with this key is still at work."""


@dataclass(frozen=True)
class Scope:
    """Where an Idempotency-Key counts: for one API key and one route."""

    key_id: str
    route: str
    idempotency_key: str


@dataclass(frozen=True)
class StoredAnswer:
    """What the first request was answered."""

    status: int
    body: dict[str, Any]


def claim(session: Session, scope: Scope, fingerprint: str, now: datetime) -> StoredAnswer | None:
    """Claim a key before the work, in the transaction of the work wherever that is one.

    Args:
        session: a writing transaction.
        scope: whose key.
        fingerprint: hash of the request.
        now: wall-clock instant, UTC.

    Returns:
        The answer to give again, or None where the work is to be done now.

    Raises:
        KeyReusedError: the key belongs to another request.
        StillInProgressError: a claim without an answer, younger than the lease.
    """
    row = session.get(IdempotentAnswer, (scope.key_id, scope.route, scope.idempotency_key))
    if row is not None and row.created_at > now - RETENTION:
        if row.fingerprint != fingerprint:
            raise KeyReusedError
        if row.status is not None:
            return StoredAnswer(row.status, row.body or {})
        if row.created_at > now - LEASE:
            raise StillInProgressError
    if row is None:
        row = IdempotentAnswer(
            key_id=scope.key_id,
            route=scope.route,
            idempotency_key=scope.idempotency_key,
            fingerprint=fingerprint,
            created_at=now,
        )
    row.fingerprint, row.created_at, row.status, row.body = fingerprint, now, None, None
    session.add(row)
    session.flush()  # on PostgreSQL a second request with the key waits here for the first
    return None


def keep(session: Session, scope: Scope, answer: StoredAnswer) -> None:
    """Store the answer under a claimed key."""
    row = session.get(IdempotentAnswer, (scope.key_id, scope.route, scope.idempotency_key))
    if row is not None:
        row.status, row.body = answer.status, answer.body
        session.add(row)


def forget_old(session: Session, now: datetime) -> None:
    """Drop answers past their retention."""
    session.execute(delete(IdempotentAnswer).where(col(IdempotentAnswer.created_at) < now - RETENTION))
