"""Mailgun: emails by its HTTP API.

It keeps no keys, but takes our own Message-ID, and its log of events can be asked for that (guarantees section 2.5).
"""

import base64
from urllib.parse import quote, urlencode

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
from activities.providers.email_addresses import checked_recipient, parsed_sender
from activities.providers.http_calls import Answer, HttpApi, by_class

SETTINGS = "SOJOURN_MAILGUN_API_KEY, SOJOURN_MAILGUN_DOMAIN, SOJOURN_MAILGUN_URL and the account at Mailgun"
BAD_ADDRESS = "to parameter is not a valid address"
BAD_SENDER = "from parameter is not a valid address"


class MailgunProvider:
    """Delivers emails by Mailgun.

    Args:
        api_key: that may send.
        domain: that emails are sent from.
        sender: From, as `shop@example.com` or `The Shop <shop@example.com>`.
        url: of the API; `https://api.eu.mailgun.net` for domains in the EU.

    Raises:
        ValueError: a setting cannot work; the message names it.
    """

    name = "mailgun"
    deduplication = Deduplication.LOOKUP

    def __init__(self, *, api_key: str, domain: str, sender: str, url: str = "https://api.mailgun.net") -> None:
        self._sender = parsed_sender(sender, "SOJOURN_EMAIL_SENDER")
        self._domain = domain
        self._path = f"/v3/{quote(domain, safe='')}"
        basic = base64.b64encode(f"api:{api_key}".encode()).decode()
        self._api = HttpApi(url, setting="SOJOURN_MAILGUN_URL", headers={"authorization": f"Basic {basic}"})

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Send one email; docs/providers/mailgun.md says what each answer becomes."""
        recipient = checked_recipient(delivery)
        if isinstance(recipient, Refused):
            return recipient
        try:
            body = urlencode(self._fields(delivery, recipient.normalized))
        except UnicodeEncodeError as error:  # a lone surrogate in a text
            return Refused(f"cannot be written as a call: {type(error).__name__}")
        answer = await self._api.call(
            "POST",
            f"{self._path}/messages",
            content=body,
            headers={"content-type": "application/x-www-form-urlencoded"},
            deadline=delivery.deadline,
        )
        return _verdict(answer) if isinstance(answer, Answer) else answer

    async def look_up(self, key: str) -> Verdict | None:
        """Ask the log of events, which is some seconds behind."""
        params = {"event": "accepted", "message-id": self._message_id(key), "limit": "1"}
        answer = await self._api.ask(f"{self._path}/events", params)
        items = answer.json().get("items") if answer and answer.status == 200 else None
        if items == []:
            return Unavailable("not in the log of events")
        return Accepted(f"<{self._message_id(key)}>") if isinstance(items, list) else None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    def _message_id(self, key: str) -> str:
        return f"{key}@{self._domain}"

    def _fields(self, delivery: Delivery, recipient: str) -> dict[str, str]:
        parts = {"text": delivery.text, "html": delivery.html}
        return {
            "from": str(self._sender),
            "to": recipient,
            "subject": delivery.subject,
            **{name: text for name, text in parts.items() if text},
            **{f"h:{name}": value for name, value in delivery.headers.items()},
            "h:Message-Id": f"<{self._message_id(delivery.key)}>",
            "v:sojourn_message": delivery.key,
            "o:tracking": "no",
        }


def _verdict(answer: Answer) -> Verdict:
    """Read one answer."""
    if 200 <= answer.status < 300:
        found = answer.text("id")
        if found:
            return Accepted(found)
        if b"Mailgun Magnificent API" in answer.body:  # its greeting, at every address that is none of the API's
            return Misconfigured("200 from a wrong address: see SOJOURN_MAILGUN_URL and SOJOURN_MAILGUN_DOMAIN")
        return Ambiguous(f"{answer.status} without an id")
    if answer.status == 400:
        message = answer.text("message").replace("'", "")
        if message.startswith(BAD_SENDER):
            return Misconfigured("400 to the sender: see SOJOURN_EMAIL_SENDER")
        return Refused("400", address=message.startswith(BAD_ADDRESS))
    return by_class(answer, see=SETTINGS)
