"""What simulated customers do, done as their pages and the shop's systems would do it."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from activities.channels import EMAIL, SMS
from activities.interests import INTERESTS, INTERESTS_ATTRIBUTE
from activities.storage import confirmations, consents, customers, intake
from activities.storage.confirmations import Evidence
from activities.storage.customers import ProfileChanges
from activities.storage.facts import Reachability
from activities.storage.history import CLICKED, DELIVERED, OPENED
from activities.storage.intake import Admission, Event, EventMismatchError
from activities.storage.message_events import message_event
from activities.storage.tables import Customer, Message, Voucher
from activities.storage.vouchers import ASSIGNED
from api.bodies import ProfileBody, RegistrationBody, read
from api.pages.preferences import SERVICE_SUBSCRIBED, SERVICES
from worker.dev.population import Deed, Person

SOURCE = "simulated"
BY_HAND = {Deed.OPENS: OPENED, Deed.CLICKS: CLICKED}
BOUGHT: Mapping[Deed, Mapping[str, Any]] = {
    Deed.ORDERS: {"sku": "GL-1", "name": "Garden lantern", "category": "Garden", "price": 39.0},
    Deed.ORDERS_WINTER: {"sku": "FB-1", "name": "Fell blanket", "category": "Winter throws", "price": 84.0},
}


def register(session: Session, person: Person, admission: Admission, now: datetime) -> intake.Registered:
    """They register, over the API's own checks."""
    registration = read(RegistrationBody, person.registration, now).registration()
    return intake.register(session, registration, admission, now)


def deliver(session: Session, message: Message, customer: Customer, admission: Admission, now: datetime) -> None:
    """The provider reports that a message has arrived."""
    intake.accept(session, message_event(DELIVERED, message, source="provider", at=now), customer, admission, now)


def followed(message: Message) -> str:
    """What habits call a message: its template, or for a call its step."""
    return message.template or message.step


def act(
    session: Session,
    does: Deed,
    person: Person,
    customer: Customer,
    message: Message | None,
    admission: Admission,
    reachability: Reachability,
    now: datetime,
) -> None:
    """They do something; done twice, it changes nothing.

    Args:
        session: a writing transaction.
        does: what.
        person: who they are.
        customer: their row.
        message: what they do it after; None after registering.
        admission: journeys and clock.
        reachability: for the mark of an address.
        now: wall-clock instant, UTC.
    """
    match does:
        case Deed.COMPLETES:
            _complete(session, person, customer, admission, now)
        case Deed.OPENS | Deed.CLICKS if message is not None and message.channel == EMAIL:
            event = message_event(BY_HAND[does], message, source="page", at=now)
            intake.accept(session, event, customer, admission, now)
        case Deed.CONFIRMS if customer.email:
            evidence = Evidence(reachability.mark(EMAIL, customer.email), SOURCE, SOURCE, channel=EMAIL.value)
            confirmations.confirm(session, customer, evidence, admission, now)
        case Deed.REDEEMS:
            held = select(Voucher.code).where(
                col(Voucher.enrollment_id) == (message.enrollment_id if message else ""), Voucher.state == ASSIGNED
            )
            for code in session.exec(held).all():
                event = Event(f"redeemed/{code}", "voucher.redeemed", None, {"code": code})
                intake.accept(session, event, customer, admission, now)
        case Deed.LEAVES:
            consents.withdraw(
                session,
                customer,
                (EMAIL, SMS),
                source="unsubscribe page",
                event_source="page",
                admission=admission,
                now=now,
            )
        case Deed.CHOOSES:
            _choose(session, person, customer, admission, now)
        case Deed.TAKES_CALL:
            result = "refused" if person.refuses else person.one_of(("confirmed", "not reached"), "call")
            called = Event(f"called/{person.id}", "call.completed", None, {"result": result})
            intake.accept(session, called, customer, admission, now)
        case Deed.JOINS:
            joined = Event(f"joined/{person.id}", "platform.user.created", None, {})
            intake.accept(session, joined, customer, admission, now)
        case Deed.ORDERS | Deed.ORDERS_WINTER:
            order_id = f"{person.id}-{message.template if message else does}"
            _order(session, order_id, BOUGHT[does], customer, admission, now)


def _complete(session: Session, person: Person, customer: Customer, admission: Admission, now: datetime) -> None:
    _change(session, customer, read(ProfileBody, person.whole, now).changes(), admission, now)


def _change(session: Session, customer: Customer, changes: ProfileChanges, admission: Admission, now: datetime) -> None:
    changed = customers.change(
        session, customer, changes, default_zone=admission.default_zone, now=now, consent_source=SOURCE
    )
    if changed:
        session.flush()
        intake.profile_updated(session, customer, changed, admission, now)


def _choose(session: Session, person: Person, customer: Customer, admission: Admission, now: datetime) -> None:
    """They say what they like, and over which channel; those without a phone have little choice."""
    channel = person.one_of([EMAIL.value, SMS.value] if customer.phone else [EMAIL.value], "channel")
    interest = person.one_of(INTERESTS, "interest").code
    changes = ProfileChanges({"preferred_channel": channel}, {INTERESTS_ATTRIBUTE: [interest]})
    _change(session, customer, changes, admission, now)
    event = Event(f"chosen/{person.id}", SERVICE_SUBSCRIBED, None, {"serviceName": SERVICES[channel]}, source="page")
    intake.accept(session, event, customer, admission, now)


def _order(
    session: Session,
    order_id: str,
    product: Mapping[str, Any],
    customer: Customer,
    admission: Admission,
    now: datetime,
) -> None:
    properties = {
        "orderId": order_id,
        "completedOn": admission.clock.at(now).isoformat(),
        "total": product["price"],
        "currency": "GBP",
        "products": [product],
    }
    with suppress(EventMismatchError):  # ordered before, at another moment
        intake.accept(
            session, Event(f"order/{order_id}", "order.completed", None, properties), customer, admission, now
        )
