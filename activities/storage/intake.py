"""The inbox: an event is stored in the transaction in which it takes effect, once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlmodel import Session, col, select

from activities.clock import JourneyClock
from activities.storage import customers, journey_settings
from activities.storage.customers import Registration
from activities.storage.enrollments import enroll
from activities.storage.facts import customer_changed
from activities.storage.tables import Customer, Enrollment, InboxEvent

ACCOUNT_REGISTERED = "account.registered"
PROFILE_CREATED = "profile.created"
PROFILE_UPDATED = "profile.updated"
PLATFORM_USER_CREATED = "platform.user.created"


class Trigger(Protocol):
    """The event that enrolls."""

    @property
    def event_type(self) -> str:
        """Its type, e.g. ``account.registered``."""
        ...


class Enrollable(Protocol):
    """A journey, as far as entering it goes."""

    @property
    def trigger(self) -> Trigger:
        """Who enters."""
        ...

    def resolve(self, overrides: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters: the overrides over the defaults.

        Raises:
            ValueError: an override is wrong; it names the parameter.
        """
        ...


class EventMismatchError(Exception):
    """The event's id is known with another content."""


@dataclass(frozen=True)
class Admission:
    """What stays the same from event to event.

    Attributes:
        journeys: by name.
        clock: the journey clock.
        default_zone: IANA name for customers whose zone cannot be told.
        spread_seconds: journey seconds over which deferred messages are spread.
    """

    journeys: Mapping[str, Enrollable]
    clock: JourneyClock
    default_zone: str = "UTC"
    spread_seconds: float = 0.0


@dataclass(frozen=True)
class Event:
    """Something that happened to a customer.

    Attributes:
        event_id: unique within its source.
        type: e.g. ``order.completed``.
        occurred_at: wall-clock instant, UTC; its arrival, if the source does not say.
        properties: as the source named and typed them.
        source: api, page or system.
    """

    event_id: str
    type: str
    occurred_at: datetime | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    source: str = "api"


@dataclass(frozen=True)
class Registered:
    """The answer to a registration; a repeated one gets the same.

    Attributes:
        customer: stored.
        enrollments: every journey the registration let them into.
        created: whether the customer is new.
        tell: enrollments with something new in the outbox.
    """

    customer: Customer
    enrollments: list[Enrollment]
    created: bool
    tell: list[str]


def register(session: Session, registration: Registration, admission: Admission, now: datetime) -> Registered:
    """Take a registration in: customer, events, enrollments and outbox in one transaction.

    A repeated one gets the same answer and starts nothing: an account is registered once.

    Args:
        session: a writing transaction.
        registration: validated.
        admission: journeys and clock.
        now: wall-clock instant, UTC.

    Raises:
        customers.IdentityConflictError: the email is known under another id.
    """
    customer, changed, created = customers.register(
        session,
        registration,
        default_zone=admission.default_zone,
        now=now,
        journey_now=admission.clock.at(now),
    )
    source = {"source": registration.source}
    entered = _once(session, ACCOUNT_REGISTERED, {}, customer, admission, now)
    entered += _once(session, PROFILE_CREATED, source, customer, admission, now)
    if registration.loyalty:
        entered += _once(session, PLATFORM_USER_CREATED, {}, customer, admission, now)
    tell = [row.id for row in entered if row.enrolled_at == admission.clock.at(now)]
    if changed and not created:
        profile_updated(session, customer, changed, admission, now)
        tell = open_ids(session, customer)
    return Registered(customer, sorted(entered, key=lambda row: row.journey), created, tell)


def _once(
    session: Session,
    event_type: str,
    properties: Mapping[str, Any],
    customer: Customer,
    admission: Admission,
    now: datetime,
) -> list[Enrollment]:
    """Accept an event that a customer has once in their life; the answer is always that of the first time."""
    event = Event(f"{event_type}/{customer.id}", event_type, None, properties, source="system")
    known = session.get(InboxEvent, (event.source, event.event_id))
    if known is not None:
        return enrolled_by(session, customer, known)
    return accept(session, event, customer, admission, now)


def accept(session: Session, event: Event, customer: Customer, admission: Admission, now: datetime) -> list[Enrollment]:
    """Store an event and let the customer into the journeys it triggers.

    Args:
        session: a writing transaction.
        event: validated.
        customer: whom it is about.
        admission: journeys and clock.
        now: wall-clock instant at which it arrived, UTC.

    Returns:
        The enrollments it led to; for an event accepted before, those it led to then.

    Raises:
        EventMismatchError: its id is known with another content.
    """
    fingerprint = fingerprint_of(event, customer.id)
    known = session.get(InboxEvent, (event.source, event.event_id))
    if known is not None:
        if known.fingerprint != fingerprint:
            raise EventMismatchError
        return enrolled_by(session, customer, known)
    session.add(
        InboxEvent(
            source=event.source,
            event_id=event.event_id,
            type=event.type,
            customer_id=customer.id,
            fingerprint=fingerprint,
            occurred_at=event.occurred_at or now,
            received_at=now,
            arrived_at=admission.clock.at(now),
            properties=dict(event.properties),
        )
    )
    triggered = {
        name: journey for name, journey in admission.journeys.items() if journey.trigger.event_type == event.type
    }
    entered = []
    if triggered:
        stored = journey_settings.settings(session, triggered, now)
        for name, journey in sorted(triggered.items()):
            if stored[name].state != "active":
                continue
            enrollment = enroll(
                session,
                customer,
                name,
                parameters=journey.resolve(stored[name].parameters),
                trigger_type=event.type,
                trigger_properties=event.properties,
                clock=admission.clock,
                now=now,
                spread_seconds=admission.spread_seconds,
            )
            if enrollment is not None:
                entered.append(enrollment)
    # Journeys that wait for this event, or leave on it, are told here once a journey can (wait_for, exit_on).
    return entered


def profile_updated(
    session: Session, customer: Customer, changed: list[str], admission: Admission, now: datetime
) -> None:
    """Tell the customer's journeys that the profile changed: names only, no values.

    Args:
        session: the transaction in which it changed.
        customer: the changed row.
        changed: names of what changed.
        admission: journeys and clock.
        now: wall-clock instant, UTC.
    """
    customer_changed(session, customer, now)
    names = [name for name in changed if not name.startswith("consents.") and name != "id"]
    if names:
        event_id = f"{PROFILE_UPDATED}/{customer.id}/{customer.version}"
        event = Event(event_id, PROFILE_UPDATED, now, {"names": names}, source="system")
        accept(session, event, customer, admission, now)


def enrolled_by(session: Session, customer: Customer, event: InboxEvent) -> list[Enrollment]:
    """The enrollments that an accepted event led to, by journey."""
    statement = select(Enrollment).where(
        Enrollment.customer_id == customer.id,
        Enrollment.trigger_type == event.type,
        # both were written in one transaction from one reading of the clock
        Enrollment.enrolled_at == event.arrived_at,
    )
    return list(session.exec(statement.order_by(col(Enrollment.journey))))


def open_ids(session: Session, customer: Customer) -> list[str]:
    """Ids of the customer's open enrollments."""
    statement = select(Enrollment.id).where(Enrollment.customer_id == customer.id, Enrollment.state != "ended")
    return list(session.exec(statement))


def fingerprint_of(event: Event, customer_id: str) -> str:
    """A hash (SHA-256, hex) of what an event says; equal for equal JSON, however it was spelled."""
    content = [
        event.type,
        customer_id,
        event.occurred_at.astimezone(UTC).isoformat() if event.occurred_at else None,
        dict(event.properties),
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()
