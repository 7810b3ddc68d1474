"""What the preferences page shows: ways to write to the customer, topics, interests, and what saving brings."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from activities.channels import Channel
from activities.interests import (
    INTERESTS,
    INTERESTS_ATTRIBUTE,
    TOPICS,
    chosen_interests,
)
from activities.storage import customers, topics
from activities.storage.facts import PUSH
from activities.storage.links import Claim
from activities.storage.tables import Customer, Enrollment, Message, Voucher, VoucherDesign
from api.pages import wording
from api.pages.profile_view import SENT_OR_MAYBE, opening_hours
from api.services import Services

LABELS = {Channel.EMAIL.value: "Email", Channel.SMS.value: "Text message", PUSH: "App notification"}
PUSH_ADDRESS = "on the phone where you use our app"


@dataclass(frozen=True)
class Choice:
    """Something to tick.

    Attributes:
        value: as the form sends it.
        label: as the customer reads it.
        hint: what there is to add.
        ticked: as stored.
        said: as it stands in a sentence.
        declined: whether it was offered and not taken.
    """

    value: str
    label: str
    hint: str = ""
    ticked: bool = False
    said: str = ""
    declined: bool = False


@dataclass(frozen=True)
class Offer:
    """What was promised for saving.

    Attributes:
        value: ``10% off``.
        minimum: ``one order of £40 or more``, or empty.
        ends: ``10 am on Friday 4 December``; empty once it is earned.
        hours: ``between 9 am and 9 pm your time``, or empty.
    """

    value: str
    minimum: str
    ends: str
    hours: str

    @property
    def code(self) -> str:
        """What will be sent: ``10% code``."""
        return f"{self.value.removesuffix(' off')} code"


@dataclass(frozen=True)
class Preferences:
    """What is stored of one customer."""

    first_name: str
    channels: list[Choice]
    preferred: str
    topics: list[Choice]
    interests: list[Choice]
    offer: Offer | None
    unsubscribe: str

    @property
    def words(self) -> str:
        """What holds from now on, in words."""
        ways = _said(self.channels)
        if not ways:
            return "no news and offers."
        by = f"by {wording.listed(ways)}."
        interests = wording.listed(_said(self.interests))
        rest = f" Most of it about {interests}." if interests else ""
        # One topic may stand for two: "offers, vouchers" go into one row with the others.
        about = [word for said in _said(self.topics) for word in said.split(", ")]
        if about:
            return f"{wording.listed(about)}, {by}{rest}"
        declined = any(choice.declined for choice in self.topics)
        return (f"only news that belongs to none of our topics, {by}" if declined else f"news and offers {by}") + rest

    @property
    def arrival(self) -> str:
        """When a code that was earned comes; empty where none was promised."""
        if self.offer is None or not self.preferred:
            return ""
        hours = f", {self.offer.hours}" if self.offer.hours else ""
        return f"Your {self.offer.code} follows by {wording.mid_sentence(LABELS[self.preferred])}{hours}."


def preferences_of(session: Session, services: Services, customer: Customer, claim: Claim) -> Preferences:
    """Read what the page shows.

    Args:
        session: any transaction.
        services: for links and the clock.
        customer: whose page.
        claim: what its link says.
    """
    return Preferences(
        first_name=customer.first_name or "",
        channels=_channels(session, services, customer),
        preferred=customer.preferred_channel or "",
        topics=_topics(session, customer),
        interests=_interests(customer),
        offer=_offer(session, services, customer, claim),
        unsubscribe=services.links.path("unsubscribe", Claim(customer.id)),
    )


def _channels(session: Session, services: Services, customer: Customer) -> list[Choice]:
    choices = [
        Choice(
            channel.value,
            LABELS[channel.value],
            address,
            services.reachability.agreed(session, customer, channel),
            wording.mid_sentence(LABELS[channel.value]),
        )
        for channel in Channel
        if (address := wording.masked(customer, channel))
    ]
    pushed = is_pushed(session, services, customer)
    return [*choices, Choice(PUSH, LABELS[PUSH], PUSH_ADDRESS, pushed, wording.mid_sentence(LABELS[PUSH]))]


def is_pushed(session: Session, services: Services, customer: Customer) -> bool:
    """Whether the customer's app is told things: they said so, or have a token and said nothing against it."""
    if services.reachability.address(customer, Channel.PUSH):
        return services.reachability.agreed(session, customer, Channel.PUSH)
    return customers.consents(session, customer).get(PUSH, False)


def _topics(session: Session, customer: Customer) -> list[Choice]:
    decided = topics.decisions(session, customer.id)
    return [
        Choice(topic.code, topic.label, ticked=given is True, said=topic.said, declined=given is False)
        for topic, given in ((each, decided.get(each.code)) for each in TOPICS)
    ]


def _interests(customer: Customer) -> list[Choice]:
    ticked = chosen_interests(customer.attributes.get(INTERESTS_ATTRIBUTE))
    return [Choice(each.code, each.label, "", each in ticked, wording.mid_sentence(each.label)) for each in INTERESTS]


def _offer(session: Session, services: Services, customer: Customer, claim: Claim) -> Offer | None:
    """What the journey behind the link promised, while it has a code to keep that promise with."""
    enrollment = session.get(Enrollment, claim.enrollment_id) if claim.enrollment_id else None
    if enrollment is None or enrollment.cancel_reason is not None:
        return None
    kept = session.exec(
        select(Voucher).where(Voucher.enrollment_id == enrollment.id, col(Voucher.state).in_(("reserved", "assigned")))
    ).first()
    promise = session.exec(
        select(Message)
        .where(
            Message.enrollment_id == enrollment.id,
            Message.promised == "voucher",
            col(Message.state).in_(SENT_OR_MAYBE),
            col(Message.promise_ends) > services.clock.at(services.now()),
        )
        .order_by(col(Message.promise_ends).desc())
    ).first()
    design = session.get(VoucherDesign, promise.promised_design) if promise else None
    if kept is None or promise is None or promise.promise_ends is None or design is None:
        return None
    ends = wording.end_of_promise(promise.promise_ends.astimezone(ZoneInfo(customer.timezone)))
    hours = opening_hours(enrollment.parameters)
    return Offer(design.value, design.minimum or "", ends if kept.state == "reserved" else "", hours)


def _said(choices: list[Choice]) -> list[str]:
    return [choice.said for choice in choices if choice.ticked]
