"""Callbacks of the fakes are what the product's own parsers believe, and what they refuse when it is forged."""

from datetime import UTC, datetime

import pytest

from activities.callbacks import CallbackRefusedError, Incoming, Kind
from tests.worker.cli.command import SECRET
from worker.callbacks import callback_parsers
from worker.fake_providers.core import Event, Sending, Sent
from worker.fake_providers.registry import PROVIDERS
from worker.settings import read_settings

KEY = "msg_0123456789abcdef0123456789abcdef"
EVENTS = {
    "delivered": Kind.DELIVERED,
    "bounced": Kind.BOUNCED,
    "deferred": Kind.SENT,
    "soft_bounced": Kind.SOFT_BOUNCED,
    "failed": Kind.FAILED,
    "complained": Kind.COMPLAINED,
    "opened": Kind.OPENED,
    "clicked": Kind.CLICKED,
    "unsubscribed": Kind.OPTED_OUT,
}
TELLS_NOT = {("resend", "unsubscribed")}  # Resend has no such event for a single email
EMAIL_PROVIDERS = ("sendgrid", "postmark", "mailgun", "resend")
CASES = [(name, event) for name in EMAIL_PROVIDERS for event in EVENTS if (name, event) not in TELLS_NOT]


def incoming(name: str, event: str, *, forged: bool = False) -> Incoming:
    """A callback about an email as it would come in."""
    now = datetime.now(UTC)
    fake = PROVIDERS[name]
    sending = Sending(KEY, "ada@example.com", {"message-id": f"{KEY}@shop.example.com"})
    sent = Sent(fake.new_id(1), name, "1", sending, now)
    url = f"https://hello.example.com/v1/hooks/{name}"
    callback = fake.callback(Event(event, "e" * 32, now, sent, forged=forged), url)
    assert callback is not None
    return Incoming(callback.body, dict(callback.headers), url, now)


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment with the settings of every fake of an email provider."""
    monkeypatch.setenv("SOJOURN_SECRET_KEYS", SECRET)
    for name in EMAIL_PROVIDERS:
        for setting, value in PROVIDERS[name].settings(f"http://127.0.0.1:4010/{name}").items():
            monkeypatch.setenv(setting, value)


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(("name", "event"), CASES)
def test_the_product_believes_the_fake(name: str, event: str) -> None:
    """A tester who lets a fake tell something sees what the real provider's callback would do."""
    [found] = callback_parsers(read_settings())[name].parse(incoming(name, event))
    assert (found.kind, found.key, found.address) == (EVENTS[event], KEY, "ada@example.com")


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("name", EMAIL_PROVIDERS)
def test_the_product_refuses_a_forgery(name: str) -> None:
    """A tester can play somebody who knows no secret."""
    with pytest.raises(CallbackRefusedError):
        callback_parsers(read_settings())[name].parse(incoming(name, "delivered", forged=True))
