"""The inbox: an event is stored in the transaction in which it takes effect, once."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from activities.clock import JourneyClock
from activities.entries import Circumstances, EarlierEntry
from activities.heard import EXIT, Heard
from activities.storage import accounts, conversions, customers, journey_settings, outbox, reactions
from activities.storage.accounts import Asking
from activities.storage.customers import Registration
from activities.storage.enrollments import enroll
from activities.storage.facts import STANDARD_ATTRIBUTES, customer_changed
from activities.storage.holdout import HELD_OUT, arm_of_entry
from activities.storage.tables import Customer, Enrollment, InboxEvent

ACCOUNT_REGISTERED = "account.registered"
PROFILE_CREATED = "profile.created"
PROFILE_UPDATED = "profile.updated"
PLATFORM_USER_CREATED = "platform.user.created"


class Enrollable(Asking, Protocol):
    """A journey, as far as entering it and hearing in it go."""

    def starts_on(self, event_type: str) -> bool:
        """Whether events of that type may let customers in; a quick look."""
        ...

    def entry_key(
        self, event_type: str, given: Circumstances, earlier: Sequence[EarlierEntry], now: datetime
    ) -> str | None:
        """The key under which an event lets a customer in, or None where it does not."""
        ...

    def hears(self, event_id: str, event_type: str, given: Circumstances) -> list[Heard]:
        """What a running journey must be told of an event."""
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
        next_start: tells when the next journey may start, wall clock, UTC, for those who come in bulk; None for
            those who come one by one and start at once.
    """

    journeys: Mapping[str, Enrollable]
    clock: JourneyClock
    default_zone: str = "UTC"
    spread_seconds: float = 0.0
    next_start: Callable[[], datetime] | None = None


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
    if created:
        accounts.registered(session, admission.clock.at(now))
        accounts.changed(session, customer, profile_values(customer), admission.journeys, admission.clock.at(now))
    source = {"source": registration.source}
    entered = _once(session, ACCOUNT_REGISTERED, {}, customer, admission, now)
    entered += _once(session, PROFILE_CREATED, source, customer, admission, now)
    if registration.loyalty:
        entered += _once(session, PLATFORM_USER_CREATED, {}, customer, admission, now)
    tell = [row.id for row in entered if row.enrolled_at == admission.clock.at(now)]
    if not created and admission.next_start is None:  # imported, and now here in person
        outbox.hurry(session, open_ids(session, customer), now)
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
    tell_journeys(session, event, customer, admission, now)
    _measure(session, event, customer, admission, admission.clock.at(now))
    return [
        entered
        for name, journey in sorted(admission.journeys.items())
        if journey.starts_on(event.type)
        and (entered := _let_in(session, event, customer, name, journey, admission, now)) is not None
    ]


def _measure(session: Session, event: Event, customer: Customer, admission: Admission, journey_now: datetime) -> None:
    """Record what an event says about goals, messages, vouchers and accounts, whoever hears of it."""
    profile = profile_values(customer)
    given = Circumstances(event.properties, profile, today=_today(customer, journey_now))
    conversions.happened(session, customer, event.type, given, admission.journeys, journey_now)
    reactions.happened(session, customer, event.type, event.properties, journey_now)
    if event.type == PROFILE_UPDATED:
        accounts.changed(session, customer, profile, admission.journeys, journey_now)


def _let_in(
    session: Session,
    event: Event,
    customer: Customer,
    name: str,
    journey: Enrollable,
    admission: Admission,
    now: datetime,
) -> Enrollment | None:
    """Enroll the customer in one journey, if it is active and its rules and re-entry policy allow it."""
    stored = journey_settings.setting(session, name, now)
    if stored.state != "active":
        return None
    parameters = journey.resolve(stored.parameters)
    journey_now = admission.clock.at(now)
    before = session.exec(
        select(Enrollment)
        .where(Enrollment.customer_id == customer.id, Enrollment.journey == name)
        .order_by(col(Enrollment.enrolled_at))
    ).all()
    earlier = [EarlierEntry(row.entry_key, row.enrolled_at, _goes_on(row, journey, journey_now)) for row in before]
    given = Circumstances(event.properties, profile_values(customer), parameters, today=_today(customer, journey_now))
    key = journey.entry_key(event.type, given, earlier, journey_now)
    if key is None:
        return None
    overtakers = _overtakers(session, event, customer)
    overtook = [heard for each in overtakers for heard in _heard(journey, each, given)]
    if any(heard.listener == EXIT for heard in overtook):
        return None
    entered = enroll(
        session,
        customer,
        name,
        parameters=parameters,
        trigger_type=event.type,
        trigger_properties=event.properties,
        clock=admission.clock,
        now=now,
        entry_key=key,
        spread_seconds=admission.spread_seconds,
        bulk_due_at=None if admission.next_start is None else admission.next_start(),
        arm=arm_of_entry(customer.id, name, stored.holdout, [row.arm for row in before]),
    )
    if entered is not None:
        conversions.entered(session, entered, journey, given, overtakers)
        if entered.arm != HELD_OUT:
            _tell(session, entered, overtook, now)
    return entered


def _goes_on(row: Enrollment, journey: Enrollable, now: datetime) -> bool:
    """Whether an entry stands in the way of another; for one held out, as long as its goal is awaited."""
    if row.arm == HELD_OUT:
        return now - row.enrolled_at <= journey.converts_within(row.parameters)
    return row.state != "ended"


def _overtakers(session: Session, trigger: Event, customer: Customer) -> list[Event]:
    """What happened to the customer after a trigger but arrived before it (guarantees C10).

    An order's cancellation may overtake the order. Judged by when things happened, on the wall clock; what happened
    before the trigger is no news to the journey that it starts.
    """
    if trigger.occurred_at is None:
        return []
    statement = select(InboxEvent).where(
        InboxEvent.customer_id == customer.id,
        InboxEvent.occurred_at >= trigger.occurred_at,
        InboxEvent.event_id != trigger.event_id,
    )
    ordered = statement.order_by(col(InboxEvent.received_at), col(InboxEvent.event_id))
    return [Event(row.event_id, row.type, row.occurred_at, row.properties, row.source) for row in session.exec(ordered)]


def tell_journeys(session: Session, event: Event, customer: Customer, admission: Admission, now: datetime) -> list[str]:
    """Tell the customer's open journeys of an event they listen for, in the order of arrival.

    Args:
        session: the transaction in which the event was stored.
        event: what happened.
        customer: to whom.
        admission: journeys and clock.
        now: wall-clock instant, UTC.

    Returns:
        Ids of the enrollments that will hear of it.
    """
    told = []
    open_ones = select(Enrollment).where(Enrollment.customer_id == customer.id, Enrollment.state != "ended")
    for row in session.exec(open_ones).all():
        journey = admission.journeys.get(row.journey)
        if journey is None:
            continue
        given = Circumstances(
            row.trigger_properties,
            profile_values(customer),
            row.parameters,
            today=_today(customer, admission.clock.at(now)),
        )
        heard = _heard(journey, event, given)
        _tell(session, row, heard, now)
        told += [row.id] * len(heard)
    return told


def _heard(journey: Enrollable, event: Event, entered: Circumstances) -> list[Heard]:
    """What a journey hears of an event.

    Args:
        journey: that may listen.
        event: what happened.
        entered: what it was entered with; the event's own properties take the place of the trigger's.
    """
    given = replace(entered, properties=event.properties, trigger=entered.properties)
    return journey.hears(f"{event.source}/{event.event_id}", event.type, given)


def _tell(session: Session, row: Enrollment, found: Sequence[Heard], now: datetime) -> None:
    for heard in found:
        outbox.push(session, row.id, "event", now, subject=f"{heard.listener}/{heard.event_id}", payload=asdict(heard))


def profile_values(customer: Customer) -> dict[str, Any]:
    """The customer's attributes by name, for rules: custom ones included, dates in ISO form."""
    values: dict[str, Any] = {name: getattr(customer, name) for name in STANDARD_ATTRIBUTES}
    if customer.date_of_birth is not None:
        values["date_of_birth"] = customer.date_of_birth.isoformat()
    return values | {"preferred_channel": customer.preferred_channel} | customer.attributes


def _today(customer: Customer, journey_now: datetime) -> str:
    return journey_now.astimezone(ZoneInfo(customer.timezone)).date().isoformat()


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
