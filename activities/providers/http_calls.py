"""One HTTP call and no second one, with an eye on the clock: what all drivers that speak HTTP share.

A driver makes an `HttpApi`, calls it once, and reads the `Answer` with a table of its own; `by_class` has what all
providers mean alike. Where there is no answer, the call itself is the verdict (guarantees A8).
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpcore
import httpx

from activities.delivery import Ambiguous, Misconfigured, Refused, Unavailable, Verdict
from activities.providers.safe_urls import ForbiddenAddressError
from activities.providers.trusted import trusted

LONGEST_ANSWER = 1024 * 1024
LONGEST_WAIT = 3600.0
LONGEST_ID = 200
KEPT_OPEN = 2.0  # seconds of idleness; after 5 many a server hangs up, and a call begun just then is of unclear fate
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
WRONG_MESSAGE = {400, 413, 415, 422}  # of the other 4xx each says something of the account or of the address called

TOO_LATE = "the deadline passed before the call was written"


@dataclass(frozen=True)
class Answer:
    """What the other side said.

    Attributes:
        status: of HTTP.
        headers: names in lower case.
        body: empty where it could not be read.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def retry_after(self) -> str | None:
        """That header, as it came."""
        return self.headers.get("retry-after")

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty where it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def text(self, field: str) -> str:
        """One short text out of the JSON object, such as the provider's id of a message; "" where there is none."""
        value = self.json().get(field)
        return value[:LONGEST_ID] if isinstance(value, str) and value.isprintable() else ""


class HttpApi:
    """A provider's API.

    Redirects are not followed, nothing is repeated, and neither proxies nor `.netrc` are taken from the environment.

    Args:
        url: where it is; https, or http on this machine.
        setting: that holds the URL, for the message that says it is wrong.
        headers: of every call, such as the key.
        timeout: seconds for connecting, and for each read and write; a call's deadline may be nearer.
        keep_alive: whether connections stay open for later calls. A stale one fails like a call whose fate is
            unclear, so it is for providers that keep our keys (guarantees A8b).

    Raises:
        ValueError: the URL cannot work.
    """

    def __init__(
        self,
        url: str,
        *,
        setting: str,
        headers: Mapping[str, str] | None = None,
        timeout: float = 15,
        keep_alive: bool = False,
    ) -> None:
        try:
            self._url = httpx.URL(url.rstrip("/"))
        except httpx.InvalidURL as error:
            raise ValueError(f"{setting}: not a URL: {error}") from None
        if not (self._url.scheme == "https" or (self._url.scheme == "http" and self._url.host in LOOPBACK)):
            raise ValueError(f"{setting}: the URL must begin with https://")
        self._headers = dict(headers or {})
        self._timeout = timeout
        self._limits = httpx.Limits(max_keepalive_connections=20 if keep_alive else 0, keepalive_expiry=KEPT_OPEN)
        self._client: httpx.AsyncClient | None = None

    async def call(
        self,
        method: str,
        path: str,
        *,
        deadline: float,
        content: str | bytes = b"",
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer | Verdict:
        """Make one call.

        Args:
            method: of HTTP.
            path: begins with a slash.
            deadline: reading of `time.monotonic()` after which nothing is written any more.
            content: the very bytes of the body; a text is written in UTF-8. JSON unless `headers` say otherwise.
            params: of the query; encoded here.
            headers: beside those that every call has.

        Returns:
            The answer, or what it means that there is none.
        """
        if self._client is None:  # a client belongs to the loop that it is first used in
            self._client = httpx.AsyncClient(limits=self._limits, verify=trusted(), trust_env=False)
        url = self._url.copy_with(path=self._url.path.rstrip("/") + path)
        return await call_once(
            self._client,
            method,
            url.copy_merge_params(params) if params else url,
            {**self._headers, **(headers or {})},
            content,
            patience=self._timeout,
            deadline=deadline,
        )

    async def ask(self, path: str, params: Mapping[str, str]) -> Answer | None:
        """Read something, within the time for one answer; None where there is no answer."""
        answer = await self.call("GET", path, params=params, deadline=time.monotonic() + self._timeout)
        return answer if isinstance(answer, Answer) else None

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()


async def call_once(
    client: httpx.AsyncClient,
    method: str,
    url: httpx.URL,
    headers: Mapping[str, str],
    content: str | bytes,
    *,
    patience: float,
    deadline: float,
) -> Answer | Verdict:
    """Make one call.

    Args:
        client: to call with; redirects are not followed, whatever it thinks of them.
        method: of HTTP.
        url: where to.
        headers: beside those that every call has.
        content: the very bytes of the body; a text is written in UTF-8. JSON unless `headers` say otherwise.
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
            method,
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
    return Answer(response.status_code, dict(response.headers), await _read(response, deadline))


def by_class(answer: Answer, *, see: str) -> Verdict:
    """What a status means where the provider's own codes say no more (guarantees B1). Not for 2xx.

    Reasons carry the status and never the body: it may quote the address, and reasons end in histories.

    Args:
        answer: of the provider.
        see: where staff look if the account is at fault: names of settings, or of a page.
    """
    status = answer.status
    if status == 429:
        return Unavailable("429", seconds_to_wait(answer.retry_after, datetime.now(UTC)))
    if status in WRONG_MESSAGE:
        return Refused(str(status))
    if status == 408 or not 300 <= status < 500:
        return Ambiguous(str(status))
    return Misconfigured(f"{status}: see {see}")


def seconds_to_wait(retry_after: str | None, now: datetime) -> float | None:
    """Seconds from a Retry-After header (RFC 9110 section 10.2.3), one hour at most.

    Args:
        retry_after: a number of seconds or a date, as it came.
        now: wall-clock instant, to which a date is compared.

    Returns:
        None where the header is missing, is in the past, or is neither a number nor a date.
    """
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    else:
        try:
            date = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        seconds = ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds()
    return min(seconds, LONGEST_WAIT) if seconds > 0 else None


class _TooLateError(Exception):
    """The deadline passed before the first byte was written."""


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
