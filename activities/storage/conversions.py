"""Conversions: that a journey's goal was met, recorded as it happens: inside, held out, or after the journey."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlmodel import Session, col, select

from activities.entries import Circumstances
from activities.storage.counts import Change, Measure, count, entry_day
from activities.storage.ledger import SENT_OR_MAY_BE
from activities.storage.tables import Conversion, Customer, Enrollment, Exposure, Message, Voucher
from activities.storage.upserts import insert_new
from activities.storage.vouchers import ASSIGNED

PROFILE_UPDATED = "profile.updated"


class Purposeful(Protocol):
    """A journey, as far as its goal goes."""

    def goal_listens(self, event_type: str) -> bool:
        """Whether events of that type may meet the goal; a quick look."""
        ...

    def goal_met(self, event_type: str, given: Circumstances) -> bool:
        """Whether an event means that the goal is met."""
        ...

    def converts_within(self, parameters: Mapping[str, Any]) -> timedelta:
        """How long after entering the goal counts, journey time."""
        ...


class Happened(Protocol):
    """An event, as far as goals look at it."""

    @property
    def type(self) -> str:
        """E.g. ``order.completed``."""
        ...

    @property
    def properties(self) -> Mapping[str, Any]:
        """As the source named and typed them."""
        ...


def happened(
    session: Session,
    customer: Customer,
    event_type: str,
    given: Circumstances,
    journeys: Mapping[str, Purposeful],
    now: datetime,
) -> None:
    """Record which of the customer's enrollments an event converts.

    Args:
        session: the transaction in which the event is stored.
        customer: to whom it happened.
        event_type: of the event.
        given: what a rule may look at, but for what belongs to an enrollment.
        journeys: by name.
        now: journey instant at which it arrived, UTC.
    """
    listening = [name for name, journey in journeys.items() if journey.goal_listens(event_type)]
    if not listening:
        return
    unconverted = (
        select(Enrollment)
        .outerjoin(Conversion, col(Conversion.enrollment_id) == Enrollment.id)
        .where(
            Enrollment.customer_id == customer.id,
            col(Enrollment.journey).in_(listening),
            col(Conversion.enrollment_id).is_(None),
        )
    )
    for row in session.exec(unconverted).all():
        journey = journeys[row.journey]
        its_own = replace(given, parameters=row.parameters, trigger=row.trigger_properties)
        in_time = now - row.enrolled_at <= journey.converts_within(row.parameters)
        if in_time and journey.goal_met(event_type, its_own):
            _convert(session, row, now)


def entered(
    session: Session,
    enrollment: Enrollment,
    journey: Purposeful,
    given: Circumstances,
    overtakers: Iterable[Happened],
) -> None:
    """Record that the goal of a new enrollment is met already.

    By a profile that happens to be complete, or by an event that overtook the one which lets the customer in.

    Args:
        session: the transaction of the enrollment.
        enrollment: new.
        journey: its journey.
        given: what let the customer in.
        overtakers: what happened after that, but arrived before it.
    """
    if journey.goal_listens(PROFILE_UPDATED) and journey.goal_met(PROFILE_UPDATED, given):
        _record(session, enrollment, enrollment.enrolled_at, at_entry=True)
        count(session, enrollment, [Change(Measure.MET_AT_ENTRY)])
    elif any(
        journey.goal_met(each.type, replace(given, properties=each.properties, trigger=given.properties))
        for each in overtakers
    ):
        _convert(session, enrollment, enrollment.enrolled_at)


def _convert(session: Session, enrollment: Enrollment, at: datetime) -> None:
    if not _record(session, enrollment, at, at_entry=False):
        return
    splits = session.exec(select(Exposure).where(Exposure.enrollment_id == enrollment.id)).all()
    count(
        session,
        enrollment,
        [
            Change(Measure.CONVERTED, at.date().isoformat()),
            *(Change(Measure.SPLIT_CONVERTED, split.split, arm=split.arm) for split in splits),
            *(Change(Measure.VOUCHER, design, "converted") for design in _designs(session, enrollment)),
        ],
    )


def _record(session: Session, enrollment: Enrollment, at: datetime, *, at_entry: bool) -> bool:
    conversion = {
        "enrollment_id": enrollment.id,
        "journey": enrollment.journey,
        "arm": enrollment.arm,
        "entered_on": entry_day(enrollment),
        "at": at,
        "seconds": (at - enrollment.enrolled_at).total_seconds(),
        "at_entry": at_entry,
    }
    return insert_new(session, Conversion, conversion)


def _designs(session: Session, enrollment: Enrollment) -> list[str]:
    """The designs whose codes were promised to an enrollment, or given, so far."""
    promised = select(Message.promised_design).where(
        Message.enrollment_id == enrollment.id,
        Message.promised_design != "",
        col(Message.state).in_(SENT_OR_MAY_BE),
    )
    given = select(Voucher.design).where(Voucher.enrollment_id == enrollment.id, Voucher.state == ASSIGNED)
    return sorted({*session.exec(promised), *session.exec(given)})
