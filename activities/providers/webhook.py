"""Webhook: emails and texts go to the client's own messaging service as signed JSON (Standard Webhooks).

The service keeps our key (`webhook-id`, and the same as `Idempotency-Key`) and answers a repeated call as it
answered the first: that is what lets us repeat one whose fate is unclear. Repeated calls carry the same body.
"""

import json
from datetime import UTC, datetime

import httpx

from activities.delivery import Deduplication, Delivery, Refused, Verdict
from activities.providers.header_safety import header_problem
from activities.providers.http_calls import Answer, call_once
from activities.providers.safe_urls import checked_url, guarded_client
from activities.providers.webhook_answers import verdict
from activities.providers.webhook_signatures import signed, signers_of


class WebhookProvider:
    """Delivers by calling a service of the client's.

    Args:
        url: of the service; https, unless `allow_private`.
        secret: `whsec_` and 24 to 64 bytes in base64. Two, separated by a space, while one replaces the other:
            calls then carry both signatures.
        allow_private: whether the service may be in a private network (and speak http).
        timeout: seconds for connecting, and for each read and write; a message's deadline may be nearer.
        client: to call with instead of one of our own, which is made at the first call in the loop that runs then.
            An injected client keeps to its own rules about addresses; redirects are not followed either way.

    Raises:
        ValueError: a setting cannot work; the message names it.
    """

    name = "webhook"
    deduplication = Deduplication.KEY

    def __init__(
        self,
        *,
        url: str,
        secret: str,
        allow_private: bool = False,
        timeout: float = 15,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        try:
            self._url = checked_url(url, allow_private=allow_private)
        except ValueError as error:
            raise ValueError(f"SOJOURN_WEBHOOK_URL: {error}") from None
        try:
            self._signers = signers_of(secret)
        except ValueError as error:
            raise ValueError(f"SOJOURN_WEBHOOK_SECRET {error}") from None
        if not self._signers:
            raise ValueError("SOJOURN_WEBHOOK_SECRET is missing")
        self._allow_private = allow_private
        self._timeout = timeout
        self._client = client

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Make one call; docs/providers/webhook.md says what each answer becomes."""
        problem = header_problem(delivery)
        if problem:
            return Refused(problem)
        if self._client is None:
            self._client = guarded_client(allow_private=self._allow_private)
        now = datetime.now(UTC)
        try:
            body = _body(delivery)
            headers = {"idempotency-key": delivery.key, **signed(self._signers, delivery.key, now, body)}
        except ValueError as error:  # a lone surrogate in a text, for instance
            return Refused(f"cannot be written as a call: {type(error).__name__}")
        answer = await call_once(
            self._client, "POST", self._url, headers, body, patience=self._timeout, deadline=delivery.deadline
        )
        if not isinstance(answer, Answer):
            return answer
        return verdict(answer.status, answer.retry_after, answer.body, delivery.key, datetime.now(UTC))

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 # the contract's signature
        """Nothing: the same call again is how the service is asked."""
        return None

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()


def _body(delivery: Delivery) -> str:
    """What is signed and sent; the same for every attempt, so it holds no time of its own (guarantees A11)."""
    return json.dumps(
        {
            "type": "message.send",
            "timestamp": delivery.decided_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "data": {
                "channel": delivery.channel.value,
                "to": delivery.to,
                "subject": delivery.subject,
                "text": delivery.text,
                "html": delivery.html,
                "headers": dict(delivery.headers),
            },
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
