"""Twilio: what a text says, how long it may wait there, and what each answer means."""

import base64
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from twilio.rest.api.v2010.account.message import MessageInstance

from activities.delivery import Accepted, Ambiguous, Deduplication, Misconfigured, Refused, Unavailable, Verdict
from activities.providers.twilio import FAILED, TwilioProvider
from tests.activities.providers.deliveries import a_text
from tests.activities.providers.phone_drivers import PUBLIC_URL, driver, told
from tests.fake_providers import FakeProviders
from worker.fake_providers.twilio import ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER, error

SERVICE = "MG" + "0" * 32


def form(entry: dict[str, Any]) -> dict[str, str]:
    """The fields of a request."""
    return dict(parse_qsl(entry["body"]))


async def test_a_text_arrives_as_it_was_written(fakes: FakeProviders) -> None:
    """A customer gets the very words, from the shop's number."""
    async with driver("twilio", fakes) as twilio:
        verdict = await twilio.deliver(a_text(text="Zdravíme & 100 % 👋\n+1"))
    [sent] = await fakes.sent("twilio")
    assert verdict == Accepted(sent["id"])
    [entry] = await fakes.journal("twilio")
    basic = base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
    assert entry["headers"]["authorization"] == f"Basic {basic}"
    assert entry["path"] == f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
    assert form(entry) == {
        "To": "+447700900123",
        "From": OUR_NUMBER,
        "Body": "Zdravíme & 100 % 👋\n+1",
        "ValidityPeriod": "36000",
        "StatusCallback": f"{PUBLIC_URL}/v1/hooks/twilio?sojourn_message={a_text().key}",
    }


async def test_twilio_hands_our_id_back(fakes: FakeProviders) -> None:
    """A late callback says what became of a text whose answer was lost: our id is in its address."""
    async with driver("twilio", fakes) as twilio:
        await twilio.deliver(a_text())
    [entry] = await fakes.journal("twilio")
    query = parse_qs(urlsplit(form(entry)["StatusCallback"]).query)
    assert query == {"sojourn_message": [a_text().key]}
    assert entry["key"] == a_text().key


async def test_a_messaging_service_can_send(fakes: FakeProviders) -> None:
    """A shop with a pool of numbers names its messaging service as the sender."""
    async with driver("twilio", fakes, sms_sender=SERVICE) as twilio:
        assert isinstance(await twilio.deliver(a_text()), Accepted)
    [entry] = await fakes.journal("twilio")
    assert form(entry)["MessagingServiceSid"] == SERVICE
    assert "From" not in form(entry)


async def test_twilio_may_not_keep_a_text_past_the_window(fakes: FakeProviders) -> None:
    """A text that waits in Twilio's queue expires with the customer's window (guarantees B8)."""
    closes = datetime.now(UTC) + timedelta(minutes=30)
    async with driver("twilio", fakes) as twilio:
        await twilio.deliver(a_text(not_after=closes))
        await twilio.deliver(a_text(not_after=closes + timedelta(days=2)))
        late = await twilio.deliver(a_text(not_after=datetime.now(UTC) + timedelta(milliseconds=500)))
    soon, usual = [int(form(entry)["ValidityPeriod"]) for entry in await fakes.journal("twilio")]
    assert 1790 <= soon <= 1800
    assert usual == 36000
    assert isinstance(late, Unavailable), "it was not sent at all"


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (400, 21211, Refused("21211", address=True)),
        (400, 21214, Refused("21214", address=True)),
        (400, 21217, Refused("21217", address=True)),
        (400, 21421, Refused("21421", address=True)),
        (400, 21610, Refused("21610", address=True)),
        (400, 21614, Refused("21614", address=True)),
        (400, 21602, Refused("21602")),
        (400, 21612, Refused("21612")),
        (400, 21617, Refused("21617")),
        (400, 29999, Refused("400")),
        (401, 20003, "SOJOURN_TWILIO_AUTH_TOKEN"),
        (403, 20005, "SOJOURN_TWILIO_ACCOUNT_SID"),
        (403, 20008, "SOJOURN_TWILIO_ACCOUNT_SID"),
        (403, 20403, "SOJOURN_TWILIO_ACCOUNT_SID"),
        (404, 20404, "SOJOURN_TWILIO_ACCOUNT_SID"),
        (400, 30002, "SOJOURN_TWILIO_ACCOUNT_SID"),
        (400, 21212, "SOJOURN_SMS_SENDER"),
        (400, 21603, "SOJOURN_SMS_SENDER"),
        (400, 21606, "SOJOURN_SMS_SENDER"),
        (400, 21659, "SOJOURN_SMS_SENDER"),
        (400, 21660, "SOJOURN_SMS_SENDER"),
        (400, 21701, "SOJOURN_SMS_SENDER"),
        (400, 21703, "SOJOURN_SMS_SENDER"),
        (400, 21705, "SOJOURN_SMS_SENDER"),
        (400, 21408, "geographic permissions"),
        (400, 21215, "geographic permissions"),
        (400, 21609, "SOJOURN_PUBLIC_URL"),
        (429, 20429, Unavailable("20429")),
        (429, 14107, Unavailable("14107")),
        (400, 21611, Unavailable("21611")),
        (429, 63038, Unavailable("63038", 3600.0)),
        (500, 20500, Ambiguous("500")),
        (503, 20503, Ambiguous("503")),
        (408, 20408, Ambiguous("408")),
    ],
)
async def test_each_code_means_one_thing(status: int, code: int, verdict: Verdict | str, fakes: FakeProviders) -> None:
    """Staff and journeys learn from each of Twilio's codes what to do next; a string is what staff must look at."""
    reply = error(status, code, "its own words, which may quote +447700900123")
    found = await told("twilio", fakes, a_text(), {"do": "answer", "status": status, "body": reply.body})
    if isinstance(verdict, str):
        assert isinstance(found, Misconfigured)
        assert str(code) in found.reason
        assert verdict in found.reason
    else:
        assert found == verdict
    assert "+44" not in str(found)


async def test_an_answer_without_a_code_goes_by_its_status(fakes: FakeProviders) -> None:
    """A page of HTML from some proxy is never taken for success, and never for a final refusal."""
    for status, kind in {
        200: Ambiguous,
        302: Misconfigured,
        401: Misconfigured,
        429: Unavailable,
        502: Ambiguous,
    }.items():
        found = await told("twilio", fakes, a_text(), {"do": "answer", "status": status, "body": "<html>"})
        assert isinstance(found, kind), status


async def test_twilio_is_left_alone_for_as_long_as_it_asks(fakes: FakeProviders) -> None:
    """A 429 with Retry-After is waited out."""
    rule = {"do": "answer", "status": 429, "retry_after": "7", "body": error(429, 20429, "slow down").body}
    assert await told("twilio", fakes, a_text(), rule) == Unavailable("20429", 7.0)


async def test_a_text_that_failed_at_once_is_refused(fakes: FakeProviders) -> None:
    """A 201 that already says `failed` is a failure."""
    body = {"sid": "SM1", "status": "failed", "error_code": 30007}
    assert await told("twilio", fakes, a_text(), {"do": "answer", "status": 201, "body": body}) == Refused("30007")


@pytest.mark.parametrize("processed", [True, False])
@pytest.mark.parametrize("do", ["reset", "garbage", "hang"])
async def test_a_lost_answer_is_never_guessed(do: str, processed: bool, fakes: FakeProviders) -> None:
    """A customer is never texted twice because an answer was lost: the text's fate is said to be unclear."""
    delivery = a_text(deadline=time.monotonic() + 1)
    found = await told("twilio", fakes, delivery, {"do": do, "seconds": 30, "processed": processed})
    assert isinstance(found, Ambiguous)
    assert TwilioProvider.deduplication is Deduplication.NONE
    assert len(await fakes.journal("twilio")) == 1, "a driver makes one attempt"


async def test_what_cannot_be_sent_is_not_tried(fakes: FakeProviders) -> None:
    """A text that is too long, or that could break out of its field, reaches nobody."""
    async with driver("twilio", fakes) as twilio:
        for changes in ({"text": "x" * 1601}, {"to": "+44\r\n7700"}, {"text": "\ud800"}):
            assert isinstance(await twilio.deliver(a_text(**changes)), Refused)
        assert isinstance(await twilio.deliver(a_text(deadline=time.monotonic() - 1)), Unavailable)
    assert await fakes.journal("twilio") == []


def test_a_wrong_account_stops_the_start() -> None:
    """An account id that cannot be one is found at the start, by name."""
    with pytest.raises(ValueError, match="SOJOURN_TWILIO_ACCOUNT_SID"):
        TwilioProvider(account_sid="12", auth_token="x", sender=OUR_NUMBER)


def test_twilio_own_library_knows_the_states() -> None:
    """The states that count as failed are Twilio's own."""
    assert {value for value in vars(MessageInstance.Status).values() if isinstance(value, str)} > FAILED
