"""One HTTP call and no second one, with an eye on the clock: the part that all callers of webhooks share."""

import asyncio
import base64
import binascii
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpcore
import httpx
from standardwebhooks import Webhook

from activities.delivery import Ambiguous, Refused, Unavailable, Verdict
from activities.providers.safe_urls import ForbiddenAddressError

LONGEST_ANSWER = 1024 * 1024
SECRET_BYTES = range(24, 65)  # Standard Webhooks 1.0.0, "Signature scheme"
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

TOO_LATE = "the deadline passed before the call was written"


@dataclass(frozen=True)
class Answer:
    """What the other side said; an empty body where it could not be read."""

    status: int
    retry_after: str | None
    body: bytes


class _TooLateError(Exception):
    """The deadline passed before the first byte was written."""


async def post_once(
    client: httpx.AsyncClient,
    url: httpx.URL,
    headers: Mapping[str, str],
    content: str | bytes,
    *,
    patience: float,
    deadline: float,
) -> Answer | Verdict:
    """Make one call with a JSON body.

    Args:
        client: to call with; redirects are not followed, whatever it thinks of them.
        url: where to.
        headers: beside those that every call has.
        content: the very bytes of the body; a text is written in UTF-8.
        patience: seconds for connecting, and for each read and write.
        deadline: reading of `time.monotonic()` after which nothing is written any more.

    Returns:
        The answer, or what it means that there is none (guarantees A8).
    """
    if time.monotonic() >= deadline:
        return Unavailable(TOO_LATE)
    progress = _Progress(deadline)
    ours = {
        "content-type": "application/json",
        "accept": "application/json",
        "accept-encoding": "identity",  # an answer is never unpacked, so it cannot be a bomb
        "user-agent": "sojourn",
    }
    try:
        body = content.encode() if isinstance(content, str) else content
        request = client.build_request(
            "POST",
            url,
            headers={**ours, **headers},
            content=body,
            timeout=patience,
            extensions={"trace": progress.trace},
        )
    except ValueError as error:  # a lone surrogate in a text, for instance
        return Refused(f"cannot be written as a call: {type(error).__name__}")
    try:
        async with asyncio.timeout(deadline - time.monotonic()):
            response = await client.send(request, stream=True, follow_redirects=False)
    except Exception as error:  # noqa: BLE001 # a driver never raises: how far it came says what broke
        await progress.hang_up()
        return progress.broken(error)
    # The status has decided; what follows can only add to it.
    return Answer(response.status_code, response.headers.get("retry-after"), await _read(response, deadline))


def signed(signers: "list[Webhook]", key: str, now: datetime, body: str) -> dict[str, str]:
    """The headers of Standard Webhooks 1.0.0.

    Args:
        signers: one for each valid secret.
        key: the id of the call, the same for every attempt.
        now: wall-clock instant of this attempt.
        body: what is sent.
    """
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signer.sign(key, now, body) for signer in signers),
    }


def signers_of(secrets: str) -> "list[Webhook]":
    """What signs with the secrets in a text, one or, while one replaces the other, two with a space between them.

    Raises:
        ValueError: one is no secret of Standard Webhooks.
    """
    return [_signer(secret) for secret in secrets.split()]


def _signer(secret: str) -> Webhook:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if len(key) not in SECRET_BYTES:
        raise ValueError("must be whsec_ and 24 to 64 bytes in base64")
    return Webhook(key)


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
