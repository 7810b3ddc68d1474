"""Firebase Cloud Messaging: pushes by its HTTP v1 API.

FCM has no keys: a repeated request pushes twice. So a push of unclear fate is never repeated. Each one carries our id
as its tag all the same, under which a device shows one notification and not two.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from activities.delivery import (
    Accepted,
    Ambiguous,
    Deduplication,
    Delivery,
    Misconfigured,
    Refused,
    Unavailable,
    Verdict,
)
from activities.providers.google_tokens import GoogleTokens, ServiceAccount
from activities.providers.header_safety import header_problem
from activities.providers.http_calls import Answer, HttpApi, by_class, seconds_to_wait
from activities.providers.late_delivery import seconds_to_live

API = "https://fcm.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
LONGEST_TIME_TO_LIVE = 2_419_200  # seconds, four weeks: FCM's limit and default
LARGEST = 4096  # bytes of what reaches the device
QUOTA_WAIT = 60.0  # seconds, where a 429 names no time
CREDENTIALS = "SOJOURN_FCM_CREDENTIALS"
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"

# Codes of https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode; the rest goes by the class of its status.
WRONG_SETTING: Mapping[str, str] = {
    "SENDER_ID_MISMATCH": f"{CREDENTIALS}: the app's tokens belong to another project",
    "THIRD_PARTY_AUTH_ERROR": "the APNs key and the web push key in the Firebase console",
}


class FcmProvider:
    """Delivers pushes by FCM.

    Args:
        credentials: text of the service account's file, JSON.
        url: of the API.

    Raises:
        ValueError: a setting cannot work; the message names it.
    """

    name = "fcm"
    deduplication = Deduplication.NONE

    def __init__(self, *, credentials: str, url: str = API) -> None:
        try:
            account = ServiceAccount.parse(credentials)
        except ValueError as error:
            raise ValueError(f"{CREDENTIALS}: {error}") from None
        self._tokens = GoogleTokens(account, SCOPE, setting=CREDENTIALS)
        self._path = f"/v1/projects/{account.project}/messages:send"
        self._api = HttpApi(url, setting="SOJOURN_FCM_URL")

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Make one call; docs/providers/fcm.md says what each answer becomes."""
        problem = header_problem(delivery)
        if problem:
            return Refused(problem)
        ttl = seconds_to_live(delivery, least=0, most=LONGEST_TIME_TO_LIVE)
        if isinstance(ttl, Unavailable):
            return ttl
        content = json.dumps({"message": _message(delivery, ttl)}, ensure_ascii=False, separators=(",", ":"))
        shown = len(delivery.subject.encode(errors="replace")) + len(delivery.text.encode(errors="replace"))
        if shown + len(delivery.key) > LARGEST:
            return Refused(f"larger than {LARGEST} bytes")
        token = await self._tokens.current(delivery.deadline)
        if not isinstance(token, str):
            return token
        headers = {"authorization": f"Bearer {token}"}
        answer = await self._api.call("POST", self._path, content=content, headers=headers, deadline=delivery.deadline)
        if not isinstance(answer, Answer):
            return answer
        if answer.status == 401 and not _fcm_code(answer):
            if self._tokens.forget(token):  # taken back before its time: with the next one it may work
                return Unavailable("401: the access token was refused")
            return Misconfigured(f"401: a new access token was refused: see {CREDENTIALS}")
        return verdict(answer)

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 # the contract's signature
        """Nothing: FCM cannot be asked about a message."""
        return None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._tokens.aclose()
        await self._api.aclose()


def verdict(answer: Answer) -> Verdict:
    """What an answer means for the push."""
    if 200 <= answer.status < 300:
        name = answer.text("name")
        return Accepted(name) if name else Ambiguous(f"{answer.status} without a message's name")
    code = _fcm_code(answer)
    if code == "UNREGISTERED":
        return Refused(code, address=True)
    if code == "INVALID_ARGUMENT":
        # With field violations the message is wrong; without them the token is, since all else is checked before.
        return Refused(code, address=not any(detail.get("@type") == BAD_REQUEST for detail in _details(answer)))
    if code in WRONG_SETTING:
        return Misconfigured(f"{code}: see {WRONG_SETTING[code]}")
    wait = seconds_to_wait(answer.retry_after, datetime.now(UTC))
    if answer.status == 429:
        return Unavailable(code or "429", wait or QUOTA_WAIT)
    if answer.status == 503:
        return Unavailable(code or "503", wait)
    return by_class(answer, see=CREDENTIALS)


def _message(delivery: Delivery, ttl: int) -> dict[str, Any]:
    """What FCM is sent; the expiry is said once for each kind of device.

    An address that stands alone on the last line is where a tap leads; the app finds it as `link`.
    """
    body, _, last = delivery.text.rpartition("\n")
    link = {"link": last} if last.startswith("https://") and " " not in last else {}
    ends = int(datetime.now(UTC).timestamp()) + ttl
    return {
        "token": delivery.to,
        "notification": {"title": delivery.subject, "body": body.rstrip() if link else delivery.text},
        "data": {"sojourn_message": delivery.key, **link},
        "android": {"ttl": f"{ttl}s", "notification": {"tag": delivery.key}},
        "apns": {"headers": {"apns-expiration": str(ends if ttl else 0), "apns-collapse-id": delivery.key}},
        "webpush": {"headers": {"TTL": str(ttl)}, "notification": {"tag": delivery.key}},
    }


def _details(answer: Answer) -> list[dict[str, Any]]:
    error = answer.json().get("error")
    found = error.get("details") if isinstance(error, dict) else None
    return [detail for detail in found if isinstance(detail, dict)] if isinstance(found, list) else []


def _fcm_code(answer: Answer) -> str:
    """FCM's own code; empty where Google's front answers, which speaks of the account and not of the message."""
    for detail in _details(answer):
        if detail.get("@type") == FCM_ERROR:
            return str(detail.get("errorCode", ""))[:40]
    return ""
