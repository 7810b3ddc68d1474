"""Resend as its documentation has it: keys for a day, callbacks signed as Standard Webhooks under Svix's names."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from standardwebhooks import Webhook

from worker.fake_providers.core import Callback, Event, FakeProvider, Reply, Request, Sending

API_KEY = "re_fake_key"
CALLBACK_SECRET = "whsec_ZmFrZS1zZWNyZXQtb2YtdGhlLWZha2UtcmVzZW5k"  # noqa: S105 # of the fake
WRONG_SECRET = "whsec_d3Jvbmctc2VjcmV0LW9mLXRoZS1mYWtlLXJlc2VuZA=="  # noqa: S105 # of the fake
EVENTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "delivered": ("email.delivered", {}),
    "bounced": ("email.bounced", {"bounce": {"type": "Permanent", "subType": "General", "message": "unknown user"}}),
    "deferred": ("email.delivery_delayed", {}),
    "soft_bounced": ("email.bounced", {"bounce": {"type": "Transient", "subType": "MailboxFull", "message": "full"}}),
    "failed": ("email.failed", {"failed": {"reason": "reached_daily_quota"}}),
    "complained": ("email.complained", {}),
    "opened": ("email.opened", {"open": {}}),
    "clicked": ("email.clicked", {"click": {"link": "https://shop.example.com/"}}),
}


class FakeResend(FakeProvider):
    """Resend."""

    name = "resend"

    def settings(self, base_url: str) -> Mapping[str, str]:
        """Key, address, and the secret of callbacks."""
        return {
            "SOJOURN_EMAIL_PROVIDER": self.name,
            "SOJOURN_EMAIL_SENDER": "Shop <shop@shop.example.com>",
            "SOJOURN_RESEND_API_KEY": API_KEY,
            "SOJOURN_RESEND_URL": base_url,
            "SOJOURN_RESEND_CALLBACK_SECRET": CALLBACK_SECRET,
        }

    def read(self, request: Request) -> Sending | None:
        """`POST /emails`."""
        if (request.method, request.path) != ("POST", "/emails"):
            return None
        body = request.json()
        to = body.get("to")
        return Sending(
            key=_tag(body),
            recipient=str(to[0]) if isinstance(to, list) and to else str(to or ""),
            content={name: body.get(name, "") for name in ("subject", "text", "html")},
            idempotency_key=request.headers.get("idempotency-key", ""),
        )

    def new_id(self, number: int) -> str:
        """A UUID."""
        return str(UUID(int=number, version=4))

    def refused(self, request: Request) -> Reply | None:
        """401 without the key; 422 without what a message needs; 400 for a key that is too long."""
        if request.headers.get("authorization") != f"Bearer {API_KEY}":
            return _error(401, "missing_api_key", "Missing API key in the authorization header.")
        if request.path == "/emails":
            body = request.json()
            for needed in ("from", "to", "subject"):
                if not body.get(needed):
                    return _error(422, "missing_required_field", f"Missing `{needed}` field.")
        if len(request.headers.get("idempotency-key", "")) > 256:
            return _error(400, "invalid_idempotency_key", "The key must be between 1-256 chars.")
        return None

    def accepted(self, sending: Sending, message_id: str) -> Reply:  # noqa: ARG002 # the interface's signature
        """200 and the id."""
        return Reply(200, {"id": message_id}, {"ratelimit-limit": "5", "ratelimit-remaining": "4"})

    def conflict(self, sending: Sending) -> Reply:  # noqa: ARG002 # the interface's signature
        """409: the key came with another body."""
        return _error(409, "invalid_idempotent_request", "Same idempotency key used with a different payload.")

    def callback(self, event: Event, url: str) -> Callback | None:  # noqa: ARG002 # not signed
        """One event."""
        if event.sent is None or event.name not in EVENTS:
            return None
        kind, details = EVENTS[event.name]
        data = {
            "email_id": event.sent.id,
            "to": [event.sent.sending.recipient],
            "tags": {"sojourn_message": event.sent.sending.key},
            **details,
        }
        body = json.dumps({"type": kind, "created_at": event.at.isoformat(), "data": data})
        signer = Webhook(WRONG_SECRET if event.forged else CALLBACK_SECRET)
        return Callback(
            body.encode(),
            {
                "content-type": "application/json",
                "svix-id": f"msg_{event.id}",
                "svix-timestamp": str(int(event.at.timestamp())),
                "svix-signature": signer.sign(f"msg_{event.id}", event.at, body),
            },
        )


def _tag(body: Mapping[str, object]) -> str:
    """Our id among the tags."""
    tags = body.get("tags")
    for tag in tags if isinstance(tags, list) else []:
        if isinstance(tag, dict) and tag.get("name") == "sojourn_message":
            return str(tag.get("value"))
    return ""


def _error(status: int, name: str, message: str) -> Reply:
    return Reply(status, {"statusCode": status, "name": name, "message": message})
