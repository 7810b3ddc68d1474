"""Mailgun as its documentation has it: no keys, forms, events that can be asked for, tokens signed with HMAC."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from worker.fake_providers.core import Callback, Event, FakeProvider, Reply, Request, Sending, Sent

API_KEY = "fake-key"
DOMAIN = "shop.example.com"
SIGNING_KEY = "fake-signing-key"
EVENTS: Mapping[str, Mapping[str, Any]] = {
    "delivered": {"event": "delivered", "delivery-status": {"code": 250, "message": "OK"}},
    "bounced": {
        "event": "failed",
        "severity": "permanent",
        "reason": "bounce",
        "delivery-status": {"code": 550, "message": "5.1.1 unknown user"},
    },
    "deferred": {"event": "failed", "severity": "temporary", "reason": "generic", "delivery-status": {"code": 451}},
    "soft_bounced": {"event": "failed", "severity": "temporary", "reason": "old", "delivery-status": {"code": 602}},
    "failed": {"event": "failed", "severity": "permanent", "reason": "generic", "delivery-status": {"code": 605}},
    "complained": {"event": "complained"},
    "opened": {"event": "opened"},
    "clicked": {"event": "clicked", "url": "https://shop.example.com/"},
    "unsubscribed": {"event": "unsubscribed"},
}


class FakeMailgun(FakeProvider):
    """Mailgun."""

    name = "mailgun"

    def settings(self, base_url: str) -> Mapping[str, str]:
        """Key, domain, address, and the key that signs callbacks."""
        return {
            "SOJOURN_EMAIL_PROVIDER": self.name,
            "SOJOURN_EMAIL_SENDER": f"Shop <shop@{DOMAIN}>",
            "SOJOURN_MAILGUN_API_KEY": API_KEY,
            "SOJOURN_MAILGUN_DOMAIN": DOMAIN,
            "SOJOURN_MAILGUN_URL": base_url,
            "SOJOURN_MAILGUN_CALLBACK_KEY": SIGNING_KEY,
        }

    def read(self, request: Request) -> Sending | None:
        """`POST /v3/{domain}/messages`."""
        if (request.method, request.path) != ("POST", f"/v3/{DOMAIN}/messages"):
            return None
        form = request.form()
        return Sending(
            key=form.get("v:sojourn_message", ""),
            recipient=form.get("to", ""),
            content={name: form.get(name, "") for name in ("subject", "text", "html")}
            | {"message-id": form.get("h:Message-Id", "").strip("<>")},
        )

    def refused(self, request: Request) -> Reply | None:
        """401 without the key; 404 for another domain; 400 without what a message needs."""
        basic = base64.b64encode(f"api:{API_KEY}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return Reply(401, "Forbidden", {"content-type": "text/plain"})
        if request.method == "POST" and request.path != f"/v3/{DOMAIN}/messages":
            return Reply(404, {"message": "Domain not found"})
        if request.method == "POST":
            form = request.form()
            for needed in ("from", "to"):
                if not form.get(needed):
                    return Reply(400, {"message": f"{needed} parameter is missing"})
        return None

    def accepted(self, sending: Sending, message_id: str) -> Reply:
        """200 and the Message-Id, ours if one was given."""
        ours = sending.content.get("message-id") or f"{message_id}@{DOMAIN}"
        return Reply(200, {"id": f"<{ours}>", "message": "Queued. Thank you."})

    def other(self, request: Request, sent: Sequence[Sent]) -> Reply:
        """`GET /v3/{domain}/events?event=accepted&message-id=`; whatever else is the greeting of the wrong address."""
        if (request.method, request.path) != ("GET", f"/v3/{DOMAIN}/events"):
            return Reply(200, "Mailgun Magnificent API", {"content-type": "text/plain"})
        wanted = request.query.get("message-id", "")
        items = [
            {
                "event": "accepted",
                "id": each.id,
                "recipient": each.sending.recipient,
                "message": {"headers": {"message-id": each.sending.content["message-id"]}},
                "user-variables": {"sojourn_message": each.sending.key},
            }
            for each in sent
            if wanted in {"", each.sending.content["message-id"]}
        ]
        return Reply(200, {"items": items, "paging": {}})

    def callback(self, event: Event, url: str) -> Callback | None:  # noqa: ARG002 # not signed
        """One event beside a signed token."""
        if event.sent is None or event.name not in EVENTS:
            return None
        timestamp = str(int(event.at.timestamp()))
        token = hashlib.sha256(event.id.encode()).hexdigest()[:50]
        key = "wrong" if event.forged else SIGNING_KEY
        body = {
            "signature": {
                "timestamp": timestamp,
                "token": token,
                "signature": hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest(),
            },
            "event-data": {
                "id": event.id[:22],
                "timestamp": event.at.timestamp(),
                "recipient": event.sent.sending.recipient,
                "message": {"headers": {"message-id": event.sent.sending.content["message-id"]}},
                "user-variables": {"sojourn_message": event.sent.sending.key},
                **EVENTS[event.name],
            },
        }
        return Callback(json.dumps(body).encode(), {"content-type": "application/json"})
