"""The link with which a customer confirms an address: how long it works, and for which address."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from activities.channels import EMAIL, SMS, Channel
from activities.gate.wording import Wording
from activities.messages import SendOrder
from activities.storage import vouchers
from activities.storage.database import Database
from activities.storage.links import DeadLinkError, Links
from activities.storage.tables import Customer, Enrollment, InboxEvent, ProfileIncrease, ShortLink
from tests.activities.gate.desk import RENDERER
from tests.activities.storage.rows import NOON, add_pool, enrolled
from tests.readable import readable

LINKS = Links("https://hello.example", ["old key", "new key"], "https://h.example")
DAY = timedelta(days=1)


def context(session: Session, within: timedelta, channel: Channel = EMAIL) -> dict[str, Any]:
    """What a template is told that asks a new customer to confirm."""
    enrollment = session.get_one(Enrollment, enrolled(session))
    customer = session.get_one(Customer, enrollment.customer_id)
    order = SendOrder(enrollment.id, "welcome", 1, 1, channel, "welcome", confirm_seconds=within.total_seconds())
    return Wording(LINKS).context(session, order, enrollment, customer, NOON, None)


def _token(url: str) -> str:
    return url.removeprefix("https://hello.example/confirm/")


@pytest.mark.parametrize(("within", "days"), [(4 * DAY, 7), (10 * DAY, 10)])
async def test_the_link_works_a_week_or_as_long_as_the_journey_needs(
    database: Database, within: timedelta, days: int
) -> None:
    """A customer reads until when the link works, and it works all of that day on their own clock, no longer."""
    told = await database.write(lambda session: context(session, within))
    ends = datetime(2027, 1, 12 + days, 23, 59, 59, tzinfo=ZoneInfo("Europe/London"))
    assert told["link_ends"] == ends
    claim = LINKS.read("confirm", _token(told["confirm_url"]), ends)
    assert LINKS.is_about(claim, "ada@example.com")
    with pytest.raises(DeadLinkError):
        LINKS.read("confirm", _token(told["confirm_url"]), ends + timedelta(seconds=1))


async def test_the_link_is_about_one_address_and_does_not_tell_it(database: Database) -> None:
    """A link confirms the address it went to, whatever its spelling, and no other; nobody can read it from the link."""
    told = await database.write(lambda session: context(session, DAY))
    assert "ada@" not in readable(told["confirm_url"])
    claim = LINKS.read("confirm", _token(told["confirm_url"]), NOON)
    assert LINKS.is_about(claim, "ADA@example.com")
    assert not LINKS.is_about(claim, "eve@example.com")
    assert not LINKS.is_about(claim, None)
    rotated = Links("https://hello.example", ["new key", "newer key"])
    assert rotated.is_about(rotated.read("confirm", _token(told["confirm_url"]), NOON), "ada@example.com")
    with pytest.raises(DeadLinkError):
        LINKS.read("profile", _token(told["confirm_url"]), NOON)


async def test_a_text_has_one_short_link_to_the_same_page(database: Database) -> None:
    """The reminder by text carries ten characters that lead to the page of the email, and no other link."""

    def transaction(session: Session) -> tuple[dict[str, Any], list[ShortLink]]:
        told = context(session, DAY, SMS)
        session.flush()
        return told, list(session.exec(select(ShortLink)))

    told, links = await database.write(transaction)
    [link] = [each for each in links if told["confirm_url"].endswith(each.code)]
    assert link.path.startswith("/confirm/")
    assert [each.path for each in links if each.customer_id == link.customer_id] == [link.path]
    text = RENDERER.render("confirm-reminder", SMS, told).text
    assert told["confirm_url"] in text
    assert len(text) <= 160


async def test_the_promotion_says_what_was_confirmed_and_given(database: Database) -> None:
    """A customer who confirmed reads since when, and how many points the journey has put on the account."""

    def transaction(session: Session) -> dict[str, Any]:
        add_pool(session, "HELLO-1", design="welcome-promo")
        enrollment = session.get_one(Enrollment, enrolled(session))
        customer = session.get_one(Customer, enrollment.customer_id)
        code = vouchers.assign(session, "welcome-promo", enrollment.id, "voucher", 1, NOON, customer.timezone)
        assert code is not None
        session.add(
            InboxEvent(
                source="page", event_id=f"e/{customer.id}", type="subscription.confirmed", customer_id=customer.id,
                fingerprint="", occurred_at=NOON, received_at=NOON, arrived_at=NOON, properties={},
            )
        )  # fmt: skip
        session.add(
            ProfileIncrease(
                id=f"inc/{customer.id}", customer_id=customer.id, enrollment_id=enrollment.id, step="profile", visit=1,
                field="loyalty", amount=100, applied_at=NOON,
            )
        )  # fmt: skip
        session.flush()
        order = SendOrder(enrollment.id, "promo", 1, 1, EMAIL, "promo-code", hands_over=code.id)
        return Wording(LINKS).context(session, order, enrollment, customer, NOON, None)

    told = await database.write(transaction)
    assert (told["confirmed_on"], told["points"], told["code"]) == (NOON.date(), 100, "HELLO-1")
    text = " ".join(RENDERER.render("promo-code", EMAIL, told).text.split())
    assert "100 points on your account" in text
    assert "you confirmed this address on 12 January 2027" in text
