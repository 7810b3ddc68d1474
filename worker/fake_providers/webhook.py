"""A messaging service of the client's own, as docs/providers/webhook.md asks for: signed calls, and keys kept."""

import json
from collections.abc import Mapping
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from worker.fake_providers.core import Callback, Event, FakeProvider, Reply, Request, Sending

SECRET = "whsec_" + "ZmFrZSBzZWNyZXQgb2YgdGhlIGZha2Ugc2VydmljZSE="
WRONG = "whsec_" + "d3Jvbmcgc2VjcmV0IG9mIHRoZSBmYWtlIHNlcnZpY2U="
EVENTS: Mapping[str, Mapping[str, Any]] = {
    "delivered": {},
    "bounced": {"reason": "550"},
    "soft_bounced": {"reason": "552"},
    "failed": {},
    "complained": {},
    "opened": {},
    "clicked": {},
    "unsubscribed": {},
}


class FakeWebhook(FakeProvider):
    """Any service that speaks Standard Webhooks, and takes the calls of journeys too."""

    name = "webhook"

    def settings(self, base_url: str) -> Mapping[str, str]:
        """Address and secret."""
        return {
            "SOJOURN_EMAIL_PROVIDER": self.name,
            "SOJOURN_SMS_PROVIDER": self.name,
            "SOJOURN_WEBHOOK_URL": f"{base_url}/messages",
            "SOJOURN_WEBHOOK_SECRET": SECRET,
            "SOJOURN_WEBHOOK_ALLOW_PRIVATE": "true",
        }

    def read(self, request: Request) -> Sending | None:
        """Every POST: messages, and the calls of journeys."""
        if request.method != "POST":
            return None
        key = request.headers.get("webhook-id") or request.headers.get("idempotency-key", "")
        body = request.json()
        data = body.get("data")
        message: dict[str, Any] = data if isinstance(data, dict) else body
        return Sending(key, str(message.get("to", "")), message, idempotency_key=key)

    def refused(self, request: Request) -> Reply | None:
        """401 where a signature is there, or should be, and is not ours."""
        if request.path == "/messages" or "webhook-signature" in request.headers:
            try:
                Webhook(SECRET).verify(request.body, dict(request.headers))
            except WebhookVerificationError:
                return Reply(401, {"error": "signature"})
        return None

    def accepted(self, sending: Sending, message_id: str) -> Reply:  # noqa: ARG002 # the interface's signature
        """202 and the id."""
        return Reply(202, {"id": message_id})

    def conflict(self, sending: Sending) -> Reply:  # noqa: ARG002 # the interface's signature
        """409: the same key with another body."""
        return Reply(409, {"error": "key"})

    def callback(self, event: Event, url: str) -> Callback | None:  # noqa: ARG002 # not signed
        """What became of a message, signed with the same secret."""
        if event.name == "inbound":
            kind, data = "message.received", {"channel": "sms", "from": event.sender, "text": event.text}
        elif event.sent is None or event.name not in EVENTS:
            return None
        else:
            kind = f"message.{event.name}"
            data = {"message_id": event.sent.sending.key, "id": event.sent.id, **EVENTS[event.name]}
        body = json.dumps({"type": kind, "timestamp": event.at.isoformat(), "data": data})
        headers = {
            "content-type": "application/json",
            "webhook-id": event.id,
            "webhook-timestamp": str(int(event.at.timestamp())),
            "webhook-signature": Webhook(WRONG if event.forged else SECRET).sign(event.id, event.at, body),
        }
        return Callback(body.encode(), headers)
