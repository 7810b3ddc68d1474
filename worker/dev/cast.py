"""The sample customers of the demo: who they are, what they do, and which end that must lead to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from activities.channels import EMAIL, SMS, Channel
from worker.dev import ends
from worker.dev.ends import End


@dataclass(frozen=True)
class Message:
    """The first, second, ... message that a customer gets on a channel."""

    channel: Channel
    number: int


@dataclass(frozen=True)
class FillsInPage:
    """The customer opens the page that a message links to and fills in all it asks for."""

    link_in: Message


@dataclass(frozen=True)
class Unsubscribes:
    """The customer presses 'unsubscribe' in their mail program."""

    from_: Message


@dataclass(frozen=True)
class ShopUpdates:
    """The shop hears something of the customer elsewhere, and sends it to the API."""

    after: timedelta
    profile: Mapping[str, str]


@dataclass(frozen=True)
class StaffHold:
    """Staff hold the journey after a message, until the next one is overdue and it is night at the customer's."""

    after: Message
    overdue: timedelta
    reason: str


@dataclass(frozen=True)
class StaffCancel:
    """Staff cancel the journey."""

    after: timedelta
    reason: str


Act: TypeAlias = FillsInPage | Unsubscribes | ShopUpdates | StaffHold | StaffCancel


@dataclass(frozen=True)
class Sample:
    """A sample customer.

    Attributes:
        registration: as `POST /v1/registrations` takes it.
        end: what must become of their journey.
        does: at most one thing, when its moment comes.
        knows: what they type where the page asks for it, by name of the input.
        voucher: design of the voucher that is promised to them; the usual one if empty.
    """

    registration: Mapping[str, str]
    end: End
    does: Act | None = None
    knows: Mapping[str, str] = field(default_factory=dict)
    voucher: str = ""

    @property
    def name(self) -> str:
        """What the demo calls them."""
        return self.registration.get("first_name") or "Nameless"

    @property
    def city(self) -> str:
        """Where they live, by their time zone."""
        return self.registration["timezone"].rpartition("/")[2].replace("_", " ")


SOLD_OUT = "sold-out"  # a design without codes
DAYS_UNTIL_OFFER = timedelta(days=3)  # from the reminder

CAST = (
    Sample(
        {
            "first_name": "Ada",
            "last_name": "Byron",
            "email": "ada@example.com",
            "phone": "+447700900101",
            "date_of_birth": "1990-12-10",
            "timezone": "Europe/London",
        },
        ends.COMPLETE_AT_ENTRY,
    ),
    Sample(
        {"first_name": "Bruno", "last_name": "Conti", "email": "bruno@example.com", "timezone": "Europe/Rome"},
        ends.COMPLETE_UNPROMPTED,
        ShopUpdates(timedelta(days=1), {"phone": "+447700900102", "date_of_birth": "1984-02-29"}),
    ),
    Sample(
        {"first_name": "Chidi", "email": "chidi@example.com", "phone": "+447700900103", "timezone": "Africa/Lagos"},
        ends.COMPLETE_AFTER_REMINDER,
        FillsInPage(Message(EMAIL, 1)),
        {"last_name": "Okafor", "birth_day": "3", "birth_month": "7", "birth_year": "1995"},
    ),
    Sample(
        {"first_name": "Dana", "email": "dana@example.com", "timezone": "America/New_York", "country": "US"},
        ends.REWARDED_BY_EMAIL,
        FillsInPage(Message(EMAIL, 2)),
        {
            "last_name": "Reyes",
            "phone_country": "US",
            "phone": "202-555-0104",
            "birth_day": "21",
            "birth_month": "11",
            "birth_year": "1988",
        },
    ),
    Sample(
        {"first_name": "Emil", "email": "emil@example.com", "phone": "+420601123105", "timezone": "Europe/Prague"},
        ends.NOT_COMPLETE,
    ),
    Sample(
        {"first_name": "Farah", "email": "farah@example.com", "phone": "+971501234106", "timezone": "Asia/Dubai"},
        ends.REWARDED_BY_SMS,
        FillsInPage(Message(SMS, 1)),
        {"last_name": "Haddad", "birth_day": "9", "birth_month": "4", "birth_year": "2001"},
    ),
    Sample(
        {"first_name": "Goro", "last_name": "Sato", "phone": "+819012345107", "timezone": "Asia/Tokyo"},
        ends.PHONE_ONLY,
        FillsInPage(Message(SMS, 2)),
        {"email": "goro@example.com", "birth_day": "30", "birth_month": "1", "birth_year": "1979"},
    ),
    Sample({"id": "shop-108", "timezone": "Australia/Sydney"}, ends.UNREACHABLE),
    Sample(
        {"first_name": "Ines", "email": "ines@example.com", "timezone": "America/Sao_Paulo"},
        ends.PUT_OFF,
        StaffHold(Message(EMAIL, 1), DAYS_UNTIL_OFFER, "asked by phone who we are"),
    ),
    Sample(
        {"first_name": "Jonas", "email": "jonas@example.com", "timezone": "Europe/Berlin"},
        ends.OPTED_OUT,
        Unsubscribes(Message(EMAIL, 1)),
    ),
    Sample(
        {"first_name": "Kiri", "email": "kiri@example.com", "timezone": "Pacific/Auckland"},
        ends.CANCELLED,
        StaffCancel(timedelta(days=5), "asked by phone"),
    ),
    Sample(
        {"first_name": "Lena", "email": "lena@example.com", "timezone": "Europe/Helsinki"},
        ends.NO_VOUCHER_LEFT,
        voucher=SOLD_OUT,
    ),
)
