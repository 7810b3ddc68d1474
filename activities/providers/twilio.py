"""Twilio: texts by its Messages API.

Twilio has no keys: it says itself that a repeated request may send twice, and a message cannot be looked up by an id
of ours. So a text of unclear fate is never repeated; our id goes into the address of its callbacks, and a late one
clears up what happened (guarantees A6, A18).
"""

import base64
from collections.abc import Mapping
from urllib.parse import urlencode

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

API = "https://api.twilio.com"
LONGEST_VALIDITY = 36_000  # seconds; Twilio's own limit and default
LONGEST_TEXT = 1600
ACCOUNT = "SOJOURN_TWILIO_ACCOUNT_SID and SOJOURN_TWILIO_AUTH_TOKEN"
SENDER = "SOJOURN_SMS_SENDER"
REGIONS = "the messaging geographic permissions of the Twilio account"

# Codes of https://www.twilio.com/docs/api/errors; the rest goes by the class of its status.
BAD_ADDRESS = {21211, 21214, 21217, 21421, 21610, 21614, 21635}  # no number, no mobile, told Twilio to stop (21610)
BAD_MESSAGE = {21602, 21612, 21617}
WRONG_SETTING: Mapping[int, str] = {
    **dict.fromkeys((20003, 20005, 20008, 20403, 20404, 30002), ACCOUNT),
    **dict.fromkeys((21212, 21603, 21606, 21659, 21660, 21701, 21703, 21705), SENDER),
    **dict.fromkeys((21408, 21215), REGIONS),
    21609: "SOJOURN_PUBLIC_URL",  # of the callback
}
WAIT = {14107, 20429, 21611}  # too many requests, or too many texts in the sender's queue
WAIT_LONG = {63038: 3600.0}  # the account's messages for today are used up
FAILED = {"failed", "undelivered", "canceled"}


class TwilioProvider:
    """Delivers texts by Twilio.

    Args:
        account_sid: `AC` and 32 hexadecimal digits.
        auth_token: of the account; also signs Twilio's callbacks.
        sender: a number of ours in E.164, an alphanumeric sender, or the `MG…` id of a messaging service.
        callback_url: where Twilio tells what became of a text; empty for nowhere.
        url: of the API.

    Raises:
        ValueError: a setting cannot work; the message names it.
    """

    name = "twilio"
    deduplication = Deduplication.NONE

    def __init__(
        self, *, account_sid: str, auth_token: str, sender: str, callback_url: str = "", url: str = API
    ) -> None:
        if not (account_sid.startswith("AC") and len(account_sid) == 34 and account_sid.isalnum()):
            raise ValueError("SOJOURN_TWILIO_ACCOUNT_SID must be AC and 32 letters or digits")
        self._path = f"/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._sender = {"MessagingServiceSid" if sender.startswith("MG") and len(sender) == 34 else "From": sender}
        self._callback_url = callback_url
        basic = base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        headers = {"authorization": f"Basic {basic}", "content-type": "application/x-www-form-urlencoded"}
        self._api = HttpApi(url, setting="SOJOURN_TWILIO_URL", headers=headers)

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Make one call; docs/providers/twilio.md says what each answer becomes."""
        problem = header_problem(delivery)
        if problem:
            return Refused(problem)
        if len(delivery.text) > LONGEST_TEXT:
            return Refused(f"longer than {LONGEST_TEXT} characters")
        validity = seconds_to_live(delivery, least=1, most=LONGEST_VALIDITY)
        if isinstance(validity, Unavailable):
            return validity
        form = {"To": delivery.to, **self._sender, "Body": delivery.text, "ValidityPeriod": str(validity)}
        if self._callback_url:
            form["StatusCallback"] = f"{self._callback_url}?{urlencode({'sojourn_message': delivery.key})}"
        try:
            content = urlencode(form)
        except UnicodeEncodeError:  # a lone surrogate
            return Refused("cannot be written as a call: UnicodeEncodeError")
        answer = await self._api.call("POST", self._path, content=content, deadline=delivery.deadline)
        return verdict(answer) if isinstance(answer, Answer) else answer

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 # the contract's signature
        """Nothing: Twilio knows no ids of ours."""
        return None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()


def verdict(answer: Answer) -> Verdict:
    """What an answer means for the text."""
    if 200 <= answer.status < 300:
        return _taken(answer)
    code = answer.json().get("code")
    usual = by_class(answer, see=ACCOUNT)
    if not isinstance(code, int) or isinstance(usual, Ambiguous):
        return usual
    if code in BAD_ADDRESS:
        return Refused(str(code), address=True)
    if code in BAD_MESSAGE:
        return Refused(str(code))
    if code in WRONG_SETTING:
        return Misconfigured(f"{code}: see {WRONG_SETTING[code]}")
    if code in WAIT_LONG:
        return Unavailable(str(code), WAIT_LONG[code])
    if code in WAIT:
        return Unavailable(str(code), usual.retry_after if isinstance(usual, Unavailable) else None)
    return usual


def _taken(answer: Answer) -> Verdict:
    message_id = answer.text("sid")
    if not message_id:
        return Ambiguous(f"{answer.status} without a message's id")
    if answer.text("status") in FAILED:
        return Refused(str(answer.json().get("error_code") or answer.text("status")))
    return Accepted(message_id)
