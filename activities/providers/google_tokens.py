"""Access tokens of Google for a service account (RFC 7523): asked for once, kept until shortly before they end."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from activities.delivery import Accepted, Misconfigured, Unavailable
from activities.providers.http_calls import Answer, HttpApi, seconds_to_wait
from activities.providers.signed_tokens import rsa_key, signed_token

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_LIFETIME = 3600  # seconds, the longest that Google takes
EARLY = 300.0  # seconds before its end from which a token is not used any more
ANSWER_WITHIN = 10.0  # seconds
JUST_NOW = 60.0  # seconds


@dataclass(frozen=True)
class ServiceAccount:
    """What the file of a service account says."""

    project: str
    email: str
    key_id: str
    private_key: str
    token_url: str

    @classmethod
    def parse(cls, text: str) -> "ServiceAccount":
        """Read the file's text, as Google's console gives it out.

        Raises:
            ValueError: it is no such file.
        """
        try:
            found = json.loads(text)
        except ValueError:
            raise ValueError("not JSON") from None
        if not isinstance(found, dict) or found.get("type") != "service_account":
            raise ValueError("not the file of a service account")
        for name in ("project_id", "client_email", "private_key", "token_uri"):
            if not isinstance(found.get(name), str) or not found[name]:
                raise ValueError(f"it has no {name}")
        key_id = str(found.get("private_key_id", ""))
        return cls(found["project_id"], found["client_email"], key_id, found["private_key"], found["token_uri"])


class GoogleTokens:
    """Keeps one access token.

    Args:
        account: whose.
        scope: what the token is good for.
        setting: that holds the account, for reasons and errors.

    Raises:
        ValueError: the account's key or address cannot work.
    """

    def __init__(self, account: ServiceAccount, scope: str, *, setting: str) -> None:
        try:
            self._key = rsa_key(account.private_key)
        except ValueError as error:
            raise ValueError(f"{setting}: private_key: {error}") from None
        self._account = account
        self._scope = scope
        self._setting = setting
        parts = urlsplit(account.token_url)
        self._path = parts.path or "/"
        self._api = HttpApi(f"{parts.scheme}://{parts.netloc}", setting=setting, timeout=ANSWER_WITHIN)
        self._token = ""
        self._given_at = self._good_until = 0.0  # readings of time.monotonic()
        self._asking = asyncio.Lock()

    async def current(self, deadline: float) -> str | Unavailable | Misconfigured:
        """A token that is good for a while, or why there is none. Callers at the same time share one question.

        Args:
            deadline: reading of `time.monotonic()` after which nobody needs it any more.
        """
        async with self._asking:
            if not self._token or time.monotonic() >= self._good_until:
                problem = await self._ask(deadline)
                if problem is not None:
                    return problem
            return self._token

    def forget(self, token: str) -> bool:
        """A token was refused; the next call asks for another one.

        Returns:
            Whether another one can help: a token that Google gave just now is refused for a reason that stays.
        """
        if token != self._token:
            return True
        self._token = ""
        return time.monotonic() - self._given_at > JUST_NOW

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _ask(self, deadline: float) -> Unavailable | Misconfigured | None:
        form = urlencode({"grant_type": GRANT, "assertion": self._assertion()})
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = await self._api.call("POST", self._path, content=form, headers=headers, deadline=deadline)
        if not isinstance(answer, Answer):  # whatever broke: a token may be asked for twice
            why = "" if isinstance(answer, Accepted) else f": {answer.reason}"
            return Unavailable(f"no access token from Google{why}")
        told = answer.json()
        token, lifetime = told.get("access_token"), told.get("expires_in")
        if answer.status == 200 and isinstance(token, str) and isinstance(lifetime, int | float):
            self._token = token
            self._given_at = time.monotonic()
            self._good_until = self._given_at + max(lifetime - EARLY, lifetime / 2)
            return None
        if answer.status in {400, 401, 403, 404}:
            why = answer.text("error")[:40] or str(answer.status)
            return Misconfigured(f"no access token from Google ({why}): see {self._setting} and this machine's clock")
        wait = seconds_to_wait(answer.retry_after, datetime.now(UTC))
        return Unavailable(f"no access token from Google: {answer.status}", wait)

    def _assertion(self) -> str:
        now = int(time.time())
        claims: Mapping[str, Any] = {
            "iss": self._account.email,
            "scope": self._scope,
            "aud": self._account.token_url,
            "iat": now,
            "exp": now + ASSERTION_LIFETIME,
        }
        return signed_token(claims, self._key, kid=self._account.key_id)
