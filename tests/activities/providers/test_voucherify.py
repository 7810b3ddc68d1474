"""Voucherify: a code is there once, and published once, however many answers are lost; what each answer means."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from activities.delivery import Accepted, Ambiguous, Misconfigured, Refused, Unavailable, Verdict
from activities.providers.voucherify import Voucherify
from activities.voucher_sources import Publication
from tests.fake_providers import FakeProviders
from worker.fake_providers.voucherify import APP_ID, APP_TOKEN, error

CODE, CAMPAIGN = "ABCD-EFGH-JKLM", "Profile reward"
FIRST = Publication(CODE, "vou_1", "client-7", repeated=False)
AGAIN = Publication(CODE, "vou_1", "client-7", repeated=True)
SAME_FOR_BOTH: list[tuple[int, str, dict[str, str], Verdict | str]] = [
    (401, "unauthorized", {}, "SOJOURN_VOUCHERIFY_APP_TOKEN"),
    (402, "payment_required", {}, "the plan of the Voucherify account"),
    (403, "forbidden", {}, "SOJOURN_VOUCHERIFY_APP_ID"),
    (405, "method_not_allowed", {}, "SOJOURN_VOUCHERIFY_URL"),
    (429, "too_many_hits", {}, Unavailable("429 too_many_hits")),
    (500, "internal_error", {}, Ambiguous("500")),
    (503, "", {}, Ambiguous("503")),
]


@asynccontextmanager
async def voucherify(fakes: FakeProviders) -> AsyncIterator[Voucherify]:
    """A driver that calls the fake."""
    made = Voucherify(app_id=APP_ID, app_token=APP_TOKEN, url=fakes.url("voucherify"))
    try:
        yield made
    finally:
        await made.aclose()


def check(found: Verdict, wanted: Verdict | str) -> None:
    """A string is what staff must look at."""
    if isinstance(wanted, str):
        assert isinstance(found, Misconfigured)
        assert wanted in found.reason
    else:
        assert found == wanted


async def test_a_code_of_ours_becomes_one_of_the_campaign(fakes: FakeProviders) -> None:
    """The checkout will know the code under the campaign, whose name may have spaces."""
    async with voucherify(fakes) as source:
        assert isinstance(await source.add(CODE, CAMPAIGN), Accepted)
    [entry] = await fakes.journal("voucherify")
    assert entry["path"] == f"/v1/campaigns/{CAMPAIGN}/vouchers/{CODE}"
    assert (entry["headers"]["x-app-id"], entry["headers"]["x-app-token"]) == (APP_ID, APP_TOKEN)


@pytest.mark.parametrize("do", ["reset", "garbage", "answer"])
async def test_a_code_whose_answer_was_lost_is_told_again(do: str, fakes: FakeProviders) -> None:
    """After a lost answer the same code is told again, and there is still one."""
    await fakes.script("voucherify", {"do": do, "status": 500, "processed": True})
    async with voucherify(fakes) as source:
        assert isinstance(await source.add(CODE, CAMPAIGN), Ambiguous)
        assert isinstance(await source.add(CODE, CAMPAIGN), Accepted)
    assert len(await fakes.sent("voucherify")) == 1


async def test_a_code_of_another_campaign_is_not_ours(fakes: FakeProviders) -> None:
    """A code that is worth something else already is never promised."""
    async with voucherify(fakes) as source:
        await source.add(CODE, "Welcome promo")
        check(await source.add(CODE, CAMPAIGN), Refused("the code belongs to another campaign"))


@pytest.mark.parametrize(
    ("status", "key", "headers", "verdict"),
    [
        *SAME_FOR_BOTH,
        (404, "not_found", {}, "SOJOURN_VOUCHERIFY_CAMPAIGNS"),
        (400, "invalid_campaign_params", {}, "the campaign Profile reward"),
        (400, "invalid_payload", {}, "the campaign Profile reward"),
    ],
)
async def test_each_answer_to_a_code_means_one_thing(
    status: int, key: str, headers: dict[str, str], verdict: Verdict | str, fakes: FakeProviders
) -> None:
    """Nobody is promised a code that Voucherify may not have taken, and staff are told where to look."""
    body = error(status, key, "its own words").body
    await fakes.script("voucherify", {"do": "answer", "status": status, "body": body, "headers": headers})
    async with voucherify(fakes) as source:
        check(await source.add(CODE, CAMPAIGN), verdict)


async def test_voucherify_is_left_alone_until_the_time_it_names(fakes: FakeProviders) -> None:
    """`X-Rate-Limit-Retry` is a point in time, and is waited for."""
    headers = {"X-Rate-Limit-Retry": str(int(time.time()) + 120)}
    await fakes.script("voucherify", {"do": "answer", "status": 429, "headers": headers})
    async with voucherify(fakes) as source:
        found = await source.add(CODE, CAMPAIGN)
    assert isinstance(found, Unavailable)
    assert found.retry_after is not None
    assert 110 < found.retry_after <= 120


async def test_voucherify_learns_whose_a_code_is_and_no_more(fakes: FakeProviders) -> None:
    """The client's own id of the customer goes along, and neither a name nor an address."""
    async with voucherify(fakes) as source:
        await source.add(CODE, CAMPAIGN)
        assert isinstance(await source.publish(FIRST), Accepted)
    entry = (await fakes.journal("voucherify"))[-1]
    assert json.loads(entry["body"]) == {
        "voucher": CODE,
        "source_id": "vou_1",
        "customer": {"source_id": "client-7"},
        "channel": "sojourn",
    }


@pytest.mark.parametrize("processed", [True, False])
async def test_a_publication_whose_answer_was_lost_is_looked_up(processed: bool, fakes: FakeProviders) -> None:
    """Before a repeated publication Voucherify is asked for the first one; either way there is one in the end."""
    async with voucherify(fakes) as source:
        await source.add(CODE, CAMPAIGN)
        await fakes.script("voucherify", {"do": "reset", "processed": processed, "path": "/v1/publications"})
        assert isinstance(await source.publish(FIRST), Ambiguous)
        assert isinstance(await source.publish(AGAIN), Accepted)
    sent = [each["sending"]["content"]["object"] for each in await fakes.sent("voucherify")]
    assert sent == ["voucher", "publication"]
    methods = [entry["method"] for entry in await fakes.journal("voucherify")]
    assert methods == ["POST", "POST", "GET"] if processed else ["POST", "POST", "GET", "POST"]


@pytest.mark.parametrize("status", [500, 503])
async def test_while_it_cannot_be_asked_nothing_is_published_again(status: int, fakes: FakeProviders) -> None:
    """A look-up that brings no answer is none: the publication waits."""
    await fakes.script("voucherify", {"do": "answer", "status": status, "path": "/v1/publications"})
    async with voucherify(fakes) as source:
        assert isinstance(await source.publish(AGAIN), Ambiguous)
    assert [entry["method"] for entry in await fakes.journal("voucherify")] == ["GET"]


@pytest.mark.parametrize(
    ("status", "key", "headers", "verdict"),
    [
        *SAME_FOR_BOTH,
        (404, "not_found", {}, Refused("404: Voucherify has no such code")),
        (400, "no_voucher_suitable_for_publication", {}, Refused("400 no_voucher_suitable_for_publication")),
        (400, "invalid_publish_params", {}, Refused("400 invalid_publish_params")),
    ],
)
async def test_each_answer_to_a_publication_means_one_thing(
    status: int, key: str, headers: dict[str, str], verdict: Verdict | str, fakes: FakeProviders
) -> None:
    """A publication that Voucherify refuses is given up; any other trouble keeps it for later."""
    body = error(status, key, "its own words").body
    await fakes.script("voucherify", {"do": "answer", "status": status, "body": body, "headers": headers})
    async with voucherify(fakes) as source:
        check(await source.publish(FIRST), verdict)


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ({"id": "pub_1", "result": "SUCCESS"}, Accepted("pub_1")),
        ({"id": "pub_1", "result": "FAILURE"}, Refused("200 with result FAILURE")),
        ({}, Ambiguous("200 without a result")),
        ("<html>", Ambiguous("200 without a result")),
    ],
)
async def test_a_200_is_read_before_it_is_believed(body: Any, verdict: Verdict, fakes: FakeProviders) -> None:
    """Voucherify says FAILURE with status 200; that is no success."""
    await fakes.script("voucherify", {"do": "answer", "status": 200, "body": body})
    async with voucherify(fakes) as source:
        assert await source.publish(FIRST) == verdict
