"""Mailgun: what each of its answers becomes (guarantees section 2.5)."""

from typing import Any
from urllib.parse import parse_qs

import pytest

from activities.delivery import Accepted, Ambiguous, Deduplication, Misconfigured, Refused, Unavailable, Verdict
from activities.providers.mailgun import SETTINGS, MailgunProvider
from tests.activities.providers.deliveries import an_email
from tests.activities.providers.email_drivers import driver
from tests.fake_providers import FakeProviders

ACCOUNT = f"see {SETTINGS}"
MESSAGE_ID = f"<{an_email().key}@shop.example.com>"

ANSWERS: list[tuple[int, Any, dict[str, str], Verdict]] = [
    (200, {"id": "<mg-1@shop.example.com>", "message": "Queued. Thank you."}, {}, Accepted("<mg-1@shop.example.com>")),
    (
        200,
        "Mailgun Magnificent API",
        {},
        Misconfigured("200 from a wrong address: see SOJOURN_MAILGUN_URL and SOJOURN_MAILGUN_DOMAIN"),
    ),
    (200, "", {}, Ambiguous("200 without an id")),
    (200, {"id": 7}, {}, Ambiguous("200 without an id")),
    (400, {"message": "to parameter is not a valid address. please check documentation"}, {}, Refused("400", True)),
    (400, {"message": "'to' parameter is not a valid address. please check"}, {}, Refused("400", address=True)),
    (
        400,
        {"message": "'from' parameter is not a valid address. please check"},
        {},
        Misconfigured("400 to the sender: see SOJOURN_EMAIL_SENDER"),
    ),
    (400, {"message": "Need at least one of 'text' or 'html' parameters specified"}, {}, Refused("400")),
    (400, "", {}, Refused("400")),
    (401, "Forbidden", {}, Misconfigured(f"401: {ACCOUNT}")),
    (402, {"message": "Payment required"}, {}, Misconfigured(f"402: {ACCOUNT}")),
    (403, {"message": "Domain is not allowed to send"}, {}, Misconfigured(f"403: {ACCOUNT}")),
    (404, {"message": "Domain not found: shop.example.com"}, {}, Misconfigured(f"404: {ACCOUNT}")),
    (413, "", {}, Refused("413")),
    (429, {"message": "Too many requests"}, {"retry-after": "5"}, Unavailable("429", 5)),
    (429, "", {}, Unavailable("429")),
    (500, {"message": "Internal Server Error"}, {}, Ambiguous("500")),
    (502, "<html>", {}, Ambiguous("502")),
]


@pytest.mark.parametrize(("status", "body", "headers", "verdict"), ANSWERS)
async def test_each_answer_has_its_verdict(
    status: int, body: Any, headers: dict[str, str], verdict: Verdict, fakes: FakeProviders
) -> None:
    """What Mailgun says decides alone whether a message went, can go later, or never will."""
    await fakes.script("mailgun", {"do": "answer", "status": status, "body": body, "headers": headers})
    async with driver("mailgun", fakes) as provider:
        assert await provider.deliver(an_email()) == verdict


async def test_the_fake_takes_it_as_the_real_one_would(fakes: FakeProviders) -> None:
    """The message goes as a form, with our Message-ID, our id, and without tracking by Mailgun."""
    async with driver("mailgun", fakes) as provider:
        assert await provider.deliver(an_email()) == Accepted(MESSAGE_ID)
    [entry] = await fakes.journal("mailgun")
    form = parse_qs(entry["body"])
    assert entry["path"] == "/v3/shop.example.com/messages"
    assert (form["h:Message-Id"], form["v:sojourn_message"]) == ([MESSAGE_ID], [an_email().key])
    assert form["o:tracking"] == ["no"]


@pytest.mark.parametrize("change", [{"api_key": "other"}, {"domain": "other.example.com"}])
async def test_a_wrong_account_is_a_matter_of_settings(change: dict[str, str], fakes: FakeProviders) -> None:
    """While the key or the domain is wrong no message is lost: staff are told which settings to look at."""
    async with driver("mailgun", fakes, **change) as provider:
        verdict = await provider.deliver(an_email())
    assert isinstance(verdict, Misconfigured)
    assert "SOJOURN_MAILGUN_DOMAIN" in verdict.reason


async def test_a_message_whose_answer_was_lost_is_found_again(fakes: FakeProviders) -> None:
    """After a break Mailgun's log is asked for our Message-ID, and the message is not sent a second time."""
    assert MailgunProvider.deduplication is Deduplication.LOOKUP
    await fakes.script("mailgun", {"do": "reset", "processed": True})
    async with driver("mailgun", fakes) as provider:
        assert isinstance(await provider.deliver(an_email()), Ambiguous)
        assert await provider.look_up(an_email().key) == Accepted(MESSAGE_ID)
        assert isinstance(await provider.look_up("msg_another"), Unavailable)


@pytest.mark.parametrize("rule", [{"status": 500}, {"status": 200, "body": "?"}, {"status": 200, "body": {"items": 1}}])
async def test_a_search_that_fails_tells_nothing(rule: dict[str, Any], fakes: FakeProviders) -> None:
    """A message is never taken for lost because the search for it failed."""
    await fakes.script("mailgun", {"do": "answer", "path": "/v3/shop.example.com/events", **rule})
    async with driver("mailgun", fakes) as provider:
        assert await provider.look_up(an_email().key) is None
