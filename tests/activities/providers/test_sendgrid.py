"""SendGrid: what each of its answers becomes (guarantees section 2.3)."""

import json
import time
from typing import Any

import pytest

from activities.delivery import Accepted, Ambiguous, Deduplication, Misconfigured, Refused, Unavailable, Verdict
from activities.providers.sendgrid import SETTINGS, SendGridProvider
from tests.activities.providers.deliveries import an_email
from tests.activities.providers.email_drivers import driver
from tests.fake_providers import FakeProviders

ACCOUNT = f"see {SETTINGS}"


def error(field: str | None) -> dict[str, Any]:
    """A body as SendGrid has it."""
    return {"errors": [{"message": "ada@example.com is wrong", "field": field, "help": None}]}


ANSWERS: list[tuple[int, Any, dict[str, str], Verdict]] = [
    (202, "", {"x-message-id": "sg-1"}, Accepted("sg-1")),
    (202, "", {}, Accepted(an_email().key)),
    (200, "", {"x-message-id": "sg-1"}, Accepted("sg-1")),
    (400, error("personalizations.0.to.0.email"), {}, Refused("400", address=True)),
    (400, error("content"), {}, Refused("400")),
    (400, error(None), {}, Refused("400")),
    (400, "<html>", {}, Refused("400")),
    (400, {"errors": "none"}, {}, Refused("400")),
    (400, error("from.email"), {}, Misconfigured("400 to the sender: see SOJOURN_EMAIL_SENDER")),
    (401, error(None), {}, Misconfigured(f"401: {ACCOUNT}")),
    (403, error("from"), {}, Misconfigured(f"403: {ACCOUNT}")),
    (404, "", {}, Misconfigured(f"404: {ACCOUNT}")),
    (413, error(None), {}, Refused("413")),
    (429, error(None), {}, Unavailable("429")),
    (429, error(None), {"x-ratelimit-reset": "soon"}, Unavailable("429")),
    (429, error(None), {"x-ratelimit-reset": "17"}, Unavailable("429")),
    (429, error(None), {"retry-after": "9", "x-ratelimit-reset": "99999999999"}, Unavailable("429", 9)),
    (500, error(None), {}, Ambiguous("500")),
    (503, "", {"retry-after": "9"}, Ambiguous("503")),
]


@pytest.mark.parametrize(("status", "body", "headers", "verdict"), ANSWERS)
async def test_each_answer_has_its_verdict(
    status: int, body: Any, headers: dict[str, str], verdict: Verdict, fakes: FakeProviders
) -> None:
    """What SendGrid says decides alone whether a message went, can go later, or never will."""
    await fakes.script("sendgrid", {"do": "answer", "status": status, "body": body, "headers": headers})
    async with driver("sendgrid", fakes) as provider:
        assert await provider.deliver(an_email()) == verdict


async def test_the_reset_of_the_rate_is_waited_for(fakes: FakeProviders) -> None:
    """SendGrid says at which second it takes messages again, and is not asked before."""
    reset = {"x-ratelimit-reset": str(int(time.time()) + 60)}
    await fakes.script("sendgrid", {"do": "answer", "status": 429, "headers": reset})
    async with driver("sendgrid", fakes) as provider:
        verdict = await provider.deliver(an_email())
    assert isinstance(verdict, Unavailable)
    assert verdict.retry_after == pytest.approx(60, abs=10)


async def test_the_fake_takes_it_as_the_real_one_would(fakes: FakeProviders) -> None:
    """The message goes with the key, both bodies in the required order, our id, and no tracking but our own."""
    async with driver("sendgrid", fakes) as provider:
        assert isinstance(await provider.deliver(an_email()), Accepted)
    [entry] = await fakes.journal("sendgrid")
    body = json.loads(entry["body"])
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    assert body["from"] == {"email": "shop@shop.example.com", "name": "The Shop"}
    assert body["custom_args"] == {"sojourn_message": an_email().key}
    assert not any(each["enable"] for each in body["tracking_settings"].values())


async def test_a_wrong_key_is_a_matter_of_settings(fakes: FakeProviders) -> None:
    """While the key is wrong no message is lost: staff are told which setting to look at."""
    async with driver("sendgrid", fakes, api_key="SG.other") as provider:
        verdict = await provider.deliver(an_email())
    assert isinstance(verdict, Misconfigured)
    assert "SOJOURN_SENDGRID_API_KEY" in verdict.reason


async def test_a_message_whose_fate_is_unclear_is_never_repeated(fakes: FakeProviders) -> None:
    """SendGrid can neither be asked nor told a key, and says so."""
    assert SendGridProvider.deduplication is Deduplication.NONE
    async with driver("sendgrid", fakes) as provider:
        assert await provider.look_up(an_email().key) is None
