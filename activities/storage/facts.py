"""From a customer's rows to the facts journeys decide on, and to the journeys that wait for them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, case, literal, union_all
from sqlmodel import Session, col, select, tuple_

from activities.channels import Channel
from activities.facts import Facts
from activities.storage import outbox
from activities.storage.addresses import address_hash
from activities.storage.tables import Consent, Customer, Enrollment, Suppression

STANDARD_ATTRIBUTES = ("first_name", "last_name", "email", "phone", "date_of_birth", "country", "locale")
# Why an address is on the suppression list whose owner wanted no marketing and was erased. It forbids no more than
# that, and only until whoever has the address now takes a decision of their own.
OBJECTED = "objected"
# Why a number is on the list from which STOP was texted. STOP withdraws its owners' consent, too, so whoever agrees to
# texts has asked for them again since.
STOPPED = "stop"
GIVEN = "given"
SOFT_BOUNCES_IN_A_ROW = 5  # no provider names a number; this one is ours
PUSH = Channel.PUSH.value  # also by webhook: a way to reach customers that needs no address of ours, but their decision
PUSH_TOKEN = "push_token"  # noqa: S105 # the name of a custom attribute

# Every send reads this twice: one statement for consents and suppressions on all channels, built once.
_STANDING = union_all(
    select(literal("consent"), Consent.channel, case((col(Consent.given), GIVEN), else_="")).where(
        col(Consent.customer_id) == bindparam("customer_id")
    ),
    select(literal("suppression"), Suppression.channel, Suppression.reason).where(
        tuple_(col(Suppression.channel), col(Suppression.address_hash)).in_(bindparam("hashes", expanding=True))
    ),
)


class Reachability:
    """Decides on which channels a customer may be reached.

    Args:
        secret: keys the hashes of the suppression list.
        consent_by_default: whether a customer who decided nothing counts as having agreed; otherwise they are
            undecided: reached by the service class only, and not gone either.
        soft_bounces: after how many soft bounces in a row an email address or a number is not used again; 0 for
            never.
    """

    def __init__(
        self, secret: str, *, consent_by_default: bool = True, soft_bounces: int = SOFT_BOUNCES_IN_A_ROW
    ) -> None:
        self.soft_bounces = soft_bounces
        self._secret = secret
        self._consent_by_default = consent_by_default

    def facts(self, session: Session, customer: Customer) -> Facts:
        """The snapshot of a customer as the session sees it."""
        if customer.erased_at is not None:
            return Facts(version=customer.version, timezone=customer.timezone, erased=True)
        addressed = [channel for channel in Channel if self.address(customer, channel)]
        decided, suppressed = self._standing(session, customer)
        objected = [channel for channel in suppressed if suppressed[channel] == OBJECTED]
        suppressed = _for_everything(suppressed, decided)
        withdrawn = [channel for channel in addressed if decided.get(channel.value, channel not in objected) is False]
        reachable = tuple(channel for channel in addressed if channel not in withdrawn and channel not in suppressed)
        undecided = () if self._consent_by_default else tuple(each for each in reachable if each.value not in decided)
        return Facts(
            version=customer.version,
            names=names_set(customer),
            reachable=reachable,
            opted_out=bool(withdrawn) and not reachable and not decided.get(PUSH, False),
            timezone=customer.timezone,
            preferred_channel=customer.preferred_channel or "",
            undecided=undecided,
        )

    def address(self, customer: Customer, channel: Channel) -> str | None:
        """Where the customer is on that channel."""
        if channel is Channel.PUSH:
            token = customer.attributes.get(PUSH_TOKEN)
            return token if isinstance(token, str) and token else None
        return customer.email if channel is Channel.EMAIL else customer.phone

    def mark(self, channel: Channel, address: str) -> str:
        """The keyed hash under which an address stands on the suppression list."""
        return address_hash(self._secret, channel, address)

    def agreed(self, session: Session, customer: Customer, channel: Channel) -> bool:
        """Whether marketing on that channel is wanted."""
        decided, suppressed = self._standing(session, customer)
        return decided.get(channel.value, self._consent_by_default and suppressed.get(channel) != OBJECTED)

    def objected(self, session: Session, customer: Customer) -> list[Channel]:
        """The channels whose address is only used if they ask for it: its owner objected to marketing."""
        _, suppressed = self._standing(session, customer)
        return [channel for channel, reason in suppressed.items() if reason == OBJECTED]

    def awaits_consent(self, session: Session, customer: Customer) -> bool:
        """Whether silence is no consent and the customer has said yes to no way at all, push included."""
        decided, _ = self._standing(session, customer)
        return not self._consent_by_default and not any(decided.values())

    def suppressed(self, session: Session, customer: Customer, channel: Channel) -> str | None:
        """Why the address must not be contacted, or None."""
        decided, suppressed = self._standing(session, customer)
        return _for_everything(suppressed, decided).get(channel)

    def suppress(self, session: Session, channel: Channel, address: str, reason: str, now: datetime) -> None:
        """Never contact this address again; or, where its owner `OBJECTED`, not with marketing they did not ask for."""
        key = (channel.value, address_hash(self._secret, channel, address))
        known = session.get(Suppression, key)
        if known is not None and known.reason == OBJECTED:
            known.reason = reason
            session.add(known)
        elif known is None:
            session.add(Suppression(channel=key[0], address_hash=key[1], reason=reason, created_at=now))

    def _standing(self, session: Session, customer: Customer) -> tuple[dict[str, bool], dict[Channel, str]]:
        """What the customer decided on each channel, and why their addresses are on the suppression list."""
        hashes = [
            (channel.value, address_hash(self._secret, channel, address))
            for channel in Channel
            if (address := self.address(customer, channel)) is not None
        ]
        decided: dict[str, bool] = {}
        suppressed: dict[Channel, str] = {}
        for kind, channel, value in session.execute(_STANDING, {"customer_id": customer.id, "hashes": hashes}):
            if kind == "consent":
                decided[channel] = value == GIVEN
            else:
                suppressed[Channel(channel)] = value
        return decided, suppressed


def _for_everything(suppressed: Mapping[Channel, str], decided: Mapping[str, bool]) -> dict[Channel, str]:
    """Without those who only object to marketing, and those who came back."""
    return {
        channel: reason
        for channel, reason in suppressed.items()
        if reason != OBJECTED and not (reason == STOPPED and decided.get(channel.value, False))
    }


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
