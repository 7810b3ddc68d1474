"""What the gate tells a template: plain values, on the customer's own clock."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from activities.channels import SMS, Channel
from activities.gate.orders import order_words
from activities.interests import INTERESTS_ATTRIBUTE, chosen_interests, picks_for
from activities.messages import Promise, Reward, SendOrder
from activities.profile_fields import field_named
from activities.storage.facts import names_set
from activities.storage.links import Claim, Links, unsubscribe_claim
from activities.storage.tables import (
    Customer,
    Enrollment,
    InboxEvent,
    PointsEntry,
    ProfileIncrease,
    Voucher,
    VoucherDesign,
)

PROFILE_LINK_LIFE = timedelta(days=17)  # longer than any wait of the two journeys and a week on top
CONFIRM_LINK_LIFE = timedelta(days=7)  # unless the journey needs longer
SERVICE_SUBSCRIBED = "service.subscribed"
SUBSCRIPTION_CONFIRMED = "subscription.confirmed"


@dataclass(frozen=True)
class PointsWorth:
    """What points buy, as customers read it.

    Attributes:
        sign: of the currency, in front of the sum.
        each: what one point is worth.
    """

    sign: str = "£"
    each: Decimal = Decimal("0.02")

    def of(self, points: int) -> str | None:
        """E.g. ``£4``; None where points have no price."""
        if not self.each:
            return None
        worth = points * self.each
        step = Decimal(1) if worth == worth.to_integral() else Decimal("0.01")
        return f"{self.sign}{worth.quantize(step)}"


@dataclass(frozen=True)
class Wording:
    """Builds the values for templates.

    Attributes:
        links: makes the links that go into messages.
        points: what points are worth.
        stop_word: texts can be answered with STOP; otherwise they carry a link.
    """

    links: Links
    points: PointsWorth = PointsWorth()
    stop_word: bool = True

    def context(
        self,
        session: Session,
        order: SendOrder,
        enrollment: Enrollment,
        customer: Customer,
        now: datetime,
        reserved: Voucher | None,
    ) -> dict[str, Any]:
        """Everything a template may say.

        Args:
            session: a writing transaction; short links are stored in it.
            order: the message.
            enrollment: whose journey.
            customer: to whom.
            now: journey instant of the gate's decision.
            reserved: the voucher that the message promises.
        """
        zone = ZoneInfo(customer.timezone)
        life = max(order.confirms_within, CONFIRM_LINK_LIFE) if order.confirms_within else PROFILE_LINK_LIFE
        link_ends = end_of_day(now + life, zone)
        known = set(names_set(customer))
        context: dict[str, Any] = {
            "first_name": customer.first_name,
            "registered_on": customer.registered_at.astimezone(zone).date(),
            "missing": [
                {"name": field.name, "label": field.label, "reason": field.reason}
                for field in map(field_named, order.asks_for)
                if field.name not in known
            ],
            "link_ends": link_ends.astimezone(zone),
            "channel": order.channel.value,
            "sms_stop_word": self.stop_word,
            "reward": None,
            "offer_ends": None,
            "voucher_ends": None,
            "code": None,
            "points": None,
            "balance": None,
            "balance_worth": None,
            "chosen_on": None,
            "confirmed_on": None,
            **_interests(enrollment, customer, zone),
            **self._links(session, order, enrollment, customer, now, link_ends),
        }
        if order.promise is not None:
            context |= self._promise(session, order.promise, order.channel, now, zone, reserved)
        if order.hands_over:
            context |= self._handed_over(session, order.hands_over)
            context["chosen_on"] = _last_day_of(session, SERVICE_SUBSCRIBED, customer, zone)
            context["confirmed_on"] = _last_day_of(session, SUBSCRIPTION_CONFIRMED, customer, zone)
            context["points"] = context["points"] or _points_from(session, enrollment)
        return context

    def _links(
        self,
        session: Session,
        order: SendOrder,
        enrollment: Enrollment,
        customer: Customer,
        now: datetime,
        link_ends: datetime,
    ) -> dict[str, str]:
        profile = self.links.path("profile", Claim(customer.id, enrollment.id, order.channel.value), link_ends)
        leave = self.links.path("unsubscribe", unsubscribe_claim(customer.id, enrollment.id, order.channel))
        choose = self.links.path("preferences", Claim(customer.id, enrollment.id))
        confirm = {}
        if order.confirms_within and customer.email:
            claim = Claim(customer.id, enrollment.id, order.channel.value, self.links.mark(customer.email))
            confirm["confirm_url"] = self.links.path("confirm", claim, link_ends)
        if order.channel is not SMS:
            root = self.links.public_url
            return {
                **{name: root + path for name, path in confirm.items()},
                "profile_url": root + profile,
                "unsubscribe_url": root + leave,
                "preferences_url": root + choose,
            }
        # A text has room for one link: to the page where the customer acts, and later finds the reward's terms.
        page = {"profile_url": profile} if not confirm else {"profile_url": "", **confirm}
        return {
            **{name: path and self.links.shorten(session, path, customer.id, now) for name, path in page.items()},
            "unsubscribe_url": "" if self.stop_word else self.links.shorten(session, leave, customer.id, now),
            "preferences_url": "",
        }

    def _promise(
        self,
        session: Session,
        promise: Promise,
        channel: Channel,
        now: datetime,
        zone: ZoneInfo,
        reserved: Voucher | None,
    ) -> dict[str, Any]:
        ends = promise_ends(promise, channel, now, zone).astimezone(zone)
        if promise.reward is Reward.POINTS:
            return {
                "reward": self._points_reward(promise.amount),
                "offer_ends": ends,
                "points": promise.amount,
            }
        return {
            "reward": _voucher_reward(session, promise.design),
            "offer_ends": ends,
            "voucher_ends": reserved.valid_until if reserved else None,
        }

    def _handed_over(self, session: Session, reward_id: str) -> dict[str, Any]:
        award = session.get(PointsEntry, reward_id)
        if award is not None:
            return {
                "reward": self._points_reward(award.amount),
                "points": award.amount,
                "balance": award.balance,
                "balance_worth": self.points.of(award.balance),
            }
        voucher = session.exec(select(Voucher).where(Voucher.id == reward_id)).one()
        return {
            "reward": _voucher_reward(session, voucher.design),
            "code": voucher.code,
            "voucher_ends": voucher.valid_until,
        }

    def _points_reward(self, amount: int) -> dict[str, Any]:
        value = f"{amount} points"
        worth = self.points.of(amount)
        return {
            "kind": "points",
            "value": value,
            "minimum": None,
            "short": f"{value}, worth {worth}" if worth else value,
            "terms": None,
            "amount": amount,
            "worth": worth,
        }


def promise_ends(promise: Promise, channel: Channel, now: datetime, zone: ZoneInfo) -> datetime:
    """When a promise ends: at the journey's own check, rounded down so that it never outlasts it.

    To the hour on the customer's clock; to the half hour in texts.
    """
    local = (now + promise.within).astimezone(zone)
    step = 30 if channel is SMS else 60
    # Replaced, not subtracted: where the clock shows an hour twice, the second one stays the second.
    return local.replace(minute=local.minute - local.minute % step, second=0, microsecond=0)


def end_of_day(at: datetime, zone: ZoneInfo) -> datetime:
    """The last second of the day on the customer's clock: a link "works until 9 December" all day long."""
    return at.astimezone(zone).replace(hour=23, minute=59, second=59, microsecond=0)


def _voucher_reward(session: Session, name: str) -> dict[str, Any]:
    with session.no_autoflush:  # nobody changes a design here
        design = session.get_one(VoucherDesign, name)
    return {
        "kind": "voucher",
        "value": design.value,
        "minimum": design.minimum,
        "short": design.short or design.value,
        "terms": design.terms,
        "amount": None,
        "worth": None,
    }


def _interests(enrollment: Enrollment, customer: Customer, zone: ZoneInfo) -> dict[str, Any]:
    """The order that let the customer in, and what fits the interests they have stored."""
    bought = order_words(enrollment.trigger_properties, enrollment.enrolled_at, zone)
    interests = chosen_interests(customer.attributes.get(INTERESTS_ATTRIBUTE))
    picks = picks_for(interests, [product["name"] for product in bought["products"]])
    return bought | {
        "interest": interests[0].label if interests else None,
        "picks": [{"name": pick.name, "line": pick.line} for pick in picks],
    }


def _points_from(session: Session, enrollment: Enrollment) -> int | None:
    """By how much the journey has let numbers of the profile grow: in a message, these are points, too."""
    grown = select(func.sum(ProfileIncrease.amount)).where(ProfileIncrease.enrollment_id == enrollment.id)
    total = session.exec(grown).one()
    return int(total) if total else None


def _last_day_of(session: Session, event_type: str, customer: Customer, zone: ZoneInfo) -> date | None:
    """The customer's day on which an event of that type last came; for what they chose or confirmed."""
    arrived_at = session.exec(
        select(InboxEvent.arrived_at)
        .where(InboxEvent.customer_id == customer.id, InboxEvent.type == event_type)
        .order_by(col(InboxEvent.arrived_at).desc())
        .limit(1)
    ).first()
    return arrived_at.astimezone(zone).date() if arrived_at else None
