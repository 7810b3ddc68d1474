"""Customers on their own pages, on a phone: they opt in, choose, complete their profile, and leave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count

import pytest
from playwright.async_api import Page, expect
from sqlmodel import Session, select

from activities.channels import EMAIL
from activities.storage import customers, topics
from activities.storage.tables import Confirmation, Customer
from tests.browser.faults import faults
from tests.browser.site import JOURNEY, NEEDS_CHROMIUM, Site, links_of

pytestmark = NEEDS_CHROMIUM

_NUMBERS = count(1)


@dataclass(frozen=True)
class Somebody:
    """A customer whose profile is not complete.

    Attributes:
        site: that they visit.
        id: ours.
        links: to their pages.
    """

    site: Site
    id: str
    links: Mapping[str, str]

    def address(self, name: str) -> str:
        """Where one of their pages is."""
        return self.site.server.url + self.links[name]

    @property
    def stored(self) -> Customer:
        """What we know of them now."""
        return self.site.server.rows(lambda session: session.get_one(Customer, self.id))

    @property
    def consents(self) -> dict[str, bool]:
        """What they decided, by channel."""
        return self.site.server.rows(lambda session: customers.consents(session, session.get_one(Customer, self.id)))

    @property
    def reached_by_email(self) -> bool:
        """Whether news go to them by email."""
        facts = self.site.server.services.reachability.facts
        known = self.site.server.rows(lambda session: facts(session, session.get_one(Customer, self.id)))
        return EMAIL in known.reachable


@pytest.fixture
async def ada(site: Site) -> Somebody:
    """Somebody who registered with a first name and an email."""
    answer = await site.server.register(first_name="Ada", email=f"ada.{next(_NUMBERS)}@example.com")
    (enrollment,) = (each["id"] for each in answer["enrollments"] if each["journey"] == JOURNEY)

    def links(session: Session) -> dict[str, str]:
        return links_of(site.server, session.get_one(Customer, answer["customer_id"]), enrollment)

    return Somebody(site, answer["customer_id"], site.server.rows(links))


async def test_a_customer_opts_in(stranger: Page, ada: Somebody) -> None:
    """One press confirms the address, and is kept as evidence."""
    await stranger.goto(ada.address("confirm"))
    await stranger.get_by_role("button", name="Yes, confirm").click()
    await expect(stranger.get_by_role("status")).to_contain_text("You are on the list.")
    assert await faults(stranger) == []
    assert ada.consents == {"email": True}
    (evidence,) = ada.site.server.rows(
        lambda session: session.exec(select(Confirmation).where(Confirmation.customer_id == ada.id)).all()
    )
    assert (evidence.source, evidence.channel) == ("confirm page", "email")


async def test_a_customer_chooses(stranger: Page, ada: Somebody) -> None:
    """What a customer ticks is stored, read back to them, and still ticked when they come back."""
    await stranger.goto(ada.address("preferences"))
    by_email = stranger.get_by_role("radio", name="Email")
    throws = stranger.get_by_label("Throws and blankets")
    await by_email.check()
    await stranger.get_by_label("Offers and vouchers").check()
    await throws.check()
    await stranger.get_by_role("button", name="Save my choices").click()
    await expect(stranger.get_by_role("status")).to_contain_text("From now on: offers and vouchers, by email.")
    assert await faults(stranger) == []
    assert ada.stored.preferred_channel == "email"
    assert ada.stored.attributes["interests"] == ["throws"]
    decided = ada.site.server.rows(lambda session: topics.decisions(session, ada.id))
    assert [topic for topic, wanted in decided.items() if wanted] == ["offers"]
    await stranger.get_by_role("link", name="Change something").click()
    await expect(by_email).to_be_checked()
    await expect(throws).to_be_checked()


async def test_a_customer_completes_the_profile(stranger: Page, ada: Somebody) -> None:
    """What was missing is stored, and the page says that nothing is missing any more."""
    await stranger.goto(ada.address("profile"))
    await stranger.get_by_label("Last name").fill("Byron")
    await stranger.get_by_label("Country").select_option("CZ")
    await stranger.get_by_label("Number").fill("601 123 456")
    await stranger.get_by_label("Text me news and offers, too").check()
    for part, typed in (("Day", "10"), ("Month", "12"), ("Year", "1990")):
        await stranger.get_by_label(part).fill(typed)
    await stranger.get_by_role("button", name="Save").click()
    await expect(stranger.get_by_role("status")).to_contain_text("Saved. Your account is complete.")
    assert await faults(stranger) == []
    stored = ada.stored
    assert (stored.last_name, stored.phone, stored.date_of_birth) == ("Byron", "+420601123456", date(1990, 12, 10))
    assert ada.consents == {"sms": True}


async def test_a_mistake_in_the_profile_is_explained(stranger: Page, ada: Somebody) -> None:
    """A customer is led to the field that needs another look, what they typed stays, and nothing is stored."""
    await stranger.goto(ada.address("profile"))
    await stranger.get_by_label("Last name").fill("Byron")
    await stranger.get_by_label("Number").fill("12")
    await stranger.get_by_role("button", name="Save").click()
    await expect(stranger.get_by_role("alert")).to_be_focused()
    assert await faults(stranger) == []
    await stranger.get_by_role("alert").get_by_role("link").click()
    await expect(stranger.get_by_label("Last name")).to_have_value("Byron")
    assert ada.stored.last_name is None


async def test_a_customer_unsubscribes(stranger: Page, ada: Somebody) -> None:
    """One press, and news by email stop; why they left may be told afterwards."""
    assert ada.reached_by_email
    await stranger.goto(ada.address("unsubscribe"))
    await stranger.get_by_role("button", name="Unsubscribe").click()
    await expect(stranger.get_by_role("heading", level=1)).to_have_text("You are unsubscribed")
    await expect(stranger.get_by_role("status")).to_contain_text("have stopped")
    assert await faults(stranger) == []
    assert ada.consents == {"email": False}
    assert not ada.reached_by_email
    await stranger.get_by_role("radio").first.check()
    await stranger.get_by_role("button", name="Send").click()
    await expect(stranger.get_by_role("status")).to_contain_text("Thank you for telling us.")
    assert await faults(stranger) == []


async def test_a_customer_takes_it_back(stranger: Page, ada: Somebody) -> None:
    """Who pressed by mistake presses again, and news come as before."""
    await stranger.goto(ada.address("unsubscribe"))
    await stranger.get_by_role("button", name="Unsubscribe").click()
    await stranger.get_by_role("button", name="Undo").click()
    await expect(stranger.get_by_role("heading", level=1)).to_have_text("That is undone")
    assert await faults(stranger) == []
    assert ada.consents == {"email": True}
    assert ada.reached_by_email


async def test_a_link_that_is_cut_off_says_what_to_do(stranger: Page, ada: Somebody) -> None:
    """Whoever copies half a link learns how to go on, and nothing about anybody."""
    answer = await stranger.goto(ada.address("profile")[:-5])
    assert answer is not None
    assert answer.status == 404
    await expect(stranger.get_by_role("heading", level=1)).to_have_text("This link no longer works")
    assert await faults(stranger) == []
