"""What simulated customers do, done as their pages and the shop's systems would do it."""

from datetime import datetime

from sqlmodel import Session, col, select

from activities.channels import EMAIL, SMS
from activities.storage import confirmations, consents, customers, intake
from activities.storage.confirmations import Evidence
from activities.storage.facts import Reachability
from activities.storage.history import DELIVERED, OPENED
from activities.storage.intake import Admission, Event
from activities.storage.message_events import message_event
from activities.storage.tables import Customer, Message, Voucher
from activities.storage.vouchers import ASSIGNED
from api.bodies import ProfileBody, RegistrationBody, read
from worker.dev.population import Person

SOURCE = "simulated"


def register(session: Session, person: Person, admission: Admission, now: datetime) -> intake.Registered:
    """They register, over the API's own checks."""
    registration = read(RegistrationBody, person.registration, now).registration()
    return intake.register(session, registration, admission, now)


def deliver(session: Session, message: Message, customer: Customer, admission: Admission, now: datetime) -> None:
    """The provider reports that a message has arrived."""
    intake.accept(session, message_event(DELIVERED, message, source="provider", at=now), customer, admission, now)


def act(
    session: Session,
    does: str,
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
        does: completes, opens, confirms, redeems, leaves or orders.
        person: who they are.
        customer: their row.
        message: what they do it after; None after registering.
        admission: journeys and clock.
        reachability: for the mark of an address.
        now: wall-clock instant, UTC.
    """
    match does:
        case "completes":
            _complete(session, person, customer, admission, now)
        case "opens" if message is not None and message.channel == EMAIL:
            event = message_event(OPENED, message, source="page", at=now)
            intake.accept(session, event, customer, admission, now)
        case "confirms" if customer.email:
            evidence = Evidence(reachability.mark(EMAIL, customer.email), SOURCE, SOURCE, channel=EMAIL.value)
            confirmations.confirm(session, customer, evidence, admission, now)
        case "redeems":
            held = select(Voucher.code).where(
                col(Voucher.enrollment_id) == (message.enrollment_id if message else ""), Voucher.state == ASSIGNED
            )
            for code in session.exec(held).all():
                event = Event(f"redeemed/{code}", "voucher.redeemed", None, {"code": code})
                intake.accept(session, event, customer, admission, now)
        case "leaves":
            consents.withdraw(
                session,
                customer,
                (EMAIL, SMS),
                source="unsubscribe page",
                event_source="page",
                admission=admission,
                now=now,
            )
        case "orders":
            product = {"sku": "GL-1", "name": "Garden lantern", "category": "Garden", "price": 39.0}
            properties = {"orderId": f"{person.id}-1", "total": 39.0, "currency": "GBP", "products": [product]}
            event = Event(f"order/{person.id}", "order.completed", None, properties)
            intake.accept(session, event, customer, admission, now)


def _complete(session: Session, person: Person, customer: Customer, admission: Admission, now: datetime) -> None:
    changes = read(ProfileBody, person.whole, now).changes()
    changed = customers.change(
        session, customer, changes, default_zone=admission.default_zone, now=now, consent_source=SOURCE
    )
    if changed:
        session.flush()
        intake.profile_updated(session, customer, changed, admission, now)
