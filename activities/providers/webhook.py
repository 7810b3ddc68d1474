"""Webhook: emails and texts go to the client's own messaging service as signed JSON (Standard Webhooks).

The service keeps our key (`webhook-id`, and the same as `Idempotency-Key`) and answers a repeated call as it
answered the first: that is what lets us repeat one whose fate is unclear. Repeated calls carry the same body.
"""

import asyncio
import base64
import binascii
import contextlib
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpcore
import httpx
from standardwebhooks import Webhook

from activities.delivery import Ambiguous, Deduplication, Delivery, Refused, Unavailable, Verdict
from activities.providers.header_safety import header_problem
from activities.providers.safe_urls import ForbiddenAddressError, checked_url, guarded_client
from activities.providers.webhook_answers import verdict

LONGEST_ANSWER = 1024 * 1024
SECRET_BYTES = range(24, 65)  # Standard Webhooks 1.0.0, "Signature scheme"
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

TOO_LATE = "the deadline passed before the call was written"


class _TooLateError(Exception):
    """The deadline passed before the first byte was written."""


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
        self._signers = [_signer(part) for part in secret.split()]
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
        if time.monotonic() >= delivery.deadline:
            return Unavailable(TOO_LATE)
        if self._client is None:
            self._client = guarded_client(allow_private=self._allow_private)
        progress = _Progress(delivery.deadline)
        try:
            request = self._request(self._client, delivery, progress)
        except ValueError as error:  # a lone surrogate in a text, for instance
            return Refused(f"cannot be written as a call: {type(error).__name__}")
        try:
            async with asyncio.timeout(delivery.deadline - time.monotonic()):
                response = await self._client.send(request, stream=True, follow_redirects=False)
        except Exception as error:  # noqa: BLE001 # a driver never raises: how far it came says what broke
            await progress.hang_up()
            return progress.broken(error)
        # The status has decided; what follows can only add to it.
        body = await _read(response, delivery.deadline)
        retry_after = response.headers.get("retry-after")
        return verdict(response.status_code, retry_after, body, delivery.key, datetime.now(UTC))

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 # the contract's signature
        """Nothing: the same call again is how the service is asked."""
        return None

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    def _request(self, client: httpx.AsyncClient, delivery: Delivery, progress: "_Progress") -> httpx.Request:
        body = _body(delivery)
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "accept": "application/json",
            "accept-encoding": "identity",  # an answer is never unpacked, so it cannot be a bomb
            "user-agent": "sojourn",
            "idempotency-key": delivery.key,
            "webhook-id": delivery.key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signer.sign(delivery.key, now, body) for signer in self._signers),
        }
        return client.build_request(
            "POST",
            self._url,
            headers=headers,
            content=body.encode(),
            timeout=self._timeout,
            extensions={"trace": progress.trace},
        )


class _Progress:
    """How far a call has come, as httpcore tells it."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._begun = False
        self._connection: httpcore.AsyncNetworkStream | None = None

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Note an event; stop the call where its first byte would be written too late (guarantees A9)."""
        if event == "connection.connect_tcp.complete":
            self._connection = info["return_value"]
        elif event.endswith("send_request_headers.started"):
            if time.monotonic() >= self._deadline:
                raise _TooLateError
            self._begun = True

    async def hang_up(self) -> None:
        """Close a connection that the call opened; httpcore 1.0 forgets one that is stopped while it encrypts."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                await self._connection.aclose()

    def broken(self, error: Exception) -> Verdict:
        """What an error means (guarantees A8)."""
        match error:
            case _TooLateError():
                return Unavailable(TOO_LATE)
            case httpx.LocalProtocolError():
                return Refused("cannot be written as a call: LocalProtocolError")
            case httpx.ConnectError() if isinstance(error.__cause__, ForbiddenAddressError):
                return Unavailable("the service's address is not allowed: see SOJOURN_WEBHOOK_ALLOW_PRIVATE")
        # An injected client may tell nothing of its progress; then httpx's own errors speak for themselves.
        if isinstance(error, NEVER_LEFT) or not (self._begun or isinstance(error, httpx.HTTPError)):
            return Unavailable(f"no connection to the service: {type(error).__name__}")
        return Ambiguous(f"{type(error).__name__} after the call was begun")


async def _read(response: httpx.Response, deadline: float) -> bytes:
    """The body of an answer as it came, up to a limit and to the deadline; nothing where it cannot be read."""
    found = bytearray()
    try:
        async with asyncio.timeout(deadline - time.monotonic()):
            async for part in response.aiter_raw():
                found += part
                if len(found) > LONGEST_ANSWER:
                    found.clear()
                    break
    except (httpx.HTTPError, TimeoutError):
        found.clear()
    with contextlib.suppress(httpx.HTTPError):
        await response.aclose()
    return bytes(found)


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


def _signer(secret: str) -> Webhook:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if len(key) not in SECRET_BYTES:
        raise ValueError("SOJOURN_WEBHOOK_SECRET must be whsec_ and 24 to 64 bytes in base64")
    return Webhook(key)
