"""Postmark: what each of its answers becomes (guarantees section 2.4)."""

import json
from typing import Any

import pytest

from activities.delivery import Accepted, Ambiguous, Deduplication, Misconfigured, Refused, Unavailable, Verdict
from activities.providers.postmark import SETTINGS, PostmarkProvider
from tests.activities.providers.deliveries import an_email
from tests.activities.providers.email_drivers import driver
from tests.fake_providers import FakeProviders

ACCOUNT = f"see {SETTINGS}"
SENDER = "see SOJOURN_EMAIL_SENDER"


def error(code: int) -> dict[str, Any]:
    """A body as Postmark has it."""
    return {"ErrorCode": code, "Message": "ada@example.com is wrong"}


ANSWERS: list[tuple[int, Any, Verdict]] = [
    (200, {"ErrorCode": 0, "MessageID": "pm-1", "Message": "OK"}, Accepted("pm-1")),
    (200, {"MessageID": "pm-1", "Message": "delivery may be delayed"}, Accepted("pm-1")),
    (200, "<html>Welcome</html>", Ambiguous("200 without an id")),
    (200, "", Ambiguous("200 without an id")),
    (422, error(300), Refused("422 with code 300")),
    (422, error(402), Refused("422 with code 402")),
    (422, error(406), Refused("422 with code 406", address=True)),
    (200, error(406), Refused("200 with code 406", address=True)),
    (422, error(400), Misconfigured(f"422 with code 400: {SENDER}")),
    (422, error(401), Misconfigured(f"422 with code 401: {SENDER}")),
    (422, error(405), Misconfigured(f"422 with code 405: {ACCOUNT}")),
    (422, error(412), Misconfigured(f"422 with code 412: {ACCOUNT}")),
    (422, error(413), Misconfigured(f"422 with code 413: {ACCOUNT}")),
    (422, error(1235), Misconfigured(f"422 with code 1235: {ACCOUNT}")),
    (422, error(1236), Misconfigured(f"422 with code 1236: {ACCOUNT}")),
    (401, error(10), Misconfigured(f"401 with code 10: {ACCOUNT}")),
    (401, "", Misconfigured(f"401: {ACCOUNT}")),
    (404, "", Misconfigured(f"404: {ACCOUNT}")),
    (413, "", Refused("413")),
    (422, {"ErrorCode": "ada@example.com"}, Refused("422")),
    (429, "", Unavailable("429")),
    (503, error(100), Unavailable("503 with code 100")),
    (500, error(0), Ambiguous("500")),
    (503, "", Ambiguous("503")),
]


@pytest.mark.parametrize(("status", "body", "verdict"), ANSWERS)
async def test_each_answer_has_its_verdict(status: int, body: Any, verdict: Verdict, fakes: FakeProviders) -> None:
    """What Postmark says decides alone whether a message went, can go later, or never will."""
    await fakes.script("postmark", {"do": "answer", "status": status, "body": body})
    async with driver("postmark", fakes) as provider:
        assert await provider.deliver(an_email()) == verdict


async def test_the_fake_takes_it_as_the_real_one_would(fakes: FakeProviders) -> None:
    """The message goes through the configured stream, with our id and without tracking by Postmark."""
    async with driver("postmark", fakes, stream="broadcast") as provider:
        assert isinstance(await provider.deliver(an_email()), Accepted)
    [entry] = await fakes.journal("postmark")
    body = json.loads(entry["body"])
    assert (body["From"], body["MessageStream"]) == ("The Shop <shop@shop.example.com>", "broadcast")
    assert body["Metadata"] == {"sojourn_message": an_email().key}
    assert (body["TrackOpens"], body["TrackLinks"]) == (False, "None")


async def test_a_wrong_token_is_a_matter_of_settings(fakes: FakeProviders) -> None:
    """While the token is wrong no message is lost: staff are told which setting to look at."""
    async with driver("postmark", fakes, token="other") as provider:
        verdict = await provider.deliver(an_email())
    assert isinstance(verdict, Misconfigured)
    assert "SOJOURN_POSTMARK_TOKEN" in verdict.reason


async def test_a_message_whose_answer_was_lost_is_found_again(fakes: FakeProviders) -> None:
    """After a break Postmark is asked for the message by our id, and it is not sent a second time."""
    assert PostmarkProvider.deduplication is Deduplication.LOOKUP
    await fakes.script("postmark", {"do": "reset", "processed": True})
    async with driver("postmark", fakes) as provider:
        assert isinstance(await provider.deliver(an_email()), Ambiguous)
        [sent] = await fakes.sent("postmark")
        assert await provider.look_up(an_email().key) == Accepted(sent["id"])
        assert isinstance(await provider.look_up("msg_another"), Unavailable)


@pytest.mark.parametrize(
    "rule", [{"status": 500}, {"status": 200, "body": "?"}, {"status": 200, "body": {"Messages": [1]}}]
)
async def test_a_search_that_fails_tells_nothing(rule: dict[str, Any], fakes: FakeProviders) -> None:
    """A message is never taken for lost because the search for it failed."""
    await fakes.script("postmark", {"do": "answer", "path": "/messages", **rule})
    async with driver("postmark", fakes) as provider:
        assert await provider.look_up(an_email().key) is None
