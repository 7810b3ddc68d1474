"""A rehearsal put together in a browser, and its messages sent to oneself."""

from playwright.async_api import Page, expect
from sqlmodel import func, select

from activities.storage.tables import AuditEntry, Message
from tests.browser.faults import faults
from tests.browser.site import NEEDS_CHROMIUM, Site

pytestmark = NEEDS_CHROMIUM


async def test_a_rehearsal_is_put_together_with_the_keyboard_and_the_mouse(site: Site, viewer: Page) -> None:
    """A member adds an event, rehearses, and finds the messages that it leads to."""
    await viewer.goto(site.address("rehearsal"))
    event = viewer.get_by_role("group", name="Event 1")
    await event.get_by_label("after").fill("10")
    await event.get_by_label("What happens").select_option("profile")
    await event.get_by_label("Details").fill("last name = Byron\ndate of birth = 1990-12-10")
    await event.get_by_label("after").press("Enter")
    await expect(viewer.locator(".result-head")).to_contain_text("Rewarded by SMS")
    await expect(viewer.get_by_role("region", name="What would happen")).to_contain_text("last name and date of birth")
    assert await faults(viewer) == []


async def test_support_sends_a_test_to_themselves(site: Site, support: Page) -> None:
    """The rehearsed messages arrive at one's own address, marked as a test, and count nowhere."""
    number = select(func.count()).select_from(Message)
    before = site.server.rows(lambda session: session.exec(number).one())
    site.server.tests.kept.clear()
    await support.goto(site.address("rehearsal"))
    await support.get_by_label("Your email or phone").fill("robin@example.com")
    await support.get_by_role("button", name="Send test").click()
    await expect(support.get_by_role("status")).to_contain_text("handed to the provider")
    kept = site.server.tests.kept
    assert kept
    assert {(each.to, each.subject.startswith("[Test] ")) for each in kept} == {("robin@example.com", True)}
    assert site.server.rows(lambda session: session.exec(number).one()) == before
    latest = select(AuditEntry).where(AuditEntry.action == "rehearsal.test", AuditEntry.actor_name == "Robin Support")
    assert len(site.server.rows(lambda session: session.exec(latest).all())) == len(kept)
