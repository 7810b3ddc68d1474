"""FCM: what a push says, how the access token is had and kept, how long it may wait, what each answer means."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from activities.delivery import Accepted, Ambiguous, Deduplication, Misconfigured, Refused, Unavailable, Verdict
from activities.providers.fcm import BAD_REQUEST, FcmProvider
from tests.activities.providers.deliveries import a_push
from tests.activities.providers.phone_drivers import driver, settings_for, told
from tests.fake_providers import FakeProviders
from worker.fake_providers.fcm import ACCOUNT, SCOPE, error
from worker.fake_providers.fixed_keys import fixed_rsa_key, pem
from worker.fake_providers.tokens import claims_of


async def pushes(fakes: FakeProviders) -> list[dict[str, Any]]:
    """The messages that FCM was sent."""
    return [json.loads(entry["body"])["message"] for entry in await fakes.journal("fcm") if entry["path"] != "/token"]


async def tokens_asked(fakes: FakeProviders) -> list[dict[str, Any]]:
    """The calls for an access token."""
    return [entry for entry in await fakes.journal("fcm") if entry["path"] == "/token"]


async def test_a_push_arrives_as_it_was_written(fakes: FakeProviders) -> None:
    """A customer's phone shows the title and the words, once: each kind of device is told the same tag."""
    delivery = a_push(subject="Váš účet 🎉", text="Skoro hotov")
    async with driver("fcm", fakes) as fcm:
        verdict = await fcm.deliver(delivery)
    [sent] = await fakes.sent("fcm")
    assert verdict == Accepted(sent["id"])
    [push] = await pushes(fakes)
    assert push["token"] == delivery.to
    assert push["notification"] == {"title": "Váš účet 🎉", "body": "Skoro hotov"}
    assert push["data"] == {"sojourn_message": delivery.key}
    tags = (push["android"]["notification"]["tag"], push["apns"]["headers"]["apns-collapse-id"])
    assert (*tags, push["webpush"]["notification"]["tag"]) == (delivery.key,) * 3


async def test_a_tap_leads_where_the_last_line_says(fakes: FakeProviders) -> None:
    """A template's last line can be an address: the app opens it, and nobody reads it in the notification."""
    async with driver("fcm", fakes) as fcm:
        await fcm.deliver(a_push(text="Almost there.\n\nhttps://shop.example.com/profile/abc"))
        await fcm.deliver(a_push(text="Ask us at https://shop.example.com"))
    linked, bare = await pushes(fakes)
    assert linked["notification"]["body"] == "Almost there."
    assert linked["data"]["link"] == "https://shop.example.com/profile/abc"
    assert "link" not in bare["data"]


async def test_one_access_token_serves_many_pushes(fakes: FakeProviders) -> None:
    """Google is asked for a token once, with an assertion that the service account signed."""
    async with driver("fcm", fakes) as fcm:
        for _ in range(3):
            assert isinstance(await fcm.deliver(a_push()), Accepted)
    [asked] = await tokens_asked(fakes)
    form = dict(httpx.QueryParams(asked["body"]))
    claims = claims_of(form["assertion"], fixed_rsa_key("fake FCM service account").public_key())
    assert (claims["iss"], claims["scope"]) == (ACCOUNT, SCOPE)
    assert claims["aud"] == f"{fakes.url('fcm')}/token"
    assert claims["exp"] - claims["iat"] == 3600


async def test_a_token_is_replaced_before_it_ends(fakes: FakeProviders, monkeypatch: pytest.MonkeyPatch) -> None:
    """No push is refused because a token ended on its way: five minutes before, another one is asked for."""
    begun, gone = time.monotonic(), 0.0
    monkeypatch.setattr("activities.providers.google_tokens.time.monotonic", lambda: begun + gone)
    async with driver("fcm", fakes) as fcm:
        for gone in (0.0, 3290.0, 3301.0):
            await fcm.deliver(a_push(deadline=begun + gone + 10))
    assert len(await tokens_asked(fakes)) == 2


async def test_a_new_token_that_is_refused_is_no_accident(fakes: FakeProviders) -> None:
    """Where Google gives tokens that FCM refuses, pushes wait until staff have looked at the account."""
    body = error(401, "UNAUTHENTICATED", "no").body
    found = await told("fcm", fakes, a_push(), {"do": "answer", "status": 401, "body": body})
    assert isinstance(found, Misconfigured)
    assert "SOJOURN_FCM_CREDENTIALS" in found.reason


async def test_a_token_that_is_taken_back_is_replaced(fakes: FakeProviders, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a 401 to a token that had worked the push certainly did not go; the next attempt shows a new token."""
    monkeypatch.setattr("activities.providers.google_tokens.JUST_NOW", 0.0)
    async with driver("fcm", fakes) as fcm:
        await fakes.script("fcm", {"do": "answer", "status": 401, "body": error(401, "UNAUTHENTICATED", "no").body})
        assert isinstance(await fcm.deliver(a_push()), Unavailable)
        assert isinstance(await fcm.deliver(a_push()), Accepted)
    assert len(await tokens_asked(fakes)) == 2


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ({"do": "answer", "status": 400, "body": {"error": "invalid_grant"}}, Misconfigured),
        ({"do": "answer", "status": 401, "body": {"error": "invalid_client"}}, Misconfigured),
        ({"do": "answer", "status": 200, "body": "<html>"}, Unavailable),
        ({"do": "answer", "status": 429, "retry_after": "9"}, Unavailable),
        ({"do": "answer", "status": 503}, Unavailable),
        ({"do": "reset"}, Unavailable),
    ],
)
async def test_without_a_token_nothing_was_sent(rule: dict[str, Any], kind: type, fakes: FakeProviders) -> None:
    """Whatever keeps Google from giving a token, no push went out, so each is tried again or kept."""
    found = await told("fcm", fakes, a_push(), {**rule, "path": "/token"})
    assert isinstance(found, kind)
    assert await pushes(fakes) == []
    if isinstance(found, Misconfigured):
        assert "SOJOURN_FCM_CREDENTIALS" in found.reason


async def test_the_key_of_another_account_is_found_out(fakes: FakeProviders) -> None:
    """With a key that Google does not know pushes wait, and staff are told which setting to look at."""
    credentials = json.loads((await settings_for("fcm", fakes)).fcm_credentials.get_secret_value())
    wrong = json.dumps(credentials | {"private_key": pem(fixed_rsa_key("somebody else"))})
    async with driver("fcm", fakes, fcm_credentials=wrong) as fcm:
        found = await fcm.deliver(a_push())
    assert isinstance(found, Misconfigured)
    assert "invalid_grant" in found.reason


async def test_fcm_may_not_keep_a_push_past_the_window(fakes: FakeProviders) -> None:
    """A push to a phone that is off expires with the customer's window, on each kind of device (guarantees B14)."""
    now = datetime.now(UTC)
    async with driver("fcm", fakes) as fcm:
        await fcm.deliver(a_push(not_after=now + timedelta(minutes=30)))
        await fcm.deliver(a_push(not_after=now + timedelta(days=90)))
        await fcm.deliver(a_push())
        late = await fcm.deliver(a_push(not_after=now - timedelta(seconds=1)))
    soon, far, free = await pushes(fakes)
    assert 1790 <= int(soon["android"]["ttl"].removesuffix("s")) <= 1800
    assert abs(int(soon["apns"]["headers"]["apns-expiration"]) - now.timestamp() - 1800) <= 10
    assert 1790 <= int(soon["webpush"]["headers"]["TTL"]) <= 1800
    assert far["android"]["ttl"] == free["android"]["ttl"] == "2419200s"
    assert isinstance(late, Unavailable)


VIOLATION = {"@type": BAD_REQUEST, "fieldViolations": [{"field": "message.data[0].value", "description": "bad"}]}


@pytest.mark.parametrize(
    ("status", "code", "fcm_code", "more", "verdict"),
    [
        (404, "NOT_FOUND", "UNREGISTERED", [], Refused("UNREGISTERED", address=True)),
        (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", [], Refused("INVALID_ARGUMENT", address=True)),
        (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", [VIOLATION], Refused("INVALID_ARGUMENT")),
        (400, "INVALID_ARGUMENT", "", [VIOLATION], Refused("400")),
        (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", [], "another project"),
        (401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", [], "the APNs key"),
        (403, "PERMISSION_DENIED", "", [], "SOJOURN_FCM_CREDENTIALS"),
        (404, "NOT_FOUND", "", [], "SOJOURN_FCM_CREDENTIALS"),
        (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", [], Unavailable("QUOTA_EXCEEDED", 60.0)),
        (429, "RESOURCE_EXHAUSTED", "", [], Unavailable("429", 60.0)),
        (503, "UNAVAILABLE", "UNAVAILABLE", [], Unavailable("UNAVAILABLE")),
        (500, "INTERNAL", "INTERNAL", [], Ambiguous("500")),
        (504, "DEADLINE_EXCEEDED", "", [], Ambiguous("504")),
    ],
)
async def test_each_code_means_one_thing(
    status: int, code: str, fcm_code: str, more: list[Any], verdict: Verdict | str, fakes: FakeProviders
) -> None:
    """Staff and journeys learn from each of FCM's codes what to do next; a string is what staff must look at."""
    body = error(status, code, "its own words", fcm_code).body
    body["error"]["details"] = [*body["error"].get("details", []), *more]
    found = await told("fcm", fakes, a_push(), {"do": "answer", "status": status, "body": body})
    if isinstance(verdict, str):
        assert isinstance(found, Misconfigured)
        assert verdict in found.reason
    else:
        assert found == verdict
    assert len(await pushes(fakes)) == 1, "a driver makes one attempt"


async def test_fcm_is_left_alone_for_as_long_as_it_asks(fakes: FakeProviders) -> None:
    """Retry-After is waited out, on a 429 and on a 503."""
    for status in (429, 503):
        rule = {"do": "answer", "status": status, "retry_after": "75"}
        assert await told("fcm", fakes, a_push(), rule) == Unavailable(str(status), 75.0)


async def test_html_from_googles_front_is_no_verdict(fakes: FakeProviders) -> None:
    """A 502 comes as HTML, and a 200 without a name is none of FCM's: nobody can say whether the push went."""
    for status in (200, 502):
        rule = {"do": "answer", "status": status, "body": "<html>"}
        assert isinstance(await told("fcm", fakes, a_push(), rule), Ambiguous)


@pytest.mark.parametrize("do", ["reset", "garbage", "hang"])
async def test_a_lost_answer_is_never_guessed(do: str, fakes: FakeProviders) -> None:
    """A customer's phone never rings twice because an answer was lost: the push's fate is said to be unclear."""
    async with driver("fcm", fakes) as fcm:
        await fcm.deliver(a_push())
        await fakes.script("fcm", {"do": do, "seconds": 30, "processed": True})
        found = await fcm.deliver(a_push(deadline=time.monotonic() + 1))
    assert isinstance(found, Ambiguous)
    assert FcmProvider.deduplication is Deduplication.NONE


async def test_a_push_that_is_too_large_is_not_tried(fakes: FakeProviders) -> None:
    """More than 4096 bytes reach nobody, so that a refusal of FCM's can only be about the token."""
    async with driver("fcm", fakes) as fcm:
        assert isinstance(await fcm.deliver(a_push(text="ž" * 2100)), Refused)
    assert await fakes.journal("fcm") == []


@pytest.mark.parametrize(
    ("credentials", "problem"),
    [
        ("{", "not JSON"),
        ('{"type": "authorized_user"}', "not the file of a service account"),
        ('{"type": "service_account", "project_id": "p", "client_email": "e"}', "it has no private_key"),
    ],
)
def test_what_is_no_service_account_stops_the_start(credentials: str, problem: str) -> None:
    """A wrong file is found at the start, by name."""
    with pytest.raises(ValueError, match=f"SOJOURN_FCM_CREDENTIALS: {problem}"):
        FcmProvider(credentials=credentials)
