"""Voucherify: our codes become codes of its campaigns, and later it learns whose they are.

Voucherify has no keys for requests. The natural ones are ours: a code that we chose, and the id of an allocation as
the publication's `source_id`. Whatever broke, the same code or the same id is told again and found there.
"""

import json
import time
from datetime import UTC, datetime
from urllib.parse import quote

from activities.delivery import Accepted, Ambiguous, Misconfigured, Refused, Unavailable, Verdict
from activities.providers.http_calls import LONGEST_WAIT, Answer, HttpApi, by_class
from activities.voucher_sources import Publication

API = "https://api.voucherify.io"
ANSWER_WITHIN = 15.0  # seconds
APPLICATION = "SOJOURN_VOUCHERIFY_APP_ID, SOJOURN_VOUCHERIFY_APP_TOKEN and SOJOURN_VOUCHERIFY_URL"
CAMPAIGNS = "SOJOURN_VOUCHERIFY_CAMPAIGNS"
PLAN = "the plan of the Voucherify account"

# Keys of https://docs.voucherify.io/api-reference/errors; the rest goes by the class of its status.
TAKEN = {"duplicate_resource_key", "duplicate_found"}
CHANNEL = "sojourn"


class Voucherify:
    """Tells Voucherify of codes.

    Args:
        app_id: id of the application key.
        app_token: its secret.
        url: of the API; `https://us1.api.voucherify.io` and the like for other regions.

    Raises:
        ValueError: a setting cannot work; the message names it.
    """

    name = "voucherify"

    def __init__(self, *, app_id: str, app_token: str, url: str = API) -> None:
        headers = {"x-app-id": app_id, "x-app-token": app_token}
        self._api = HttpApi(url, setting="SOJOURN_VOUCHERIFY_URL", headers=headers, keep_alive=True)

    async def add(self, code: str, campaign: str) -> Verdict:
        """Put a code into a campaign; docs/providers/voucherify.md says what each answer becomes."""
        answer = await self._post(f"/v1/campaigns/{quote(campaign, safe='')}/vouchers/{quote(code, safe='')}", {})
        if not isinstance(answer, Answer):
            return answer
        if answer.status == 200:
            known = answer.text("code") == code
            return Accepted(answer.text("id") or code) if known else Ambiguous("200 without the code")
        if answer.text("key") in TAKEN or answer.status == 409:
            return await self._whose(code, campaign)
        found = _verdict(answer, missing=Misconfigured(f"404: no such campaign; see {CAMPAIGNS}"))
        # One code is like any other: what is refused to it would be refused to the next one too.
        return Misconfigured(f"{found.reason}: see the campaign {campaign}") if isinstance(found, Refused) else found

    async def publish(self, publication: Publication) -> Verdict:
        """Publish a code to a customer, unless an earlier attempt did."""
        if publication.repeated:
            found = await self._published(publication.allocation_id)
            if found is not None:
                return found
        answer = await self._post(
            "/v1/publications",
            {
                "voucher": publication.code,
                "source_id": publication.allocation_id,
                "customer": {"source_id": publication.customer},
                "channel": CHANNEL,
            },
        )
        if not isinstance(answer, Answer):
            return answer
        if answer.status == 200:
            return _result(answer.json())
        return _verdict(answer, missing=Refused("404: Voucherify has no such code"))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _whose(self, code: str, campaign: str) -> Verdict:
        """What it means that a code is there: an earlier attempt got through, or it belongs to something else."""
        answer = await self._api.ask(f"/v1/vouchers/{quote(code, safe='')}", {})
        if answer is None:
            return Ambiguous("a code is there already, and Voucherify does not say whose it is")
        if answer.status != 200:
            return _verdict(answer, missing=Unavailable("404: a code came and went"))
        ours = campaign in {answer.text("campaign"), answer.text("campaign_id")}
        return Accepted(answer.text("id") or code) if ours else Refused("the code belongs to another campaign")

    async def _published(self, allocation_id: str) -> Verdict | None:
        """What became of an earlier attempt; None where there was none."""
        answer = await self._api.ask("/v1/publications", {"source_id": allocation_id})
        if answer is None:
            return Ambiguous("Voucherify does not say whether the code is published")
        if answer.status != 200:
            return _verdict(answer, missing=Misconfigured(f"404: see {APPLICATION}"))
        rows = answer.json().get("publications")
        if not isinstance(rows, list):
            return Ambiguous("200 without a list of publications")
        ours = [row for row in rows if isinstance(row, dict) and row.get("source_id") == allocation_id]
        done = [verdict for row in ours if isinstance(verdict := _result(row), Accepted)]
        return done[0] if done else None

    async def _post(self, path: str, body: dict[str, object]) -> Answer | Verdict:
        deadline = time.monotonic() + ANSWER_WITHIN
        return await self._api.call("POST", path, content=json.dumps(body), deadline=deadline)


def _result(publication: dict[str, object]) -> Verdict:
    """A publication can fail with status 200 (guarantees 2.9)."""
    match publication.get("result"):
        case "SUCCESS":
            return Accepted(str(publication.get("id", "")))
        case "FAILURE":
            return Refused("200 with result FAILURE")
    return Ambiguous("200 without a result")


def _verdict(answer: Answer, *, missing: Verdict) -> Verdict:
    """What an answer means that is not the one hoped for.

    Args:
        answer: of Voucherify.
        missing: what 404 means here.
    """
    reason = f"{answer.status} {answer.text('key')}".strip()[:60]
    if answer.status == 404:
        return missing
    if answer.status == 402:
        return Misconfigured(f"{reason}: see {PLAN}")
    if answer.status == 429:
        return Unavailable(reason, _seconds_to_wait(answer))
    usual = by_class(answer, see=APPLICATION)
    return Refused(reason) if isinstance(usual, Refused) else usual


def _seconds_to_wait(answer: Answer) -> float | None:
    """Until the Unix time that `X-Rate-Limit-Retry` names; an hour at most."""
    at = answer.headers.get("x-rate-limit-retry", "")
    seconds = int(at[:12]) - datetime.now(UTC).timestamp() if at.isascii() and at.isdigit() else 0
    return min(seconds, LONGEST_WAIT) if seconds > 0 else None
