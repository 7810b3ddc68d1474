"""From a customer's rows to the facts journeys decide on, and to the journeys that wait for them."""

from datetime import datetime

from sqlmodel import Session, select

from activities.channels import Channel
from activities.facts import Facts
from activities.storage import outbox
from activities.storage.addresses import address_hash
from activities.storage.tables import Consent, Customer, Enrollment, Suppression

STANDARD_ATTRIBUTES = ("first_name", "last_name", "email", "phone", "date_of_birth", "country", "locale")


class Reachability:
    """Decides on which channels a customer may be reached.

    Args:
        secret: keys the hashes of the suppression list.
        consent_by_default: whether a customer who decided nothing counts as having agreed.
    """

    def __init__(self, secret: str, *, consent_by_default: bool = True) -> None:
        self._secret = secret
        self._consent_by_default = consent_by_default

    def facts(self, session: Session, customer: Customer) -> Facts:
        """The snapshot of a customer as the session sees it."""
        if customer.erased_at is not None:
            return Facts(version=customer.version, timezone=customer.timezone, erased=True)
        withdrawn = [
            channel
            for channel in Channel
            if self.address(customer, channel) and not self.agreed(session, customer, channel)
        ]
        reachable = tuple(
            channel
            for channel in Channel
            if channel not in withdrawn
            and self.address(customer, channel)
            and not self.suppressed(session, customer, channel)
        )
        return Facts(
            version=customer.version,
            names=names_set(customer),
            reachable=reachable,
            opted_out=bool(withdrawn) and not reachable,
            timezone=customer.timezone,
        )

    def address(self, customer: Customer, channel: Channel) -> str | None:
        """Where the customer is on that channel."""
        return customer.email if channel is Channel.EMAIL else customer.phone

    def agreed(self, session: Session, customer: Customer, channel: Channel) -> bool:
        """Whether marketing on that channel is wanted."""
        consent = session.get(Consent, (customer.id, channel.value))
        return self._consent_by_default if consent is None else consent.given

    def suppressed(self, session: Session, customer: Customer, channel: Channel) -> str | None:
        """Why the address must not be contacted, or None."""
        address = self.address(customer, channel)
        if address is None:
            return None
        row = session.get(Suppression, (channel.value, address_hash(self._secret, channel, address)))
        return None if row is None else row.reason

    def suppress(self, session: Session, channel: Channel, address: str, reason: str, now: datetime) -> None:
        """Never contact this address again."""
        key = (channel.value, address_hash(self._secret, channel, address))
        if session.get(Suppression, key) is None:
            session.add(Suppression(channel=key[0], address_hash=key[1], reason=reason, created_at=now))


def names_set(customer: Customer) -> tuple[str, ...]:
    """Names of the attributes that are set, sorted; custom ones included."""
    standard = [name for name in STANDARD_ATTRIBUTES if getattr(customer, name) not in (None, "")]
    custom = [name for name, value in customer.attributes.items() if value not in (None, "")]
    return tuple(sorted({*standard, *custom}))


def customer_changed(session: Session, customer: Customer, now: datetime) -> None:
    """Give the customer a new version and tell every open journey of theirs.

    Args:
        session: the transaction in which the change happens.
        customer: the changed row.
        now: wall-clock instant, UTC.
    """
    # Counted by the database, so that of two changes at once each gets a version of its own; the row is locked
    # from here on, so the second one also finds what the first one put into the outbox.
    customer.version = Customer.version + 1  # an expression until it is flushed
    session.add(customer)
    session.flush()
    session.refresh(customer, ["version"])
    open_ones = select(Enrollment.id).where(Enrollment.customer_id == customer.id, Enrollment.state != "ended")
    for enrollment_id in session.exec(open_ones):
        outbox.push(session, enrollment_id, "facts", now)
