"""Messages in a browser: found, and seen as the customer saw them."""

import pytest
from playwright.async_api import Page, expect
from sqlmodel import Session, func, select

from activities.storage.tables import Message, Reaction
from tests.browser.site import NEEDS_CHROMIUM, Site

pytestmark = NEEDS_CHROMIUM


def latest(session: Session) -> Message:
    """An email that went out to somebody simulated."""
    return session.exec(
        select(Message).where(Message.template == "complete-your-account", Message.state == "accepted")
    ).first() or pytest.fail("nobody got this email")


def reactions(session: Session) -> int:
    """How often a customer did something with a message."""
    return session.exec(select(func.count()).select_from(Reaction)).one()


async def test_messages_are_filtered(site: Site, viewer: Page) -> None:
    """By template, channel and result the list comes down to what one looks for, and says so if that is nothing."""
    sent = site.server.rows(
        lambda session: session.exec(
            select(Message.id)
            .where(Message.template == "voucher-offer", Message.channel == "email")
            .where(Message.state == "accepted")
        ).all()
    )
    assert sent
    await viewer.goto(site.address("messages"))
    await viewer.get_by_label("Template").fill("voucher-offer")
    await viewer.get_by_label("Channel").select_option("Email")
    await viewer.get_by_label("Result").select_option("Sent")
    await viewer.get_by_role("button", name="Show").click()
    await expect(viewer.get_by_role("heading", name="Messages that fit")).to_be_visible()
    found = await viewer.locator("th .j-name").evaluate_all("links => links.map(each => each.href)")
    assert sorted(address.rpartition("/")[2] for address in found) == sorted(sent)
    await viewer.get_by_label("Channel").select_option("webhook")
    await viewer.get_by_role("button", name="Show").click()
    await expect(viewer.get_by_text("No message fits")).to_be_visible()


async def test_a_message_is_seen_in_three_forms(site: Site, viewer: Page) -> None:
    """As HTML, as text and on a phone one reads what the customer read."""
    message = site.server.rows(latest)
    words = message.text.splitlines()[0]
    await viewer.goto(f"{site.server.url}/console/messages/{message.id}")
    forms = viewer.get_by_role("navigation", name="Form of the message")
    heading = viewer.frame_locator("iframe").get_by_role("heading", level=1)
    await expect(heading).to_be_visible()
    await forms.get_by_role("link", name="Text").click()
    await expect(viewer.frame_locator("iframe[title$='as text']").locator("body")).to_contain_text(words)
    await forms.get_by_role("link", name="Phone").click()
    await expect(viewer.locator(".phone .subject")).to_have_text(message.subject)
    await expect(viewer.frame_locator("iframe[title$='on a phone']").get_by_role("heading", level=1)).to_be_visible()


async def test_looking_counts_as_nothing(site: Site, viewer: Page) -> None:
    """A member who opens a message and presses a link in it is not taken for the customer."""
    message = site.server.rows(latest)
    await viewer.goto(f"{site.server.url}/console/messages/{message.id}")
    before = site.server.rows(reactions)
    await viewer.frame_locator("iframe").get_by_role("link").first.click()
    await viewer.reload()
    assert len(viewer.context.pages) == 1
    assert site.server.rows(reactions) == before
