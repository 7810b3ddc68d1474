"""Firebase Cloud Messaging, HTTP v1, as its documentation has it: a token for a signed assertion, then pushes."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from worker.fake_providers.core import FakeProvider, Reply, Request, Sending, Sent
from worker.fake_providers.fixed_keys import fixed_rsa_key, pem
from worker.fake_providers.tokens import claims_of

PROJECT = "fake-shop"
ACCOUNT = f"sojourn@{PROJECT}.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SEND = f"/v1/projects/{PROJECT}/messages:send"
LIFETIME = 3600  # seconds
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"


class FakeFcm(FakeProvider):
    """Firebase Cloud Messaging. It has no callbacks."""

    name = "fcm"

    def settings(self, base_url: str) -> Mapping[str, str]:
        """A service account's file, as text, and the address."""
        credentials = {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "fake-key-1",
            "private_key": pem(_key()),
            "client_email": ACCOUNT,
            "token_uri": f"{base_url}/token",
        }
        return {
            "SOJOURN_PUSH_PROVIDER": self.name,
            "SOJOURN_FCM_CREDENTIALS": json.dumps(credentials),
            "SOJOURN_FCM_URL": base_url,
        }

    def read(self, request: Request) -> Sending | None:
        """`POST /v1/projects/{project}/messages:send`."""
        if (request.method, request.path) != ("POST", SEND):
            return None
        found = request.json().get("message")
        message: dict[str, Any] = found if isinstance(found, dict) else {}
        return Sending(
            key=str(message.get("data", {}).get("sojourn_message", "")),
            recipient=str(message.get("token", "")),
            content={
                "subject": message.get("notification", {}).get("title", ""),
                "text": message.get("notification", {}).get("body", ""),
                "ttl": message.get("android", {}).get("ttl", ""),
                "apns": message.get("apns", {}).get("headers", {}),
            },
        )

    def new_id(self, number: int) -> str:
        """The full name of a message."""
        return f"projects/{PROJECT}/messages/0:{number:016d}"

    def refused(self, request: Request) -> Reply | None:
        """401 without a token that is still valid; 400 for what cannot be sent."""
        if request.path == "/token":
            return None
        token, _, until = request.headers.get("authorization", "").removeprefix("Bearer ").partition("~")
        if not until.isdigit() or int(until) < time.time() or token != _token(until):
            return error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        message = request.json().get("message") or {}
        if not message.get("token"):
            return error(400, "INVALID_ARGUMENT", "Recipient of the message is not set.")
        if len(request.body) > 8192:
            return error(400, "INVALID_ARGUMENT", "Message too big", "INVALID_ARGUMENT")
        return None

    def accepted(self, sending: Sending, message_id: str) -> Reply:  # noqa: ARG002 # the interface's signature
        """200 and the message's name."""
        return Reply(200, {"name": message_id})

    def other(self, request: Request, sent: Sequence[Sent]) -> Reply:  # noqa: ARG002 # the interface's signature
        """`POST /token`: an access token for an assertion that the service account signed."""
        if (request.method, request.path) != ("POST", "/token"):
            return error(404, "NOT_FOUND", "Requested entity was not found.")
        form = request.form()
        claims = claims_of(form.get("assertion", ""), _key().public_key())
        wanted = {"iss": ACCOUNT, "scope": SCOPE}
        if form.get("grant_type") != GRANT or not wanted.items() <= claims.items():
            return Reply(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
        until = str(int(time.time()) + LIFETIME)
        token = f"{_token(until)}~{until}"
        return Reply(200, {"access_token": token, "expires_in": LIFETIME, "token_type": "Bearer"})


def error(status: int, code: str, message: str, fcm_code: str = "") -> Reply:
    """A refusal in Google's form."""
    body: dict[str, Any] = {"code": status, "message": message, "status": code}
    if fcm_code:
        body["details"] = [{"@type": FCM_ERROR, "errorCode": fcm_code}]
    return Reply(status, {"error": body})


def _key() -> RSAPrivateKey:
    return fixed_rsa_key("fake FCM service account")


def _token(until: str) -> str:
    return hashlib.sha256(f"fake FCM {until}".encode()).hexdigest()[:40]
