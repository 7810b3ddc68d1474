"""Vonage: texts by its Messages API (v1).

Vonage has no keys: it passes on as many texts as it gets calls. So a text of unclear fate is never repeated; our id
goes along as `client_ref`, comes back in callbacks, and a late one clears up what happened (guarantees A6, A18).
"""

import json
import time
from collections.abc import Mapping
from urllib.parse import urlsplit
from uuid import uuid4

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
from activities.providers.header_safety import header_problem
from activities.providers.http_calls import Answer, HttpApi, by_class
from activities.providers.late_delivery import seconds_to_live
from activities.providers.signed_tokens import rsa_key, signed_token

API = "https://api.nexmo.com"
TIMES_TO_LIVE = (20, 604_800)  # seconds; Vonage's own limits
USUAL_TIME_TO_LIVE = 259_200  # seconds; three days, as without a ttl
LONGEST_TEXT = 1000
TOKEN_LIFETIME = 900  # seconds
APPLICATION = "SOJOURN_VONAGE_APPLICATION_ID and SOJOURN_VONAGE_PRIVATE_KEY, and the clock of this machine"
SENDER = "SOJOURN_SMS_SENDER"
ACCOUNT = "the Vonage account"

# Codes of https://developer.vonage.com/en/api-errors/messages; the rest goes by the class of its status.
BAD_ADDRESS = {"1050", "1170", "1190", "1240"}
WRONG_SETTING: Mapping[str, str] = {
    **dict.fromkeys(("1120", "1420"), SENDER),
    **dict.fromkeys(("1060", "1070", "1080", "1140", "1160", "low-balance", "account-suspended", "forbidden"), ACCOUNT),
    **dict.fromkeys(("unauthorized", "jwt-expired", "jwt-revoked", "unprovisioned"), APPLICATION),
}
WAIT = {"1000", "1100", "1241", "throttled"}  # 1100: "was not submitted"


class VonageProvider:
    """Delivers texts by Vonage.

    Args:
        application_id: of the application in Vonage's dashboard.
        private_key: its private key, PEM.
        sender: a number of ours in E.164, or an alphanumeric sender.
        callback_url: where Vonage tells what became of a text; that of the application if empty.
        url: of the API.

    Raises:
        ValueError: a setting cannot work; the message names it.
    """

    name = "vonage"
    deduplication = Deduplication.NONE

    def __init__(
        self, *, application_id: str, private_key: str, sender: str, callback_url: str = "", url: str = API
    ) -> None:
        self._application_id = application_id
        try:
            self._key = rsa_key(private_key)
        except ValueError as error:
            raise ValueError(f"SOJOURN_VONAGE_PRIVATE_KEY: {error}") from None
        self._sender = sender.removeprefix("+")
        self._callback_url = callback_url
        self._api = HttpApi(url, setting="SOJOURN_VONAGE_URL")

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Make one call; docs/providers/vonage.md says what each answer becomes."""
        problem = header_problem(delivery)
        if problem:
            return Refused(problem)
        if len(delivery.text) > LONGEST_TEXT:
            return Refused(f"longer than {LONGEST_TEXT} characters")
        shortest, longest = TIMES_TO_LIVE
        ttl = seconds_to_live(delivery, least=shortest, most=longest if delivery.not_after else USUAL_TIME_TO_LIVE)
        if isinstance(ttl, Unavailable):
            return ttl
        message: dict[str, object] = {
            "channel": "sms",
            "message_type": "text",
            "to": delivery.to.removeprefix("+"),
            "from": self._sender,
            "text": delivery.text,
            "client_ref": delivery.key,
            "ttl": ttl,
        }
        if self._callback_url:
            message |= {"webhook_url": self._callback_url, "webhook_version": "v1"}
        answer = await self._api.call(
            "POST",
            "/v1/messages",
            content=json.dumps(message),
            headers={"authorization": f"Bearer {self._token()}"},
            deadline=delivery.deadline,
        )
        return verdict(answer) if isinstance(answer, Answer) else answer

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 # the contract's signature
        """Nothing: Vonage finds no messages by an id of ours."""
        return None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    def _token(self) -> str:
        """A token for one call."""
        now = int(time.time())
        claims = {"application_id": self._application_id, "iat": now, "exp": now + TOKEN_LIFETIME, "jti": str(uuid4())}
        return signed_token(claims, self._key)


def verdict(answer: Answer) -> Verdict:
    """What an answer means for the text."""
    if 200 <= answer.status < 300:
        message_id = answer.text("message_uuid")
        return Accepted(message_id) if message_id else Ambiguous(f"{answer.status} without a message's id")
    usual = by_class(answer, see=ACCOUNT if answer.status in {402, 403} else APPLICATION)
    if isinstance(usual, Ambiguous):
        return usual
    code = _code(answer)
    if code in BAD_ADDRESS:
        return Refused(code, address=True)
    if code in WRONG_SETTING:
        return Misconfigured(f"{code}: see {WRONG_SETTING[code]}")
    if code in WAIT:
        return Unavailable(code, usual.retry_after if isinstance(usual, Unavailable) else None)
    if not isinstance(usual, Refused):
        return usual
    wrong = _invalid(answer)  # of the parameters, the receiver is the customer's and the sender ours
    if "from" in wrong:
        return Misconfigured(f"{code or answer.status}: see {SENDER}")
    return Refused(code or str(answer.status), address=wrong == {"to"})


def _code(answer: Answer) -> str:
    """The last part of the error's type: `…/api-errors/messages#1120` or `…/api-errors#low-balance`."""
    return urlsplit(answer.text("type")).fragment.strip("/")[:40]


def _invalid(answer: Answer) -> set[str]:
    found = answer.json().get("invalid_parameters")
    rows = found if isinstance(found, list) else []
    return {str(row.get("name", "")) for row in rows if isinstance(row, dict)}
