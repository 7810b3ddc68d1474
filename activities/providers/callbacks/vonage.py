"""The webhooks of Vonage's Messages API: the status of a text, and texts from customers; JSON beside a signed token.

The token (JWT, HS256) holds a hash of the body, so a replay can only repeat what is known already.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from activities.callbacks import Callback, ForgedCallbackError, Incoming, Kind, UnsignedCallbackError
from activities.providers.callbacks.reading import (
    LONGEST_TEXT,
    TOLERANCE,
    any_matches,
    as_bytes,
    instant,
    json_object,
    message_key,
    number,
    part,
    text,
)

KINDS = {
    "submitted": Kind.SENT,
    "delivered": Kind.DELIVERED,
    "read": Kind.OPENED,
    "undeliverable": Kind.FAILED,
    "rejected": Kind.FAILED,
}
# Codes of https://developer.vonage.com/en/api-errors/messages.
NO_SUCH_NUMBER = {"1170", "1190", "1240"}  # invalid; no longer active; said STOP
UNREACHABLE = {"1180", "1220"}  # out of coverage or switched off; busy


class VonageCallbacks:
    """Reads Vonage's webhooks.

    Args:
        secrets: signature secrets of the account.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = as_bytes(secrets)

    def parse(self, incoming: Incoming) -> Sequence[Callback]:
        """Check the token and read one status or one text."""
        self._check(incoming)
        document = json_object(incoming.body)
        id_, status = text(document, "message_uuid"), text(document, "status")
        at = instant(document.get("timestamp"), incoming.received_at)
        if not id_:
            return []
        if not status:
            sender = number(text(document, "from"))
            words = text(document, "text", LONGEST_TEXT)
            return [Callback("vonage", id_, Kind.RECEIVED, at, address=sender, text=words)] if sender else []
        kind, error = KINDS.get(status), _code(part(document, "error"))
        if kind is None:
            return []
        if kind is Kind.FAILED:
            kind = Kind.BOUNCED if error in NO_SUCH_NUMBER else Kind.SOFT_BOUNCED if error in UNREACHABLE else kind
        found = Callback(
            "vonage",
            f"{id_}/{status}",
            kind,
            at,
            key=message_key([document.get("client_ref")]),
            provider_id=id_,
            address=number(text(document, "to")),
            reason=error,
        )
        return [found]

    def _check(self, incoming: Incoming) -> None:
        scheme, _, token = incoming.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise UnsignedCallbackError("The header Authorization: Bearer is needed.")
        claims = self._claims(token.strip())
        _require_valid_now(claims, incoming.received_at)
        body_hash = hashlib.sha256(incoming.body).hexdigest()
        if not any_matches([body_hash], text(claims, "payload_hash")):
            raise ForgedCallbackError("The body is not the one that was signed.")

    def _claims(self, token: str) -> Mapping[str, Any]:
        """What a token says (RFC 7519); no other algorithm is taken, whatever it asks for."""
        signed, _, signature = token.rpartition(".")
        header, _, payload = signed.partition(".")
        signed_bytes = signed.encode("utf-8", "replace")
        expected = (_base64url(hmac.new(key, signed_bytes, hashlib.sha256).digest()) for key in self._secrets)
        if not any_matches(expected, signature):
            raise ForgedCallbackError("The token's signature is wrong.")
        if json_object(_decoded(header)).get("alg") != "HS256":
            raise ForgedCallbackError("The token is not signed with HS256.")
        return json_object(_decoded(payload))


def _code(error: Mapping[str, Any]) -> str:
    """The last part of the error's type, `…/api-errors/messages#1240`, or its title where that is the code."""
    return urlsplit(text(error, "type")).fragment[:40] or text(error, "title", 40)


def _require_valid_now(claims: Mapping[str, Any], now: datetime) -> None:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int | float) or abs(now.timestamp() - issued) > TOLERANCE.total_seconds():
        raise ForgedCallbackError("The token was not issued just now.")
    if isinstance(expires, int | float) and expires < now.timestamp():
        raise ForgedCallbackError("The token has expired.")


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(encoded: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except (binascii.Error, ValueError):
        raise ForgedCallbackError("The token cannot be read.") from None
