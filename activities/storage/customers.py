"""Customers: who is who, and what we know of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select, tuple_

from activities.storage import topics
from activities.storage.addresses import email_key
from activities.storage.ids import new_id
from activities.storage.tables import Consent, Customer, Identity
from activities.storage.time_zones import zone_of

ZONE_GIVEN = "given"


class IdentityConflictError(Exception):
    """An identity belongs to another customer.

    Args:
        field: the attribute in question, e.g. ``email``.
        detail: what is wrong, without naming the other customer.
    """

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


@dataclass(frozen=True)
class ProfileChanges:
    """Validated news about a customer.

    Attributes:
        values: standard attributes by name, ``timezone`` included; None clears one.
        attributes: custom ones by name; None removes one.
        consents: decisions by channel.
        topics: decisions by topic.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    consents: Mapping[str, bool] = field(default_factory=dict)
    topics: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Registration:
    """A validated registration.

    Attributes:
        changes: what it says about the customer.
        external_id: the client's own id.
        source: api, manual or import.
        loyalty: whether the customer joined the loyalty programme, too.
    """

    changes: ProfileChanges
    external_id: str | None = None
    source: str = "api"
    loyalty: bool = False

    def identities(self) -> dict[str, str]:
        """What tells the customer apart: id, email and phone, as far as they are known."""
        given = {
            "id": self.external_id,
            "email": email_key(self.changes.values.get("email") or ""),
            "phone": self.changes.values.get("phone"),
        }
        return {kind: value for kind, value in given.items() if value}


def find(session: Session, reference: str, *, locked: bool = False) -> Customer | None:
    """A customer by our id or the client's; those who were erased are not found.

    Args:
        session: any transaction; a writing one to lock.
        reference: either id.
        locked: keep the row as it is until the transaction ends. The gate locks it, too, so that no message
            passes after the commit of an opt-out.
    """
    customer = session.get(Customer, reference, with_for_update=locked)
    if customer is None:
        owner = session.get(Identity, ("id", reference))
        customer = None if owner is None else session.get(Customer, owner.customer_id, with_for_update=locked)
    return None if customer is None or customer.erased_at is not None else customer


def with_email(session: Session, email: str) -> list[Customer]:
    """The customer with this email, if there is one."""
    owner = session.get(Identity, ("email", email_key(email)))
    found = None if owner is None else find(session, owner.customer_id)
    return [] if found is None else [found]


def with_phone(session: Session, phone: str) -> list[Customer]:
    """The customers with this phone (E.164); a household may share one."""
    statement = select(Customer).where(Customer.phone == phone, col(Customer.erased_at).is_(None))
    return list(session.exec(statement.order_by(col(Customer.created_at), col(Customer.id))))


def register(
    session: Session,
    registration: Registration,
    *,
    default_zone: str,
    now: datetime,
    journey_now: datetime,
) -> tuple[Customer, list[str], bool]:
    """Find the customer of a registration, or store a new one.

    Matched by id; without one, by email; without email, by phone. A customer who was known only by email
    takes on the id they come with. Of a known customer only what was still empty is stored: a repeated
    registration overwrites no profile and no decision on consent.

    Args:
        session: a writing transaction.
        registration: validated.
        default_zone: IANA name for customers whose zone cannot be told.
        now: wall-clock instant, UTC.
        journey_now: the same instant on the journey clock.

    Returns:
        The customer, the names of what changed, and whether they are new.

    Raises:
        IdentityConflictError: the email is known under another id.
    """
    customer = _match(session, registration)
    if customer is not None and customer.erased_at is not None:  # while this waited for the row
        session.expire_all()
        customer = _match(session, registration)
    created = customer is None
    if customer is None:
        customer = Customer(
            id=new_id("cus"),
            timezone=default_zone,
            source=registration.source,
            created_at=now,
            registered_at=journey_now,
        )
        session.add(customer)
        session.flush()  # its identities point to it
    changed = []
    if registration.external_id and customer.external_id is None:
        customer.external_id = registration.external_id
        session.add(Identity(kind="id", value=registration.external_id, customer_id=customer.id))
        changed.append("id")
    changed += change(
        session,
        customer,
        registration.changes,
        default_zone=default_zone,
        now=now,
        consent_source="registration",
        only_empty=True,
    )
    return customer, changed, created


def change(
    session: Session,
    customer: Customer,
    changes: ProfileChanges,
    *,
    default_zone: str,
    now: datetime,
    consent_source: str,
    only_empty: bool = False,
) -> list[str]:
    """Write news about a customer. Telling their journeys is the caller's part (`facts.customer_changed`).

    Args:
        session: a writing transaction.
        customer: whose row.
        changes: validated.
        default_zone: IANA name for customers whose zone cannot be told.
        now: wall-clock instant, UTC.
        consent_source: where decisions on consent came from.
        only_empty: leave what is already known as it is.

    Returns:
        Names of what changed; a consent is called ``consents.CHANNEL`` or ``consents.topics.TOPIC``.

    Raises:
        IdentityConflictError: the email belongs to another customer.
    """
    changed = []
    for name, value in changes.values.items():
        if name == "timezone":
            if _set_zone(customer, value, only_empty=only_empty):
                changed.append(name)
            continue
        known = getattr(customer, name)
        if known == value or (only_empty and (value is None or known not in (None, ""))):
            continue
        if name in ("email", "phone"):
            _move_identity(session, customer, name, known, value)
        setattr(customer, name, value)
        changed.append(name)
    changed += _change_attributes(customer, changes.attributes, only_empty=only_empty)
    if _derive_zone(customer, default_zone):
        changed.append("timezone")
    session.add(customer)
    for channel, given in changes.consents.items():
        decided = session.get(Consent, (customer.id, channel)) is not None
        if not (only_empty and decided) and decide(
            session, customer, channel, given=given, source=consent_source, now=now
        ):
            changed.append(f"consents.{channel}")
    for topic, given in changes.topics.items():
        if topics.decide(
            session, customer.id, topic, given=given, source=consent_source, now=now, only_empty=only_empty
        ):
            changed.append(f"consents.topics.{topic}")
    return list(dict.fromkeys(changed))


def decide(
    session: Session,
    customer: Customer,
    channel: str,
    *,
    given: bool,
    source: str,
    now: datetime,
    reason: str = "",
) -> bool:
    """Record a customer's decision about a channel.

    Args:
        session: a writing transaction.
        customer: whose decision.
        channel: email or sms.
        given: whether they want to hear from us there.
        source: where they said so.
        now: wall-clock instant, UTC.
        reason: why, if they told us.

    Returns:
        Whether that is new.
    """
    consent = session.get(Consent, (customer.id, channel))
    if consent is not None and consent.given == given:
        if reason and reason != consent.reason:
            consent.reason = reason
            session.add(consent)
        return False
    if consent is None:
        consent = Consent(customer_id=customer.id, channel=channel, given=given, source=source, changed_at=now)
    consent.given, consent.source, consent.reason, consent.changed_at = given, source, reason, now
    session.add(consent)
    return True


def consents(session: Session, customer: Customer) -> dict[str, bool]:
    """The decisions a customer has taken, by channel."""
    rows = session.exec(select(Consent).where(Consent.customer_id == customer.id))
    return {row.channel: row.given for row in rows}


def _match(session: Session, registration: Registration) -> Customer | None:
    given = registration.identities()
    rows = session.exec(select(Identity).where(tuple_(col(Identity.kind), col(Identity.value)).in_(given.items())))
    owners = {row.kind: row.customer_id for row in rows}
    if "id" not in given:
        owner = owners.get("email" if "email" in given else "phone")
        return _locked(session, owner)
    by_id, by_email = owners.get("id"), owners.get("email")
    if by_email is not None and by_email != by_id:
        other = _locked(session, by_email)
        if by_id is not None or other is None or other.external_id is not None:
            raise IdentityConflictError("email", "this email is known under another id")
        return other
    return _locked(session, by_id)


def _locked(session: Session, customer_id: str | None) -> Customer | None:
    return None if customer_id is None else session.get(Customer, customer_id, with_for_update=True)


def _move_identity(session: Session, customer: Customer, kind: str, old: str | None, new: str | None) -> None:
    """Let go of an old address and claim the new one; a shared phone stays with its first claimant."""
    old_key, new_key = (_identity_key(kind, value) for value in (old, new))
    if old_key == new_key:
        return
    if old_key and (mine := session.get(Identity, (kind, old_key))) and mine.customer_id == customer.id:
        session.delete(mine)
        session.flush()
    if not new_key:
        return
    owner = session.get(Identity, (kind, new_key))
    if owner is None:
        session.add(Identity(kind=kind, value=new_key, customer_id=customer.id))
    elif owner.customer_id != customer.id and kind == "email":
        raise IdentityConflictError("email", "this email belongs to another customer")


def _identity_key(kind: str, value: str | None) -> str | None:
    return email_key(value) if value and kind == "email" else value


def _change_attributes(customer: Customer, attributes: Mapping[str, Any], *, only_empty: bool) -> list[str]:
    known = dict(customer.attributes)
    changed = []
    for name, value in attributes.items():
        before = known.get(name)
        if before == value and type(before) is type(value):
            continue
        if only_empty and (value is None or before not in (None, "")):
            continue
        if value is None:
            del known[name]
        else:
            known[name] = value
        changed.append(name)
    if changed:
        customer.attributes = known  # a new object: SQLAlchemy does not look inside the old one
    return changed


def _set_zone(customer: Customer, zone: str | None, *, only_empty: bool) -> bool:
    if zone is None:
        if only_empty or customer.timezone_source != ZONE_GIVEN:
            return False
        customer.timezone_source = ""  # derived again below
        return True
    if only_empty and customer.timezone_source == ZONE_GIVEN:
        return False
    changed = customer.timezone != zone
    customer.timezone, customer.timezone_source = zone, ZONE_GIVEN
    return changed


def _derive_zone(customer: Customer, default: str) -> bool:
    """A zone that was given stays; one that was guessed follows the phone and the country."""
    if customer.timezone_source == ZONE_GIVEN:
        return False
    before = customer.timezone
    customer.timezone, customer.timezone_source = zone_of(customer.phone, customer.country, default)
    return customer.timezone != before
