"""From a customer's rows to the facts journeys decide on, and to the journeys that wait for them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select, tuple_

from activities.channels import Channel
from activities.facts import Facts
from activities.storage import outbox
from activities.storage.addresses import address_hash
from activities.storage.tables import Consent, Customer, Enrollment, Suppression

STANDARD_ATTRIBUTES = ("first_name", "last_name", "email", "phone", "date_of_birth", "country", "locale")
PUSH = "push"  # by webhook: a way to reach customers that needs no address of ours, and a decision of theirs

# Every send reads these twice: one statement for all channels, built once, and columns instead of rows.
_DECISIONS = select(Consent.channel, Consent.given).where(col(Consent.customer_id) == bindparam("customer_id"))
_SUPPRESSIONS = select(Suppression.channel, Suppression.reason).where(
    tuple_(col(Suppression.channel), col(Suppression.address_hash)).in_(bindparam("hashes", expanding=True))
)


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
        addressed = [channel for channel in Channel if self.address(customer, channel)]
        decided = self._decided(session, customer)
        agreed = self._agreed_to(decided)
        suppressed = self._suppressed(session, customer)
        withdrawn = [channel for channel in addressed if not agreed[channel]]
        reachable = tuple(channel for channel in addressed if agreed[channel] and channel not in suppressed)
        return Facts(
            version=customer.version,
            names=names_set(customer),
            reachable=reachable,
            opted_out=bool(withdrawn) and not reachable and not decided.get(PUSH, False),
            timezone=customer.timezone,
            preferred_channel=customer.preferred_channel or "",
        )

    def address(self, customer: Customer, channel: Channel) -> str | None:
        """Where the customer is on that channel."""
        return customer.email if channel is Channel.EMAIL else customer.phone

    def agreed(self, session: Session, customer: Customer, channel: Channel) -> bool:
        """Whether marketing on that channel is wanted."""
        return self._agreed_to(self._decided(session, customer))[channel]

    def suppressed(self, session: Session, customer: Customer, channel: Channel) -> str | None:
        """Why the address must not be contacted, or None."""
        return self._suppressed(session, customer).get(channel)

    def suppress(self, session: Session, channel: Channel, address: str, reason: str, now: datetime) -> None:
        """Never contact this address again."""
        key = (channel.value, address_hash(self._secret, channel, address))
        if session.get(Suppression, key) is None:
            session.add(Suppression(channel=key[0], address_hash=key[1], reason=reason, created_at=now))

    def _decided(self, session: Session, customer: Customer) -> dict[str, bool]:
        decided = session.exec(_DECISIONS, params={"customer_id": customer.id})
        return dict(decided.all())

    def _agreed_to(self, decided: Mapping[str, bool]) -> dict[Channel, bool]:
        return {channel: decided.get(channel.value, self._consent_by_default) for channel in Channel}

    def _suppressed(self, session: Session, customer: Customer) -> dict[Channel, str]:
        hashes = [
            (channel.value, address_hash(self._secret, channel, address))
            for channel in Channel
            if (address := self.address(customer, channel)) is not None
        ]
        if not hashes:
            return {}
        found = session.exec(_SUPPRESSIONS, params={"hashes": hashes})
        return {Channel(name): reason for name, reason in found}


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
