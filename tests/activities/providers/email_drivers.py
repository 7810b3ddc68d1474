"""The drivers of email APIs, each against its fake."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from activities.providers.mailgun import MailgunProvider
from activities.providers.postmark import PostmarkProvider
from activities.providers.resend import ResendProvider
from activities.providers.sendgrid import SendGridProvider
from tests.fake_providers import FakeProviders
from worker.fake_providers import mailgun, postmark, resend, sendgrid

SENDER = "The Shop <shop@shop.example.com>"
EmailDriver: TypeAlias = SendGridProvider | PostmarkProvider | MailgunProvider | ResendProvider


@dataclass(frozen=True)
class Made:
    """How a driver is made, but for its address and sender."""

    driver: Any
    arguments: Mapping[str, str]


DRIVERS: Mapping[str, Made] = {
    "sendgrid": Made(SendGridProvider, {"api_key": sendgrid.API_KEY}),
    "postmark": Made(PostmarkProvider, {"token": postmark.TOKEN}),
    "mailgun": Made(MailgunProvider, {"api_key": mailgun.API_KEY, "domain": mailgun.DOMAIN}),
    "resend": Made(ResendProvider, {"api_key": resend.API_KEY}),
}


@asynccontextmanager
async def driver(name: str, fakes: FakeProviders | None, **changes: str) -> AsyncIterator[EmailDriver]:
    """A driver that calls the fake, or whichever `url` is given."""
    made = DRIVERS[name]
    url = {"url": fakes.url(name)} if fakes else {}
    provider: EmailDriver = made.driver(**{**made.arguments, "sender": SENDER, **url, **changes})
    try:
        yield provider
    finally:
        await provider.aclose()
