"""Resend: emails by its HTTP API.

It keeps our keys for 24 hours: the same bytes under the same key are answered as before and sent once (guarantees
section 2.6).
"""

import json

from activities.delivery import Accepted, Ambiguous, Deduplication, Delivery, Misconfigured, Refused, Verdict
from activities.providers.email_addresses import checked_recipient, parsed_sender
from activities.providers.http_calls import Answer, HttpApi, by_class

SETTINGS = "SOJOURN_RESEND_API_KEY, SOJOURN_EMAIL_SENDER and the account at Resend"
# Both come with 429, and no wait of seconds helps.
QUOTAS = {"daily_quota_exceeded", "monthly_quota_exceeded"}
KEY_IN_USE = {"concurrent_idempotent_requests", "invalid_idempotent_request"}
ACCOUNT = {"invalid_from_address", "invalid_access", "invalid_region"}


class ResendProvider:
    """Delivers emails by Resend.

    Args:
        api_key: that may send.
        sender: From, as `shop@example.com` or `The Shop <shop@example.com>`.
        url: of the API.

    Raises:
        ValueError: a setting cannot work; the message names it.
    """

    name = "resend"
    deduplication = Deduplication.KEY

    def __init__(self, *, api_key: str, sender: str, url: str = "https://api.resend.com") -> None:
        self._sender = parsed_sender(sender, "SOJOURN_EMAIL_SENDER")
        headers = {"authorization": f"Bearer {api_key}"}
        self._api = HttpApi(url, setting="SOJOURN_RESEND_URL", headers=headers, keep_alive=True)

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Send one email; docs/providers/resend.md says what each answer becomes."""
        recipient = checked_recipient(delivery)
        if isinstance(recipient, Refused):
            return recipient
        answer = await self._api.call(
            "POST",
            "/emails",
            content=self._body(delivery, recipient.normalized),
            headers={"idempotency-key": delivery.key},
            deadline=delivery.deadline,
        )
        return _verdict(answer) if isinstance(answer, Answer) else answer

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 # the contract's signature
        """Nothing: the same call again is how Resend is asked."""
        return None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    def _body(self, delivery: Delivery, recipient: str) -> str:
        """The same bytes for every attempt (guarantees A11)."""
        parts = {"text": delivery.text, "html": delivery.html}
        return json.dumps(
            {
                "from": str(self._sender),
                "to": [recipient],
                "subject": delivery.subject,
                **{name: text for name, text in parts.items() if text},
                "headers": dict(delivery.headers),
                "tags": [{"name": "sojourn_message", "value": delivery.key}],
            },
            ensure_ascii=False,  # a lone surrogate then fails here, not at the provider
        )


def _verdict(answer: Answer) -> Verdict:
    """Read one answer."""
    if 200 <= answer.status < 300:
        found = answer.text("id")
        return Accepted(found) if found else Ambiguous(f"{answer.status} without an id")
    error = answer.text("name")
    if error in QUOTAS:
        return Misconfigured(f"{answer.status} {error}: see the plan at Resend")
    if error in ACCOUNT:
        return Misconfigured(f"{answer.status} {error}: see {SETTINGS}")
    if answer.status == 409:  # another call with this key is under way, or came with another body
        return Ambiguous(f"409 {error}" if error in KEY_IN_USE else "409")
    if error == "security_error":  # 451, a judgement of the content
        return Refused("451 security_error")
    return by_class(answer, see=SETTINGS)
