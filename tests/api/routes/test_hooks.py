"""Callbacks of providers over HTTP: signed by the fakes of the providers, which share no code with what reads them."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from sqlmodel import Session, select
from twilio.request_validator import RequestValidator

from activities.callbacks import Callback
from activities.providers.callbacks import parsers
from activities.providers.trusted import trusted
from activities.storage.tables import (
    Consent,
    Enrollment,
    InboxEvent,
    Message,
    ProviderCallback,
    Suppression,
    TimelineEntry,
    Voucher,
)
from api.routes.hooks import LARGEST_BODY
from api.services import Services
from tests.activities.storage.rows import add_pool
from tests.api.conftest import RecordingRelay, Server, serving
from worker.fake_providers import core, sendgrid
from worker.fake_providers.core import Event, Sending, Sent
from worker.fake_providers.registry import PROVIDERS

KEY = f"msg_{'0' * 31}1"
PUBLIC = "https://shop.example/v1/hooks"
NUMBER = "+447700900123"
ADA = {"id": "c1", "first_name": "Ada", "email": "ada@example.com", "phone": NUMBER}
EMAIL = ("sendgrid", "postmark", "mailgun", "resend", "webhook")
TEXTS = ("twilio", "vonage")
SECRETS = {  # the settings that the fakes name, by provider
    "sendgrid": "SOJOURN_SENDGRID_CALLBACK_KEY",
    "postmark": "SOJOURN_POSTMARK_CALLBACK_PASSWORD",
    "mailgun": "SOJOURN_MAILGUN_CALLBACK_KEY",
    "resend": "SOJOURN_RESEND_CALLBACK_SECRET",
    "twilio": "SOJOURN_TWILIO_AUTH_TOKEN",
    "vonage": "SOJOURN_VONAGE_CALLBACK_SECRET",
    "voucherify": "SOJOURN_VOUCHERIFY_CALLBACK_SECRET",
    "webhook": "SOJOURN_WEBHOOK_SECRET",
}
ADDITIONAL = {  # a second secret each, which nobody uses
    "sendgrid": (
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqTxd43gyp8IOEto2LdIfjRQrIbsd4SXZkLW6jDutdhXSJCWHw8REntlo7aNDthvj"
        "+y7GjUuFDb/R1NGe1OPzpA=="
    ),
    "resend": "whsec_b25seS11c2VkLXRvLXNob3ctdGhhdC1zZXZlcmFsLXdvcms=",
    "webhook": "whsec_b25seS11c2VkLXRvLXNob3ctdGhhdC1zZXZlcmFsLXdvcms=",
}


@dataclass
class Hooks:
    """An API that takes callbacks, with a customer whose message has left."""

    api: Server
    http: httpx.AsyncClient
    answered: list[Callback] = field(default_factory=list)

    async def sent(self, provider: str, **columns: Any) -> Sent:
        """Register a customer and store a message to them; as the provider remembers it."""
        await self.api.register(**ADA)
        channel = "sms" if provider in TEXTS else "email"

        def store(session: Session) -> None:
            row = session.exec(select(Enrollment)).one()
            message = {
                "id": KEY,
                "enrollment_id": row.id,
                "customer_id": row.customer_id,
                "step": "reminder",
                "visit": 1,
                "channel": channel,
                "template": "complete-your-account",
                "state": "accepted",
                "message_class": "marketing",
                "first_asked_at": row.enrolled_at,
                "decided_at": row.enrolled_at - timedelta(minutes=1),
                "provider": provider,
                "to": NUMBER if channel == "sms" else ADA["email"],
            }
            session.add(Message(**{**message, **columns}))

        self.api.change(store)
        address = f"{PUBLIC}/{provider}"
        content = {
            "status_callback": f"{address}?sojourn_message={KEY}",
            "webhook_url": address,
            "message-id": f"{KEY}@shop.example",
            "code": "CODE1",
        }
        recipient = NUMBER if channel == "sms" else ADA["email"]
        return Sent(f"{provider}-1", provider, "1", Sending(KEY, recipient, content), datetime.now(UTC))

    def callback(self, sent: Sent | None, provider: str, name: str, **more: Any) -> core.Callback:
        """What the provider posts."""
        event = Event(name, uuid4().hex, datetime.now(UTC), sent, **more)
        found = PROVIDERS[provider].callback(event, f"{PUBLIC}/{provider}")
        assert found is not None, f"the fake of {provider} tells nothing of {name}"
        return found

    async def post(self, provider: str, callback: core.Callback) -> int:
        """Post it as it would arrive behind a proxy; the status of the answer."""
        path = callback.url.removeprefix("https://shop.example") or f"/v1/hooks/{provider}"
        answer = await self.http.post(path, content=callback.body, headers=dict(callback.headers))
        if answer.status_code != 200:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == answer.status_code
        return answer.status_code

    async def tell(self, sent: Sent | None, provider: str, name: str, **more: Any) -> int:
        """Let the provider tell something."""
        return await self.post(provider, self.callback(sent, provider, name, **more))

    def events(self) -> list[str]:
        """Types of the events that providers led to."""
        wanted = select(InboxEvent.type).where(InboxEvent.source == "provider").order_by(InboxEvent.type)
        return self.api.rows(lambda session: list(session.exec(wanted)))

    def all(self, table: type[Any]) -> list[Any]:
        """The rows of a table."""
        return self.api.rows(lambda session: list(session.exec(select(table)).all()))

    def delivery(self) -> str:
        """What is known of the message."""
        found: str = self.all(Message)[0].delivery
        return found


def with_hooks(services: Services, answered: list[Callback]) -> Services:
    """The services, with the parsers of every provider, each with a second secret that nobody uses."""
    secrets = {
        name: [ADDITIONAL.get(name, "another"), PROVIDERS[name].settings("")[setting]]
        for name, setting in SECRETS.items()
    }

    async def answer(callback: Callback) -> None:
        answered.append(callback)

    settings = replace(services.settings, imports_folder=None)
    return replace(services, settings=settings, relay=RecordingRelay(), callbacks=parsers(secrets), answer_text=answer)


@pytest.fixture(scope="module")
async def _hooks(_shared_api: Server) -> AsyncIterator[Hooks]:
    answered: list[Callback] = []
    async with (
        serving(with_hooks(_shared_api.services, answered)) as url,
        httpx.AsyncClient(base_url=url, timeout=30, verify=trusted(), trust_env=False) as http,
    ):
        yield Hooks(_shared_api, http, answered)


@pytest.fixture
def hooks(api: Server, _hooks: Hooks) -> Hooks:
    """An API that takes callbacks, with nothing in its database."""
    assert api is _hooks.api
    _hooks.answered.clear()
    return _hooks


MAIL = {
    "delivered": ("delivered", ["message.delivered"]),
    "opened": ("opened", ["message.opened"]),
    "clicked": ("clicked", ["message.clicked"]),
    "bounced": ("bounced", ["message.bounced"]),
    "complained": ("complained", ["consent.withdrawn", "message.complained"]),
    "deferred": ("sent", []),
}


@pytest.mark.parametrize(
    ("provider", "name"),
    [(provider, name) for provider in EMAIL for name in MAIL if (provider, name) != ("webhook", "deferred")],
)
async def test_what_becomes_of_an_email_is_known(hooks: Hooks, provider: str, name: str) -> None:
    """Whichever provider delivers, the journeys and the counts hear the same of an email."""
    sent = await hooks.sent(provider)
    told = hooks.callback(sent, provider, name)
    assert [await hooks.post(provider, told) for _ in range(3)] == [200] * 3
    assert (hooks.delivery(), hooks.events()) == MAIL[name]
    assert len(hooks.all(ProviderCallback)) == 1
    suppressed = {row.reason for row in hooks.all(Suppression)}
    assert suppressed == {"bounced": {"hard bounce"}, "complained": {"complaint"}}.get(name, set())


@pytest.mark.parametrize("provider", [each for each in EMAIL if each != "resend"])  # Resend has no such event
async def test_who_unsubscribes_at_the_provider_has_left(hooks: Hooks, provider: str) -> None:
    """A customer who uses the provider's own unsubscribe gets no more marketing from us either."""
    sent = await hooks.sent(provider)
    assert await hooks.tell(sent, provider, "unsubscribed") == 200
    assert {(row.channel, row.given) for row in hooks.all(Consent)} == {("email", False)}
    assert hooks.events() == ["consent.withdrawn"]


@pytest.mark.parametrize("provider", TEXTS)
@pytest.mark.parametrize(
    ("name", "status", "events"),
    [
        ("delivered", "delivered", ["message.delivered"]),
        ("deferred", "sent", []),
        ("failed", "failed", ["message.failed"]),
        ("bounced", "bounced", ["message.bounced"]),
    ],
)
async def test_what_becomes_of_a_text_is_known(
    hooks: Hooks, provider: str, name: str, status: str, events: list[str]
) -> None:
    """Whichever provider delivers, the journeys and the counts hear the same of a text."""
    sent = await hooks.sent(provider)
    assert await hooks.tell(sent, provider, name) == 200
    assert (hooks.delivery(), hooks.events()) == (status, events)
    assert [row.reason for row in hooks.all(Suppression)] == (["hard bounce"] if name == "bounced" else [])


@pytest.mark.parametrize("provider", [*TEXTS, "webhook"])
async def test_stop_start_and_help(hooks: Hooks, provider: str) -> None:
    """A customer's STOP holds from the answer on, START brings texts back, and HELP is answered once."""
    await hooks.api.register(**ADA)
    for text, agreed in (("Stop.", False), ("START", True)):
        assert await hooks.tell(None, provider, "inbound", sender=NUMBER, text=text) == 200
        assert [(row.channel, row.given) for row in hooks.all(Consent)] == [("sms", agreed)]
        assert [row.reason for row in hooks.all(Suppression)] == ([] if agreed else ["stop"])
    assert hooks.answered == []
    asked = hooks.callback(None, provider, "inbound", sender=NUMBER, text="help?")
    assert [await hooks.post(provider, asked) for _ in range(2)] == [200, 200]
    assert [each.address for each in hooks.answered] == [NUMBER]
    assert hooks.events() == ["consent.withdrawn"] + ["message.received"] * 3
    assert [row.word for row in hooks.all(ProviderCallback)].count("help") == 1


async def test_stop_at_twilio_is_stop_here(hooks: Hooks) -> None:
    """Twilio refuses a text to a customer who told it to stop (21610): from then on we do not try either."""
    await hooks.sent("twilio")
    form = {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "21610", "To": NUMBER}
    url = f"{PUBLIC}/twilio?sojourn_message={KEY}"
    token = PROVIDERS["twilio"].settings("")["SOJOURN_TWILIO_AUTH_TOKEN"]
    signature = RequestValidator(token).compute_signature(url, form)
    answer = await hooks.http.post(
        f"/v1/hooks/twilio?sojourn_message={KEY}", data=form, headers={"x-twilio-signature": signature}
    )
    assert (answer.status_code, answer.content) == (200, b"")
    assert hooks.delivery() == "failed"
    assert [(row.channel, row.given) for row in hooks.all(Consent)] == [("sms", False)]


@pytest.mark.parametrize("provider", [*EMAIL, *TEXTS])
async def test_a_forger_changes_nothing(hooks: Hooks, provider: str) -> None:
    """Who does not know the secret cannot have a customer's address taken off the list."""
    sent = await hooks.sent(provider)
    forged = hooks.callback(sent, provider, "bounced", forged=True)
    assert await hooks.post(provider, forged) == (401 if provider == "postmark" else 403)
    bare = replace(forged, headers={"content-type": forged.headers["content-type"]})
    assert await hooks.post(provider, bare) == (403 if provider == "mailgun" else 401)
    assert hooks.all(ProviderCallback) == []
    assert hooks.delivery() == ""


@pytest.mark.parametrize("provider", ["resend", "webhook", "vonage"])
@pytest.mark.parametrize("minutes", [-6, 6])
async def test_an_old_callback_is_refused(hooks: Hooks, provider: str, minutes: int) -> None:
    """What was signed more than five minutes ago, or in the future, is not believed (C9)."""
    sent = await hooks.sent(provider)
    told = hooks.callback(sent, provider, "delivered")
    hooks.api.clocks.ahead = timedelta(minutes=minutes)
    assert await hooks.post(provider, told) == 403
    assert hooks.delivery() == ""


async def test_a_used_token_of_mailgun_is_worth_nothing(hooks: Hooks) -> None:
    """Mailgun signs no event, so whoever has overheard one token cannot tell us another event with it (B12)."""
    sent = await hooks.sent("mailgun")
    told = hooks.callback(sent, "mailgun", "delivered")
    assert await hooks.post("mailgun", told) == 200
    replayed = json.loads(told.body)
    replayed["event-data"]["event"] = "complained"
    assert await hooks.post("mailgun", replace(told, body=json.dumps(replayed).encode())) == 200
    assert hooks.delivery() == "delivered"
    assert hooks.all(Suppression) == []


async def test_a_batch_is_taken_in_whole(hooks: Hooks) -> None:
    """SendGrid's batches hold many events, and those of messages that we do not know do no harm."""
    sent = await hooks.sent("sendgrid")
    names = ["delivered", "opened", "clicked", "bounced"] * 20
    told = [json.loads(hooks.callback(sent, "sendgrid", name).body)[0] for name in names]
    unknown = {**told[0], "sg_event_id": "other", "sojourn_message": "msg_" + "f" * 32, "sg_message_id": "other"}
    body = json.dumps([*told, unknown, {"event": "new kind", "sg_event_id": "x"}, 7]).encode()
    timestamp = str(int(datetime.now(UTC).timestamp()))
    signature = sendgrid._signing_key("right").sign(timestamp.encode() + body, ec.ECDSA(SHA256()))
    headers = {
        "content-type": "application/json",
        "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
        "x-twilio-email-event-webhook-timestamp": timestamp,
    }
    assert await hooks.post("sendgrid", core.Callback(body, headers)) == 200
    assert len(hooks.all(ProviderCallback)) == len(names) + 1
    assert hooks.delivery() == "bounced"


async def test_a_redeemed_voucher_is_heard_of(hooks: Hooks) -> None:
    """A journey that waits for a customer to use their voucher hears of it from the voucher service."""
    sent = await hooks.sent("voucherify")

    def give(session: Session) -> None:
        add_pool(session, "CODE1")
        voucher = session.exec(select(Voucher)).one()
        voucher.enrollment_id = session.exec(select(Enrollment.id)).one()
        session.add(voucher)

    hooks.api.change(give)
    assert await hooks.tell(sent, "voucherify", "redeemed", forged=True) == 403
    told = hooks.callback(sent, "voucherify", "redeemed")
    assert [await hooks.post("voucherify", told) for _ in range(2)] == [200, 200]
    assert hooks.events() == ["voucher.redeemed"]


async def test_a_callback_before_the_answer_is_not_lost(hooks: Hooks) -> None:
    """A report that arrives while its message is still being handed over is merged once the provider's id is known."""
    sent = await hooks.sent("postmark", state="attempting")
    nameless = replace(sent, sending=replace(sent.sending, key=""))
    assert await hooks.tell(nameless, "postmark", "delivered") == 200
    assert hooks.delivery() == ""

    def settle(session: Session) -> None:
        message = session.get_one(Message, KEY)
        message.state, message.provider_id = "accepted", sent.id
        session.add(message)

    hooks.api.change(settle)
    async with asyncio.timeout(20):
        while hooks.delivery() != "delivered":  # noqa: ASYNC110 - another task writes to the database
            await asyncio.sleep(0.05)
    assert hooks.events() == ["message.delivered"]


@pytest.mark.parametrize("provider", ["acme", "..", "smtp"])
async def test_there_is_no_hook_for_strangers(hooks: Hooks, provider: str) -> None:
    """A provider that we do not know, or whose secret is not set, finds nothing."""
    answer = await hooks.http.post(f"/v1/hooks/{provider}", content=b"{}")
    assert answer.status_code in (404, 405)
    assert (await hooks.api.http.post("/v1/hooks/sendgrid", content=b"[]")).status_code == 404


async def test_a_body_without_end_is_cut_off(hooks: Hooks) -> None:
    """Nobody fills our memory through a hook."""
    answer = await hooks.http.post("/v1/hooks/sendgrid", content=b" " * (LARGEST_BODY + 1))
    assert answer.status_code == 413


async def test_a_signed_body_that_is_no_json_is_refused(hooks: Hooks) -> None:
    """A provider that sends us noise learns that it did."""
    told = hooks.callback(await hooks.sent("postmark"), "postmark", "delivered")
    for body in (b"{", b"[]", b"\xff", b'{"a": 1e', b"[" * 100_000):
        assert await hooks.post("postmark", replace(told, body=body)) == 400
    assert hooks.all(ProviderCallback) == []


async def test_support_reads_what_became_of_a_message(hooks: Hooks) -> None:
    """The timeline says that a message did not arrive, in words."""
    sent = await hooks.sent("resend", state="unknown")

    def note(session: Session) -> None:
        message = session.get_one(Message, KEY)
        data = {"channel": "email", "template": message.template, "result": "unknown", "message_id": KEY}
        session.add(
            TimelineEntry(
                enrollment_id=message.enrollment_id,
                seq=1,
                at=message.first_asked_at,
                kind="message",
                step="reminder",
                data=data,
            )
        )

    hooks.api.change(note)
    assert await hooks.tell(sent, "resend", "bounced") == 200
    answer = await hooks.api.http.get("/v1/customers/c1/timeline")
    (line,) = [each for each in answer.json()["timeline"] if each["kind"] == "message"]
    assert (line["result"], line["delivery"]) == ("sent", "bounced")
    assert line["text"] == (
        "Sent the email 'complete-your-account'; the provider confirmed it later; "
        "it did not arrive, and the address is bad."
    )
