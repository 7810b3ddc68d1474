"""Postmark: emails by its HTTP API.

It keeps no keys, but messages carry our id as metadata and can be searched by it (guarantees section 2.4).
"""

import json

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

SETTINGS = "SOJOURN_POSTMARK_TOKEN, SOJOURN_POSTMARK_STREAM and the account at Postmark"
MAINTENANCE = 100
INACTIVE_RECIPIENT = 406  # it bounced, complained or unsubscribed there
WRONG_SENDER = {400, 401}  # no sender signature, or one that is not confirmed
# A bad token; out of credit; a pending, then a blocked account; a stream that does not exist, or is archived.
WRONG_ACCOUNT = {10, 405, 412, 413, 1235, 1236}


class PostmarkProvider:
    """Delivers emails by Postmark.

    Args:
        token: of the server.
        sender: From, as `shop@example.com` or `The Shop <shop@example.com>`.
        stream: message stream; marketing belongs into one of type broadcast.
        url: of the API.

    Raises:
        ValueError: a setting cannot work; the message names it.
    """

    name = "postmark"
    deduplication = Deduplication.LOOKUP

    def __init__(
        self, *, token: str, sender: str, stream: str = "outbound", url: str = "https://api.postmarkapp.com"
    ) -> None:
        self._sender = parsed_sender(sender, "SOJOURN_EMAIL_SENDER")
        self._stream = stream
        self._api = HttpApi(url, setting="SOJOURN_POSTMARK_URL", headers={"x-postmark-server-token": token})

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Send one email; docs/providers/postmark.md says what each answer becomes."""
        recipient = checked_recipient(delivery)
        if isinstance(recipient, Refused):
            return recipient
        body = self._body(delivery, recipient.normalized)
        answer = await self._api.call("POST", "/email", content=body, deadline=delivery.deadline)
        return _verdict(answer) if isinstance(answer, Answer) else answer

    async def look_up(self, key: str) -> Verdict | None:
        """Search the messages of the last weeks; what is not found may be on its way into the index."""
        params = {"count": "1", "offset": "0", "metadata_sojourn_message": key}
        answer = await self._api.ask("/messages/outbound", params)
        messages = answer.json().get("Messages") if answer and answer.status == 200 else None
        if messages == []:
            return Unavailable("not in the search")
        if not (isinstance(messages, list) and messages and isinstance(messages[0], dict)):
            return None
        found = messages[0].get("MessageID")
        return Accepted(found) if isinstance(found, str) else None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    def _body(self, delivery: Delivery, recipient: str) -> str:
        return json.dumps(
            {
                "From": str(self._sender),
                "To": recipient,
                "Subject": delivery.subject,
                "TextBody": delivery.text,
                "HtmlBody": delivery.html,
                "Headers": [{"Name": name, "Value": value} for name, value in delivery.headers.items()],
                "Metadata": {"sojourn_message": delivery.key},
                "MessageStream": self._stream,
                "TrackOpens": False,
                "TrackLinks": "None",
            },
            ensure_ascii=False,  # a lone surrogate then fails here, not at the provider
        )


def _verdict(answer: Answer) -> Verdict:
    """Read one answer."""
    code = answer.json().get("ErrorCode", 0)
    # A delayed message has an id and no code, or 0: it is accepted.
    if 200 <= answer.status < 300 and code == 0:
        found = answer.text("MessageID")
        return Accepted(found) if found else Ambiguous(f"{answer.status} without an id")
    reason = f"{answer.status} with code {code}" if isinstance(code, int) and code else str(answer.status)
    match code:
        case _ if code == MAINTENANCE:
            return Unavailable(reason)
        case _ if code == INACTIVE_RECIPIENT:
            return Refused(reason, address=True)
        case _ if code in WRONG_SENDER:
            return Misconfigured(f"{reason}: see SOJOURN_EMAIL_SENDER")
        case _ if code in WRONG_ACCOUNT:
            return Misconfigured(f"{reason}: see {SETTINGS}")
    return Refused(reason) if answer.status == 422 else by_class(answer, see=SETTINGS)
