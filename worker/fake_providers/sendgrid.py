"""SendGrid v3 as its documentation has it: no keys, an empty 202, signed batches of events."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from worker.fake_providers.core import Callback, Event, FakeProvider, Reply, Request, Sending

API_KEY = "SG.fake-key-of-the-fake-provider"
EVENTS: Mapping[str, Mapping[str, Any]] = {
    "delivered": {"event": "delivered", "response": "250 OK"},
    "bounced": {"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 unknown user"},
    "deferred": {"event": "deferred", "response": "451 try again later", "attempt": "1"},
    "soft_bounced": {"event": "bounce", "type": "blocked", "status": "5.2.2", "reason": "552 5.2.2 mailbox full"},
    "failed": {"event": "bounce", "type": "blocked", "status": "5.7.1", "reason": "550 5.7.1 blocked"},
    "complained": {"event": "spamreport"},
    "opened": {"event": "open"},
    "clicked": {"event": "click", "url": "https://shop.example.com/"},
    "unsubscribed": {"event": "unsubscribe"},
}


class FakeSendGrid(FakeProvider):
    """SendGrid."""

    name = "sendgrid"

    def settings(self, base_url: str) -> Mapping[str, str]:
        """Key, address, and the public key of the event webhook."""
        public = _signing_key("right").public_key()
        der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return {
            "SOJOURN_EMAIL_PROVIDER": self.name,
            "SOJOURN_EMAIL_SENDER": "Shop <shop@shop.example.com>",
            "SOJOURN_SENDGRID_API_KEY": API_KEY,
            "SOJOURN_SENDGRID_URL": base_url,
            "SOJOURN_SENDGRID_CALLBACK_KEY": base64.b64encode(der).decode(),
        }

    def read(self, request: Request) -> Sending | None:
        """`POST /v3/mail/send`."""
        if (request.method, request.path) != ("POST", "/v3/mail/send"):
            return None
        body = request.json()
        personalization = (body.get("personalizations") or [{}])[0]
        parts = {part.get("type"): part.get("value") for part in body.get("content") or []}
        return Sending(
            key=_custom_args(body).get("sojourn_message", ""),
            recipient=(personalization.get("to") or [{}])[0].get("email", ""),
            content={
                "subject": body.get("subject", ""),
                "text": parts.get("text/plain", ""),
                "html": parts.get("text/html", ""),
            },
        )

    def refused(self, request: Request) -> Reply | None:
        """401 without the key; 400 without what a message needs."""
        if request.headers.get("authorization") != f"Bearer {API_KEY}":
            return _errors(401, "authorization required", None)
        body = request.json()
        for needed in ("personalizations", "from", "content"):
            if not body.get(needed):
                return _errors(400, f"The {needed} object is required.", needed)
        return None

    def accepted(self, sending: Sending, message_id: str) -> Reply:  # noqa: ARG002 # the interface's signature
        """202 without a body."""
        return Reply(202, "", {"x-message-id": message_id})

    def callback(self, event: Event, url: str) -> Callback | None:  # noqa: ARG002 # not signed
        """A batch of one, signed with ECDSA."""
        if event.sent is None or event.name not in EVENTS:
            return None
        told = {
            "email": event.sent.sending.recipient,
            "timestamp": int(event.at.timestamp()),
            "sg_event_id": event.id,
            "sg_message_id": f"{event.sent.id}.filter0001",
            "sojourn_message": event.sent.sending.key,
            **EVENTS[event.name],
        }
        body = json.dumps([told]).encode()
        timestamp = str(int(event.at.timestamp()))
        key = _signing_key("wrong" if event.forged else "right")
        signature = key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return Callback(
            body,
            {
                "content-type": "application/json",
                "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
                "x-twilio-email-event-webhook-timestamp": timestamp,
            },
        )


def _custom_args(body: Mapping[str, object]) -> Mapping[str, str]:
    found = body.get("custom_args")
    return found if isinstance(found, dict) else {}


def _errors(status: int, message: str, field: str | None) -> Reply:
    return Reply(status, {"errors": [{"message": message, "field": field, "help": None}]})


def _signing_key(which: str) -> ec.EllipticCurvePrivateKey:
    """Always the same one, and none that a scanner for secrets would find in a file."""
    number = int.from_bytes(hashlib.sha256(f"fake SendGrid, {which} key".encode()).digest()[:31], "big")
    return ec.derive_private_key(number, ec.SECP256R1())
