"""SendGrid v3: emails by its HTTP API.

It keeps no keys and (but for a paid add-on) cannot be asked for a message, so one whose fate is unclear is never
sent again; the event webhook, which hands our id back, may still tell (guarantees section 2.3).
"""

import json
from datetime import UTC, datetime

from activities.delivery import Accepted, Deduplication, Delivery, Misconfigured, Refused, Unavailable, Verdict
from activities.providers.email_addresses import checked_recipient, parsed_sender
from activities.providers.http_calls import LONGEST_WAIT, Answer, HttpApi, by_class

SETTINGS = "SOJOURN_SENDGRID_API_KEY, SOJOURN_SENDGRID_URL and the account at SendGrid"
RECIPIENT = "personalizations.0.to"  # of the field that an error names
OFF = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
}


class SendGridProvider:
    """Delivers emails by SendGrid.

    Args:
        api_key: that may send.
        sender: From, as `shop@example.com` or `The Shop <shop@example.com>`.
        url: of the API; `https://api.eu.sendgrid.com` for accounts in the EU.

    Raises:
        ValueError: a setting cannot work; the message names it.
    """

    name = "sendgrid"
    deduplication = Deduplication.NONE

    def __init__(self, *, api_key: str, sender: str, url: str = "https://api.sendgrid.com") -> None:
        self._sender = parsed_sender(sender, "SOJOURN_EMAIL_SENDER")
        self._api = HttpApi(url, setting="SOJOURN_SENDGRID_URL", headers={"authorization": f"Bearer {api_key}"})

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Send one email; docs/providers/sendgrid.md says what each answer becomes."""
        recipient = checked_recipient(delivery)
        if isinstance(recipient, Refused):
            return recipient
        body = self._body(delivery, recipient.normalized)
        answer = await self._api.call("POST", "/v3/mail/send", content=body, deadline=delivery.deadline)
        return _verdict(answer, delivery.key) if isinstance(answer, Answer) else answer

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 # the contract's signature
        """Nothing: SendGrid's log of messages is a paid add-on."""
        return None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    def _body(self, delivery: Delivery, recipient: str) -> str:
        # custom_args hold our id and nothing else: SendGrid can never erase them (guarantees B11).
        parts = {"text/plain": delivery.text, "text/html": delivery.html}
        return json.dumps(
            {
                "personalizations": [{"to": [{"email": recipient}]}],
                "from": {"email": self._sender.addr_spec, "name": self._sender.display_name},
                "subject": delivery.subject,
                "content": [{"type": kind, "value": text} for kind, text in parts.items() if text],
                "headers": dict(delivery.headers),
                "custom_args": {"sojourn_message": delivery.key},
                "tracking_settings": OFF,
            },
            ensure_ascii=False,  # a lone surrogate then fails here, not at the provider
        )


def _verdict(answer: Answer, key: str) -> Verdict:
    """Read one answer."""
    if 200 <= answer.status < 300:
        return Accepted(answer.headers.get("x-message-id") or key)
    if answer.status == 429 and answer.retry_after is None:
        return Unavailable("429", _until(answer.headers.get("x-ratelimit-reset", ""), datetime.now(UTC)))
    if answer.status == 400:
        fields = _fields(answer)
        if any(field.startswith("from") for field in fields):
            return Misconfigured("400 to the sender: see SOJOURN_EMAIL_SENDER")
        return Refused("400", address=any(field.startswith(RECIPIENT) for field in fields))
    return by_class(answer, see=SETTINGS)


def _fields(answer: Answer) -> list[str]:
    """The fields that the errors are about."""
    errors = answer.json().get("errors")
    found = [error.get("field") for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    return [field for field in found if isinstance(field, str)]


def _until(epoch: str, now: datetime) -> float | None:
    """Seconds from now to an instant in Unix seconds, one hour at most; None if that is no number or has passed."""
    if not (epoch.isascii() and epoch.isdigit()):
        return None
    seconds = float(epoch[:12]) - now.timestamp()
    return min(seconds, LONGEST_WAIT) if seconds > 0 else None
