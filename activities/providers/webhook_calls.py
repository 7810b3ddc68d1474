"""The calls of journeys: over HTTP, or into the mailbox where an address begins with ``mailbox:``."""

import asyncio
import json
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from activities.delivery import Accepted, Refused, Unavailable, Verdict
from activities.providers.http_calls import TOO_LATE, Answer, call_once
from activities.providers.safe_urls import checked_url, guarded_client
from activities.providers.webhook_answers import verdict
from activities.providers.webhook_signatures import signed, signers_of
from activities.webhooks import MAILBOX, Call

SETTINGS = "the address and the secrets of the journey's webhook"


class WebhookCalls:
    """Makes the calls of journeys.

    Args:
        mailbox: folder for calls to ``mailbox:`` addresses; made when the first one comes.
        allow_private: whether a private network may be called (and http be spoken).
        timeout: seconds for connecting, and for each read and write; a call's deadline may be nearer.
        client: to call with instead of one of our own, which is made at the first call in the loop that runs then.
            An injected client keeps to its own rules about addresses; redirects are not followed either way.
    """

    name = "webhook"

    def __init__(
        self,
        mailbox: Path | None = None,
        *,
        allow_private: bool = False,
        timeout: float = 15,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self._mailbox = mailbox
        self._allow_private = allow_private
        self._timeout = timeout
        self._client = client

    async def call(self, call: Call) -> Verdict:
        """Make one call; docs/webhooks.md says what each answer becomes."""
        if call.url.startswith(MAILBOX):
            return await asyncio.to_thread(self._keep, call)
        try:
            url = checked_url(call.url, allow_private=self._allow_private)
        except ValueError as error:
            return Unavailable(f"{error}; see {SETTINGS}")
        headers = {**call.headers, "idempotency-key": call.key, "webhook-id": call.key}
        if call.signing_secret:
            try:
                signers = signers_of(call.signing_secret)
            except ValueError as error:
                return Unavailable(f"the secret that signs {error}")
            headers |= signed(signers, call.key, datetime.now(UTC), call.body.decode())
        if self._client is None:
            self._client = guarded_client(allow_private=self._allow_private)
        answer = await call_once(
            self._client, "POST", url, headers, call.body, patience=self._timeout, deadline=call.deadline
        )
        if not isinstance(answer, Answer):
            return answer
        found = verdict(answer.status, answer.retry_after, answer.body, call.key, datetime.now(UTC), see=SETTINGS)
        return Refused(found.reason) if isinstance(found, Refused) else found  # it knows no addresses of customers

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    def _keep(self, call: Call) -> Verdict:
        """Write the call into a file; it is there whole or not at all, and once."""
        if self._mailbox is None:
            return Unavailable("there is no mailbox for calls")
        document = {"url": call.url, "headers": dict(call.headers), "body": json.loads(call.body)}
        path = self._mailbox / f"{call.decided_at:%Y%m%dT%H%M%SZ}-webhook-{call.key}.json"
        try:
            self._mailbox.mkdir(parents=True, exist_ok=True)
            descriptor, draft = tempfile.mkstemp(dir=self._mailbox, prefix=".draft-")
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(document, file, ensure_ascii=False, indent=2)
            if time.monotonic() >= call.deadline:
                Path(draft).unlink()
                return Unavailable(TOO_LATE)
            Path(draft).replace(path)
        except OSError as error:
            return Unavailable(f"the mailbox cannot write to {self._mailbox}: {error.strerror}")
        return Accepted(path.name)
