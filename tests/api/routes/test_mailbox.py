"""The mailbox in the browser, as a developer reads it."""

import math
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from activities.channels import EMAIL, SMS, Channel
from activities.delivery import Delivery
from activities.providers.mailbox import Mailbox
from activities.templates.brand import Brand
from api.routes.mailbox import mailbox_router

NOON = datetime(2027, 3, 27, 12, tzinfo=UTC)
HTML = '<!doctype html><html><head><title>x</title></head><body><a href="https://example.com/">go</a></body></html>'


@dataclass
class Desk:
    """A mailbox and a browser that looks at it."""

    mailbox: Mailbox
    browser: httpx.AsyncClient

    async def get(self, key: str, channel: Channel, text: str, *, html: str = "", hours: int = 0) -> None:
        """A message arrives."""
        subject = "Hello" if channel is EMAIL else ""
        at = NOON + timedelta(hours=hours)
        await self.mailbox.deliver(
            Delivery(key, channel, "ada@example.com", subject, html, text, decided_at=at, deadline=math.inf, headers={})
        )


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """An empty mailbox."""
    mailbox = Mailbox(tmp_path)
    app = FastAPI()
    app.include_router(mailbox_router(mailbox.messages, Brand()))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://mailbox.example") as browser:
        yield Desk(mailbox, browser)


async def test_the_newest_message_stands_first(desk: Desk) -> None:
    """A developer who reloads finds what just went out at the top, by subject or first words."""
    assert "No messages yet" in (await desk.browser.get("/mailbox")).text
    await desk.get("msg_1", EMAIL, "text", html=HTML)
    await desk.get("msg_2", SMS, "Hearthmoor: two details are missing", hours=1)
    page = (await desk.browser.get("/mailbox")).text
    assert re.findall(r"/mailbox/(msg_\d)", page) == ["msg_2", "msg_1"]
    assert "Hearthmoor: two details are missing" in page
    assert "2 messages" in page


async def test_a_message_is_shown_but_can_do_nothing(desk: Desk) -> None:
    """An email is seen as the customer sees it, in a frame without scripts whose links open outside of it."""
    await desk.get("msg_1", EMAIL, "text", html=HTML)
    page = await desk.browser.get("/mailbox/msg_1")
    assert 'src="/mailbox/msg_1/html"' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    framed = await desk.browser.get("/mailbox/msg_1/html")
    assert '<head><base target="_blank">' in framed.text
    policy = framed.headers["content-security-policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


async def test_what_a_customer_typed_is_text(desk: Desk) -> None:
    """A name that looks like HTML is shown as it was typed, and links in a text can be followed."""
    await desk.get("msg_1", SMS, "Hello <script>alert(1)</script>, see http://127.0.0.1:8080/l/abc~d")
    page = (await desk.browser.get("/mailbox/msg_1")).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert 'href="http://127.0.0.1:8080/l/abc~d"' in page


async def test_an_unknown_message_is_not_found(desk: Desk) -> None:
    """A link to a message that was removed leads to a page that says so."""
    for path in ("/mailbox/msg_9", "/mailbox/msg_9/html", "/mailbox/..%2F..%2Fsecret.key"):
        assert (await desk.browser.get(path)).status_code == 404
