"""What staff do for one customer in a browser: find, create, change, hold, resume, cancel, export, erase."""

import json
from itertools import count
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlmodel import Session, select

from activities.channels import EMAIL
from activities.storage import customers, erasure
from activities.storage.tables import Customer, Enrollment, Suppression
from tests.browser.faults import faults
from tests.browser.site import JOURNEY, NEEDS_CHROMIUM, Site

pytestmark = NEEDS_CHROMIUM

_NUMBERS = count(1)


@pytest.fixture
async def bob(site: Site) -> dict[str, Any]:
    """Somebody who has just registered."""
    return await site.server.register(first_name="Bob", email=f"bob.{next(_NUMBERS)}@example.com", phone=None)


def page_of(site: Site, customer: dict[str, Any]) -> str:
    """Where staff see a customer."""
    return f"{site.server.url}/console/customers/{customer['customer_id']}"


def journey_of(site: Site, customer: dict[str, Any]) -> Enrollment:
    """A customer's journey as it is stored now."""
    (entered,) = customer["enrollments"]
    return site.server.rows(lambda session: session.get_one(Enrollment, entered["id"]))


async def test_support_creates_a_customer_by_hand(site: Site, support: Page) -> None:
    """A customer who asked at the counter is typed in, enters the journeys that fit, and is marked as typed in."""
    await support.goto(site.address("customers"))
    await support.get_by_role("link", name="New customer").click()
    await support.get_by_label("First name").fill("Eve")
    await support.get_by_label("Email", exact=True).fill("eve@example.com")
    await support.get_by_label("Texts wanted?").select_option("No")
    await support.get_by_role("button", name="Create").click()
    await expect(support.get_by_role("status")).to_have_text("Created. The journeys that fit have begun.")
    await expect(support.get_by_role("heading", level=1)).to_have_text("Eve")
    await expect(support.get_by_role("region", name="What comes next")).to_contain_text(JOURNEY)

    def stored(session: Session) -> tuple[Customer, dict[str, bool], list[str]]:
        (eve,) = customers.with_email(session, "eve@example.com")
        journeys = session.exec(select(Enrollment.journey).where(Enrollment.customer_id == eve.id)).all()
        return eve, customers.consents(session, eve), list(journeys)

    eve, consents, journeys = site.server.rows(stored)
    assert (eve.source, consents, journeys) == ("manual", {"sms": False}, [JOURNEY])
    assert site.written_down("customer", eve.id) == [("Robin Support", "customer.create", "")]


async def test_a_wrong_email_is_shown_at_its_field(site: Site, support: Page) -> None:
    """What cannot be stored is named, and what was typed stays."""
    await support.goto(site.address("new-customer"))
    await support.get_by_label("First name").fill("Eve")
    await support.get_by_label("Email", exact=True).fill("eve at example")
    await support.get_by_role("button", name="Create").click()
    await expect(support.get_by_role("alert")).to_contain_text("Nothing was stored. Please correct: email.")
    await expect(support.get_by_label("First name")).to_have_value("Eve")
    assert await faults(support) == []


async def test_support_changes_a_profile(site: Site, support: Page, bob: dict[str, Any]) -> None:
    """What a customer says on the phone is typed in and known at once; the log has who did it, and no values."""
    await support.goto(page_of(site, bob))
    await support.get_by_role("link", name="Change the profile").click()
    await support.get_by_label("Last name").fill("Byron")
    await support.get_by_label("Reason").fill("told us on the phone")
    await support.get_by_role("button", name="Save").click()
    await expect(support.get_by_role("status")).to_have_text("Changed. The journeys under way know it.")
    await expect(support.get_by_role("heading", level=1)).to_have_text("Bob Byron")
    id_ = bob["customer_id"]
    assert site.server.rows(lambda session: session.get_one(Customer, id_)).last_name == "Byron"
    assert site.written_down("customer", id_) == [("Robin Support", "customer.change", "told us on the phone")]


async def test_a_customer_is_found_from_every_page(site: Site, viewer: Page, bob: dict[str, Any]) -> None:
    """An email typed at the top leads to its customer, and one that nobody has to a page that says so."""
    await viewer.goto(site.address("messages"))
    find = viewer.get_by_role("searchbox", name="Find a customer by email, phone or id")
    await find.fill(site.server.rows(lambda session: session.get_one(Customer, bob["customer_id"]).email) or "")
    await find.press("Enter")
    await viewer.wait_for_url(page_of(site, bob))
    await expect(viewer.get_by_role("heading", level=1)).to_have_text("Bob")
    await find.fill("nobody@example.com")
    await find.press("Enter")
    await expect(viewer.get_by_role("heading", level=1)).to_have_text("Nobody found")
    assert "nobody" not in viewer.url
    assert await faults(viewer) == []


async def test_support_holds_and_resumes_a_journey(site: Site, support: Page, bob: dict[str, Any]) -> None:
    """A hold and its reason stand on the customer's page until the journey is resumed."""
    told = support.get_by_role("status")
    await support.goto(page_of(site, bob))
    await support.get_by_label("Reason").fill("asked by phone")
    await support.get_by_role("button", name="Hold").click()
    await expect(told).to_have_text("On hold. Nothing is sent until you resume.")
    await expect(support.get_by_role("region", name="What comes next")).to_contain_text("Held: asked by phone.")
    held = journey_of(site, bob)
    assert (held.held, held.hold_reason) == (True, "asked by phone")
    await support.get_by_role("button", name="Resume").click()
    await expect(told).to_contain_text("Resumed.")
    assert not journey_of(site, bob).held
    assert site.written_down("enrollment", held.id) == [
        ("Robin Support", "enrollment.resume", ""),
        ("Robin Support", "enrollment.hold", "asked by phone"),
    ]


async def test_support_cancels_a_journey(site: Site, support: Page, bob: dict[str, Any]) -> None:
    """A cancel needs a reason; with one, nothing more comes."""
    cancel = support.get_by_role("button", name="Cancel the journey")
    await support.goto(page_of(site, bob))
    await cancel.click()  # the browser itself asks for the reason
    assert journey_of(site, bob).cancel_reason is None
    await support.get_by_label("Reason").fill("wrong person")
    await cancel.click()
    await expect(support.get_by_role("status")).to_have_text("Cancelled. Nothing more is sent by this journey.")
    await expect(cancel).to_be_disabled()
    cancelled = journey_of(site, bob)
    assert cancelled.cancel_reason == "wrong person"
    assert site.written_down("enrollment", cancelled.id) == [("Robin Support", "enrollment.cancel", "wrong person")]


async def test_support_exports_what_we_hold(site: Site, support: Page, bob: dict[str, Any]) -> None:
    """One press gives everything as a file, and that it was taken is written down."""
    await support.goto(page_of(site, bob))
    async with support.expect_download() as expected:
        await support.get_by_role("button", name="Export data").click()
    download = await expected.value
    assert download.suggested_filename == f"{bob['customer_id']}.json"
    document = json.loads((await download.path()).read_text(encoding="utf-8"))
    assert document["profile"]["first_name"] == "Bob"
    assert site.written_down("customer", bob["customer_id"]) == [("Robin Support", "customer.export", "")]


async def test_an_admin_erases_a_customer(site: Site, admin: Page, bob: dict[str, Any]) -> None:
    """After a second look nothing personal is left, and an address that wanted no news is never written to again."""
    reachability, now = site.server.services.reachability, site.server.clocks.now()

    def object_to_email(session: Session) -> tuple[str, str]:
        customer = session.get_one(Customer, bob["customer_id"])
        customers.decide(session, customer, EMAIL.value, given=False, source="test", now=now)
        return EMAIL.value, reachability.mark(EMAIL, customer.email or "")

    address = site.server.change(object_to_email)
    await admin.goto(page_of(site, bob))
    await admin.get_by_role("link", name="Erase…").click()
    await admin.get_by_label("Reason").fill("asked in writing")
    await admin.get_by_label("I am sure that this is the right person").check()
    await admin.get_by_role("button", name="Erase for good").click()
    await expect(admin.get_by_role("status")).to_have_text("Erased. Nothing more is sent.")
    assert await faults(admin) == []
    erased = site.server.rows(lambda session: session.get_one(Customer, bob["customer_id"]))
    assert (erased.first_name, erased.email) == (None, None)
    assert site.server.rows(lambda session: erasure.find(session, bob["customer_id"])) is not None
    assert site.server.rows(lambda session: session.get(Suppression, address)) is not None
    assert site.written_down("customer", bob["customer_id"]) == [("Robin Admin", "customer.erase", "asked in writing")]
