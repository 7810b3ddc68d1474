"""Resend: what each of its answers becomes (guarantees section 2.6)."""

import json
from dataclasses import replace
from typing import Any

import pytest

from activities.delivery import Accepted, Ambiguous, Deduplication, Misconfigured, Refused, Unavailable, Verdict
from activities.providers.resend import SETTINGS, ResendProvider
from tests.activities.providers.deliveries import an_email
from tests.activities.providers.email_drivers import driver
from tests.fake_providers import FakeProviders

ACCOUNT = f"see {SETTINGS}"
PLAN = "see the plan at Resend"


def error(name: str) -> dict[str, Any]:
    """A body as Resend has it."""
    return {"name": name, "message": "ada@example.com is wrong"}


ANSWERS: list[tuple[int, Any, dict[str, str], Verdict]] = [
    (200, {"id": "re-1"}, {}, Accepted("re-1")),
    (200, "", {}, Ambiguous("200 without an id")),
    (400, error("invalid_idempotency_key"), {}, Refused("400")),
    (400, error("validation_error"), {}, Refused("400")),
    (401, error("missing_api_key"), {}, Misconfigured(f"401: {ACCOUNT}")),
    (401, error("restricted_api_key"), {}, Misconfigured(f"401: {ACCOUNT}")),
    (403, error("invalid_api_key"), {}, Misconfigured(f"403: {ACCOUNT}")),
    (403, error("validation_error"), {}, Misconfigured(f"403: {ACCOUNT}")),
    (404, error("not_found"), {}, Misconfigured(f"404: {ACCOUNT}")),
    (405, error("method_not_allowed"), {}, Misconfigured(f"405: {ACCOUNT}")),
    (409, error("concurrent_idempotent_requests"), {}, Ambiguous("409 concurrent_idempotent_requests")),
    (409, error("invalid_idempotent_request"), {}, Ambiguous("409 invalid_idempotent_request")),
    (409, "", {}, Ambiguous("409")),
    (422, error("missing_required_field"), {}, Refused("422")),
    (422, error("invalid_from_address"), {}, Misconfigured(f"422 invalid_from_address: {ACCOUNT}")),
    (422, error("invalid_access"), {}, Misconfigured(f"422 invalid_access: {ACCOUNT}")),
    (429, error("rate_limit_exceeded"), {"retry-after": "2"}, Unavailable("429", 2)),
    (
        429,
        error("daily_quota_exceeded"),
        {"retry-after": "2"},
        Misconfigured(f"429 daily_quota_exceeded: {PLAN}"),
    ),
    (429, error("monthly_quota_exceeded"), {}, Misconfigured(f"429 monthly_quota_exceeded: {PLAN}")),
    (451, error("security_error"), {}, Refused("451 security_error")),
    (500, error("application_error"), {}, Ambiguous("500")),
    (500, error("internal_server_error"), {}, Ambiguous("500")),
    (502, "<html>", {}, Ambiguous("502")),
]


@pytest.mark.parametrize(("status", "body", "headers", "verdict"), ANSWERS)
async def test_each_answer_has_its_verdict(
    status: int, body: Any, headers: dict[str, str], verdict: Verdict, fakes: FakeProviders
) -> None:
    """What Resend says decides alone whether a message went, can go later, or never will."""
    await fakes.script("resend", {"do": "answer", "status": status, "body": body, "headers": headers})
    async with driver("resend", fakes) as provider:
        assert await provider.deliver(an_email()) == verdict


async def test_the_fake_takes_it_as_the_real_one_would(fakes: FakeProviders) -> None:
    """The message goes under our key, with our id as its tag."""
    async with driver("resend", fakes) as provider:
        assert isinstance(await provider.deliver(an_email()), Accepted)
    [entry] = await fakes.journal("resend")
    body = json.loads(entry["body"])
    assert entry["headers"]["idempotency-key"] == an_email().key
    assert body["tags"] == [{"name": "sojourn_message", "value": an_email().key}]
    assert (body["from"], body["to"]) == ("The Shop <shop@shop.example.com>", ["ada@example.com"])


async def test_a_wrong_key_is_a_matter_of_settings(fakes: FakeProviders) -> None:
    """While the key is wrong no message is lost: staff are told which setting to look at."""
    async with driver("resend", fakes, api_key="re_other") as provider:
        verdict = await provider.deliver(an_email())
    assert isinstance(verdict, Misconfigured)
    assert "SOJOURN_RESEND_API_KEY" in verdict.reason


async def test_a_message_whose_answer_was_lost_is_sent_again_and_arrives_once(fakes: FakeProviders) -> None:
    """After a break the same bytes go again under the same key, and the customer gets one message."""
    assert ResendProvider.deduplication is Deduplication.KEY
    await fakes.script("resend", {"do": "reset", "processed": True})
    async with driver("resend", fakes) as provider:
        delivery = an_email()
        assert isinstance(await provider.deliver(delivery), Ambiguous)
        again = await provider.deliver(replace(delivery, deadline=delivery.deadline + 60))
    [sent] = await fakes.sent("resend")
    assert again == Accepted(sent["id"])
    first, second = await fakes.journal("resend")
    assert first["body"] == second["body"]
