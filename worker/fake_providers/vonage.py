"""Vonage's Messages API as its documentation has it: no keys, our reference comes back, callbacks carry a token."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from worker.fake_providers.core import Callback, Event, FakeProvider, Reply, Request, Sending
from worker.fake_providers.fixed_keys import fixed_rsa_key, pem
from worker.fake_providers.tokens import claims_of

APPLICATION_ID = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
API_KEY = "abcd1234"
CALLBACK_SECRET = "fake-signature-secret-of-callbacks"  # noqa: S105 # of the fake
OUR_NUMBER = "447418342000"
PROBLEMS = "https://developer.vonage.com/api-errors"
EVENTS: Mapping[str, Mapping[str, Any]] = {
    "delivered": {"status": "delivered"},
    "bounced": {"status": "undeliverable", "error": {"type": f"{PROBLEMS}/messages#1240", "title": "1240"}},
    "soft_bounced": {"status": "undeliverable", "error": {"type": f"{PROBLEMS}/messages#1180", "title": "1180"}},
    "deferred": {"status": "submitted"},
    "failed": {"status": "rejected", "error": {"type": f"{PROBLEMS}/messages#1210", "title": "1210"}},
}


class FakeVonage(FakeProvider):
    """Vonage."""

    name = "vonage"

    def settings(self, base_url: str) -> Mapping[str, str]:
        """Application, its key, sender, address, and the secret of callbacks."""
        return {
            "SOJOURN_SMS_PROVIDER": self.name,
            "SOJOURN_SMS_SENDER": OUR_NUMBER,
            "SOJOURN_VONAGE_APPLICATION_ID": APPLICATION_ID,
            "SOJOURN_VONAGE_PRIVATE_KEY": pem(_key()),
            "SOJOURN_VONAGE_URL": base_url,
            "SOJOURN_VONAGE_CALLBACK_SECRET": CALLBACK_SECRET,
        }

    def read(self, request: Request) -> Sending | None:
        """`POST /v1/messages`."""
        if (request.method, request.path) != ("POST", "/v1/messages"):
            return None
        body = request.json()
        return Sending(
            key=str(body.get("client_ref", "")),
            recipient=str(body.get("to", "")),
            content={name: body.get(name, "") for name in ("text", "from", "ttl", "webhook_url")},
        )

    def new_id(self, number: int) -> str:
        """A UUID."""
        return str(UUID(int=number, version=4))

    def refused(self, request: Request) -> Reply | None:
        """401 without a token that the application signed; 422 for what cannot be sent."""
        claims = claims_of(request.headers.get("authorization", "").removeprefix("Bearer "), _key().public_key())
        if claims.get("application_id") != APPLICATION_ID:
            return problem(401, "#unauthorized", "You did not provide correct credentials.")
        body = request.json()
        wrong = [name for name in ("to", "from", "text", "channel", "message_type") if not body.get(name)]
        if str(body.get("to", "")).startswith("+"):
            wrong.append("to")
        if "ttl" in body and not 20 <= body["ttl"] <= 604800:
            wrong.append("ttl")
        return problem(422, "/messages#1150", "Invalid params", wrong) if wrong else None

    def accepted(self, sending: Sending, message_id: str) -> Reply:  # noqa: ARG002 # the interface's signature
        """202 and the id."""
        return Reply(202, {"message_uuid": message_id})

    def callback(self, event: Event, url: str) -> Callback | None:
        """JSON, with a token that is signed over its hash."""
        told: dict[str, Any] = {"channel": "sms", "timestamp": event.at.isoformat(), "message_uuid": event.id}
        if event.name == "inbound":
            told |= {"message_type": "text", "from": event.sender.lstrip("+"), "to": OUR_NUMBER, "text": event.text}
        elif event.sent is None or event.name not in EVENTS:
            return None
        else:
            sending = event.sent.sending
            url = str(sending.content["webhook_url"]) or url
            told |= {
                "message_uuid": event.sent.id,
                "to": sending.recipient,
                "from": OUR_NUMBER,
                "client_ref": sending.key,
                **EVENTS[event.name],
            }
        body = json.dumps(told).encode()
        claims = {
            "iat": int(event.at.timestamp()),
            "jti": event.id,
            "iss": "Vonage",
            "payload_hash": hashlib.sha256(body).hexdigest(),
            "api_key": API_KEY,
            "application_id": APPLICATION_ID,
        }
        token = _hs256(claims, "wrong" if event.forged else CALLBACK_SECRET)
        return Callback(body, {"content-type": "application/json", "authorization": f"Bearer {token}"}, url)


def problem(status: int, kind: str, title: str, invalid: list[str] | None = None) -> Reply:
    """A refusal in Vonage's form (RFC 7807)."""
    body: dict[str, Any] = {"type": f"{PROBLEMS}{kind}", "title": title, "detail": title, "instance": "bf0ca0bf"}
    if invalid:
        body["invalid_parameters"] = [{"name": name, "reason": "invalid value"} for name in invalid]
    return Reply(status, body)


def _key() -> RSAPrivateKey:
    return fixed_rsa_key("fake Vonage application")


def _hs256(claims: Mapping[str, object], secret: str) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    content = ".".join(_base64url(json.dumps(part).encode()) for part in parts)
    return f"{content}.{_base64url(hmac.new(secret.encode(), content.encode(), hashlib.sha256).digest())}"


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
