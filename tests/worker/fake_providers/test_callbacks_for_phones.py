"""What the fakes of Twilio, Vonage, Voucherify and the webhook service post is signed as the real ones sign it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from standardwebhooks import Webhook
from twilio.request_validator import RequestValidator

from activities.callbacks import Callback as Heard
from activities.callbacks import CallbackParser, ForgedCallbackError, Incoming, Kind
from activities.providers.callbacks.twilio import TwilioCallbacks
from activities.providers.callbacks.vonage import VonageCallbacks
from activities.providers.callbacks.voucherify import VoucherifyCallbacks
from activities.providers.callbacks.webhook import WebhookCallbacks
from worker.fake_providers import twilio, vonage, voucherify, webhook
from worker.fake_providers.core import Callback, Event, FakeProvider, Sending, Sent

KEY = "msg_0123456789abcdef0123456789abcdef"
HOOKS = "https://journeys.shop.example.com/v1/hooks"
NOW = datetime.now(UTC)
NUMBER = "+447700900123"
SENDINGS: Mapping[str, Sending] = {
    "twilio": Sending(KEY, NUMBER, {"status_callback": f"{HOOKS}/twilio?sojourn_message={KEY}"}),
    "vonage": Sending(KEY, NUMBER.lstrip("+"), {"webhook_url": f"{HOOKS}/vonage"}),
    "webhook": Sending(KEY, NUMBER, {}),
    "voucherify": Sending("vou_1", "client-7", {"object": "publication", "code": "ABCD-EFGH-JKLM"}),
}
FAKES: Mapping[str, tuple[FakeProvider, CallbackParser]] = {
    "twilio": (twilio.FakeTwilio(), TwilioCallbacks([twilio.AUTH_TOKEN])),
    "vonage": (vonage.FakeVonage(), VonageCallbacks([vonage.CALLBACK_SECRET])),
    "webhook": (webhook.FakeWebhook(), WebhookCallbacks([webhook.SECRET])),
    "voucherify": (voucherify.FakeVoucherify(), VoucherifyCallbacks([voucherify.CALLBACK_SECRET])),
}


def event_of(name: str, provider: str, **changes: object) -> Event:
    """An event about the one message that was delivered."""
    sent = Sent(FAKES[provider][0].new_id(7), provider, "1-1", SENDINGS[provider], NOW)
    return replace(Event(name, "0123456789abcdef", NOW, sent), **changes)  # type: ignore[arg-type] # by name


def posted(event: Event, provider: str) -> Callback:
    """What the fake posts."""
    found = FAKES[provider][0].callback(event, f"{HOOKS}/{provider}")
    assert found is not None
    return replace(found, url=found.url or f"{HOOKS}/{provider}")


def heard(callback: Callback, provider: str) -> list[Heard]:
    """What our parser makes of it."""
    return list(FAKES[provider][1].parse(Incoming(callback.body, callback.headers, callback.url, NOW)))


@pytest.mark.parametrize(
    ("provider", "event", "kind"),
    [
        ("twilio", "delivered", Kind.DELIVERED),
        ("twilio", "bounced", Kind.BOUNCED),
        ("twilio", "failed", Kind.FAILED),
        ("vonage", "delivered", Kind.DELIVERED),
        ("vonage", "bounced", Kind.BOUNCED),
        ("vonage", "failed", Kind.FAILED),
        ("webhook", "delivered", Kind.DELIVERED),
        ("webhook", "bounced", Kind.BOUNCED),
        ("webhook", "unsubscribed", Kind.OPTED_OUT),
    ],
)
def test_what_became_of_a_message_is_heard(provider: str, event: str, kind: Kind) -> None:
    """Staff learn from each provider what became of a message, by our own id of it."""
    [found] = heard(posted(event_of(event, provider), provider), provider)
    assert (found.kind, found.key) == (kind, KEY)


@pytest.mark.parametrize("provider", ["twilio", "vonage", "webhook"])
def test_a_text_from_a_customer_is_heard(provider: str) -> None:
    """A customer's STOP arrives with their number."""
    event = event_of("inbound", provider, sent=None, sender=NUMBER, text="Stop please")
    [found] = heard(posted(event, provider), provider)
    assert (found.address, found.text) == (NUMBER, "Stop please")


def test_a_redemption_is_heard() -> None:
    """A voucher that was used at the till is known by its code, once."""
    [found] = heard(posted(event_of("redeemed", "voucherify"), "voucherify"), "voucherify")
    assert (found.kind, found.code) == (Kind.REDEEMED, "ABCD-EFGH-JKLM")
    assert found.id == "r_0123456789abcdef"


@pytest.mark.parametrize("provider", list(FAKES))
def test_a_forged_callback_is_refused(provider: str) -> None:
    """What is signed with another secret changes nothing."""
    name = "redeemed" if provider == "voucherify" else "delivered"
    with pytest.raises(ForgedCallbackError):
        heard(posted(event_of(name, provider, forged=True), provider), provider)


def test_twilio_own_library_accepts_the_signature() -> None:
    """Twilio's validator takes the fake's signature, and not over another address."""
    callback = posted(event_of("delivered", "twilio"), "twilio")
    form = dict(parse_qsl(callback.body.decode(), keep_blank_values=True))
    validator = RequestValidator(twilio.AUTH_TOKEN)
    assert validator.validate(callback.url, form, callback.headers["x-twilio-signature"])
    assert not validator.validate(callback.url.replace(KEY, "msg_other"), form, callback.headers["x-twilio-signature"])


def test_vonage_token_is_one_of_hs256() -> None:
    """The token is signed by the rules of RFC 7515, and holds the hash of the body."""
    callback = posted(event_of("delivered", "vonage"), "vonage")
    head, _, signature = callback.headers["authorization"].removeprefix("Bearer ").rpartition(".")
    own = hmac.new(vonage.CALLBACK_SECRET.encode(), head.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64encode(own).rstrip(b"=").decode() == signature
    claims = head.split(".")[1]
    told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert told["payload_hash"] == hashlib.sha256(callback.body).hexdigest()


def test_standard_webhooks_own_library_accepts_the_signature() -> None:
    """The reference library takes what the fake service posts."""
    callback = posted(event_of("delivered", "webhook", at=datetime.now(UTC)), "webhook")
    assert Webhook(webhook.SECRET).verify(callback.body, dict(callback.headers)) == json.loads(callback.body)


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        ('{\n  "a": 1\n}', "a17d2ac229d1ebbb5f10e839c7985c4818e5986eab297f7e5979196d4d7d3ed2"),
        ('{"a":1}', "a17d2ac229d1ebbb5f10e839c7985c4818e5986eab297f7e5979196d4d7d3ed2"),
        ('{\n  "a\\"b": 1\n}', "f7cf97814a03146abedb9793f56e1dec34f618f82d10395310d053f749483ffb"),
    ],
)
def test_voucherify_own_examples_are_accepted(body: str, signature: str) -> None:
    """The vectors of Voucherify's documentation pass: it signs what it posts without the white space."""
    incoming = Incoming(body.encode(), {"x-voucherify-signature": signature}, f"{HOOKS}/voucherify", NOW)
    assert VoucherifyCallbacks(["secretKey"]).parse(incoming) == []
