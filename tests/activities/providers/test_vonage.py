"""Vonage: what a text says, who calls, how long it may wait there, and what each answer means."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.delivery import Accepted, Ambiguous, Deduplication, Misconfigured, Refused, Unavailable, Verdict
from activities.providers.vonage import VonageProvider
from tests.activities.providers.deliveries import a_text
from tests.activities.providers.phone_drivers import PUBLIC_URL, driver, settings_for, told
from tests.fake_providers import FakeProviders
from worker.fake_providers.fixed_keys import fixed_rsa_key
from worker.fake_providers.tokens import claims_of
from worker.fake_providers.vonage import APPLICATION_ID, OUR_NUMBER, problem


async def test_a_text_arrives_as_it_was_written(fakes: FakeProviders) -> None:
    """A customer gets the very words, from the shop's number, and Vonage hands our id back."""
    async with driver("vonage", fakes) as vonage:
        verdict = await vonage.deliver(a_text(text="Zdravíme & 100 % 👋"))
    [sent] = await fakes.sent("vonage")
    assert verdict == Accepted(sent["id"])
    [entry] = await fakes.journal("vonage")
    assert json.loads(entry["body"]) == {
        "channel": "sms",
        "message_type": "text",
        "to": "447700900123",
        "from": OUR_NUMBER,
        "text": "Zdravíme & 100 % 👋",
        "client_ref": a_text().key,
        "ttl": 259200,
        "webhook_url": f"{PUBLIC_URL}/v1/hooks/vonage",
        "webhook_version": "v1",
    }


async def test_each_call_shows_a_token_of_its_own(fakes: FakeProviders) -> None:
    """Vonage can tell that it is the shop's application, and a token that leaks is good for a quarter of an hour."""
    async with driver("vonage", fakes) as vonage:
        await vonage.deliver(a_text())
        await vonage.deliver(a_text())
    key = fixed_rsa_key("fake Vonage application").public_key()
    first, second = [
        claims_of(entry["headers"]["authorization"].removeprefix("Bearer "), key)
        for entry in await fakes.journal("vonage")
    ]
    assert first["application_id"] == APPLICATION_ID
    assert first["exp"] - first["iat"] == 900
    assert first["jti"] != second["jti"]


async def test_vonage_may_not_keep_a_text_past_the_window(fakes: FakeProviders) -> None:
    """A text that waits at Vonage expires with the customer's window; one that could not is not sent (B8)."""
    now = datetime.now(UTC)
    async with driver("vonage", fakes) as vonage:
        await vonage.deliver(a_text(not_after=now + timedelta(minutes=30)))
        await vonage.deliver(a_text(not_after=now + timedelta(days=30)))
        late = await vonage.deliver(a_text(not_after=now + timedelta(seconds=19)))
    soon, usual = [json.loads(entry["body"])["ttl"] for entry in await fakes.journal("vonage")]
    assert 1790 <= soon <= 1800
    assert usual == 604800
    assert isinstance(late, Unavailable)


MESSAGES, GENERAL = "/messages#", "#"


@pytest.mark.parametrize(
    ("status", "kind", "invalid", "verdict"),
    [
        (422, MESSAGES + "1050", [], Refused("1050", address=True)),
        (422, MESSAGES + "1170", [], Refused("1170", address=True)),
        (422, MESSAGES + "1190", [], Refused("1190", address=True)),
        (422, MESSAGES + "1240", [], Refused("1240", address=True)),
        (422, MESSAGES + "1040", [], Refused("1040")),
        (422, MESSAGES + "1090", [], Refused("1090")),
        (422, MESSAGES + "1130", ["ttl"], Refused("1130")),
        (422, MESSAGES + "1150", ["to"], Refused("1150", address=True)),
        (422, MESSAGES + "1020", ["to", "text"], Refused("1020")),
        (422, MESSAGES + "1150", ["from"], "SOJOURN_SMS_SENDER"),
        (422, MESSAGES + "1120", [], "SOJOURN_SMS_SENDER"),
        (422, MESSAGES + "1420", [], "SOJOURN_SMS_SENDER"),
        (422, MESSAGES + "1060", [], "the Vonage account"),
        (402, MESSAGES + "1070", [], "the Vonage account"),
        (422, MESSAGES + "1080", [], "the Vonage account"),
        (422, MESSAGES + "1140", [], "the Vonage account"),
        (422, MESSAGES + "1160", [], "the Vonage account"),
        (402, GENERAL + "low-balance", [], "the Vonage account"),
        (403, GENERAL + "account-suspended", [], "the Vonage account"),
        (403, GENERAL + "forbidden", [], "the Vonage account"),
        (401, GENERAL + "unauthorized", [], "SOJOURN_VONAGE_PRIVATE_KEY"),
        (401, GENERAL + "jwt-expired", [], "the clock of this machine"),
        (401, GENERAL + "jwt-revoked", [], "SOJOURN_VONAGE_APPLICATION_ID"),
        (403, GENERAL + "unprovisioned", [], "SOJOURN_VONAGE_APPLICATION_ID"),
        (404, GENERAL + "not-found", [], "404"),
        (429, MESSAGES + "1000", [], Unavailable("1000")),
        (429, GENERAL + "throttled", [], Unavailable("throttled")),
        (422, MESSAGES + "1241", [], Unavailable("1241")),
        (422, MESSAGES + "1100", [], Unavailable("1100")),
        (500, MESSAGES + "1030", [], Ambiguous("500")),
        (503, GENERAL, [], Ambiguous("503")),
    ],
)
async def test_each_code_means_one_thing(
    status: int, kind: str, invalid: list[str], verdict: Verdict | str, fakes: FakeProviders
) -> None:
    """Staff and journeys learn from each of Vonage's codes what to do next; a string is what staff must look at."""
    body = problem(status, kind, "its own words, which may quote 447700900123", invalid).body
    found = await told("vonage", fakes, a_text(), {"do": "answer", "status": status, "body": body})
    if isinstance(verdict, str):
        assert isinstance(found, Misconfigured)
        assert verdict in found.reason
    else:
        assert found == verdict
    assert "4477" not in str(found)


async def test_an_answer_without_a_code_goes_by_its_status(fakes: FakeProviders) -> None:
    """What is no answer of Vonage's is never taken for success, and never for a final refusal."""
    wanted: dict[int, Any] = {202: Ambiguous, 302: Misconfigured, 429: Unavailable, 502: Ambiguous}
    for status, kind in wanted.items():
        found = await told("vonage", fakes, a_text(), {"do": "answer", "status": status, "body": "<html>"})
        assert isinstance(found, kind), status


@pytest.mark.parametrize("do", ["reset", "garbage", "hang"])
async def test_a_lost_answer_is_never_guessed(do: str, fakes: FakeProviders) -> None:
    """A customer is never texted twice because an answer was lost: the text's fate is said to be unclear."""
    delivery = a_text(deadline=time.monotonic() + 1)
    found = await told("vonage", fakes, delivery, {"do": do, "seconds": 30, "processed": True})
    assert isinstance(found, Ambiguous)
    assert VonageProvider.deduplication is Deduplication.NONE
    assert len(await fakes.journal("vonage")) == 1


async def test_a_wrong_key_is_told_from_a_wrong_message(fakes: FakeProviders) -> None:
    """With the key of another application texts wait, and staff are told which setting to look at."""
    wrong = (await settings_for("fcm", fakes)).fcm_credentials.get_secret_value()
    async with driver("vonage", fakes, vonage_private_key=json.loads(wrong)["private_key"]) as vonage:
        found = await vonage.deliver(a_text())
    assert isinstance(found, Misconfigured)
    assert "SOJOURN_VONAGE_PRIVATE_KEY" in found.reason


def test_what_is_no_key_stops_the_start() -> None:
    """A private key that is none is found at the start, by name, and is not repeated in the message."""
    with pytest.raises(ValueError, match="SOJOURN_VONAGE_PRIVATE_KEY: not a PEM private key") as raised:
        VonageProvider(application_id="a", private_key="-----BEGIN SECRET", sender="Shop")
    assert "BEGIN SECRET" not in str(raised.value)
