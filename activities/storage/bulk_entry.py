"""Registrations that come in bulk, from a file or from another database: they enter at their pace, each on its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy.exc import DataError
from sqlmodel import Session

from activities.storage import intake
from activities.storage.customers import IdentityConflictError, Registration
from activities.storage.intake import Admission
from activities.storage.pacing import paced

Place = TypeVar("Place")

LEASE = timedelta(seconds=15)  # an import whose process died is taken on by another one after this time
MOST_KEPT = 10_000  # refusals of one file or source; all are counted


class ImportLostError(Exception):
    """Another process goes on with this import."""


@dataclass
class Taken(Generic[Place]):
    """What became of several registrations.

    Attributes:
        accepted: how many customers are new.
        known: how many we had.
        refused: the others: where they stood, and what is wrong, ``{"field", "detail"}``.
    """

    accepted: int = 0
    known: int = 0
    refused: list[tuple[Place, dict[str, str]]] = field(default_factory=list)


def take_in(
    session: Session,
    registrations: Sequence[tuple[Place, Registration]],
    admission: Admission,
    per_minute: int,
    now: datetime,
) -> Taken[Place]:
    """Register customers whose journeys start one after the other, behind those who register live.

    Args:
        session: a writing transaction.
        registrations: checked, each with the place where it stood.
        admission: how customers enter journeys.
        per_minute: how many journeys of imported customers start in a minute.
        now: wall-clock instant, UTC.
    """
    taken = Taken[Place]()
    with paced(session, per_minute, now) as next_start:
        paced_admission = replace(admission, next_start=next_start)
        for place, registration in registrations:
            came = _register(session, registration, paced_admission, now)
            if isinstance(came, bool):
                taken.accepted += came
                taken.known += not came
            else:
                taken.refused.append((place, came))
    return taken


def _register(
    session: Session, registration: Registration, admission: Admission, now: datetime
) -> bool | dict[str, str]:
    """Whether the customer is new; what is wrong where they cannot be taken, which is then undone alone."""
    try:
        with session.begin_nested():
            return intake.register(session, registration, admission, now).created
    except IdentityConflictError as error:
        return {"field": error.field, "detail": error.detail}
    except DataError:  # PostgreSQL refuses what the edge has let through; the others go on
        return {"field": "", "detail": "the database cannot store this"}
