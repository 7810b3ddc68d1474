"""SendGrid's Event Webhook: batches of events, signed with ECDSA (guarantees B10).

SendGrid names no tolerance for its timestamp and repeats batches for a day, so an old one is no forgery: what makes
a replay harmless is that each `sg_event_id` counts once.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from activities.callbacks import (
    Callback,
    ForgedCallbackError,
    Incoming,
    Kind,
    UnreadableCallbackError,
    UnsignedCallbackError,
)
from activities.providers.callbacks.reading import instant, json_document, key_in_message_id, message_key, text

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
KINDS = {
    "processed": Kind.QUEUED,
    "deferred": Kind.SENT,
    "delivered": Kind.DELIVERED,
    "open": Kind.OPENED,
    "click": Kind.CLICKED,
    "spamreport": Kind.COMPLAINED,
    "unsubscribe": Kind.OPTED_OUT,
    "group_unsubscribe": Kind.OPTED_OUT,
}
DROPPED = {  # because of what its own suppression list knows
    "Bounced Address": Kind.BOUNCED,
    "Invalid": Kind.BOUNCED,
    "Spam Reporting Address": Kind.COMPLAINED,
}
# Of enhanced status codes (RFC 3463): passing trouble, or a full mailbox; policy (x.7) says nothing of the mailbox.
_SOFT = re.compile(r"4\.[^7]\.\d+|5\.2\.2")
# The id of an answer is the first part of that in events, such as "ID.filterdrecv-p3mdw1-..." or "ID.recvd-...".
_ROUTE = re.compile(r"\.(filter|recvd).*")


class SendGridCallbacks:
    """Reads SendGrid's events.

    Args:
        keys: verification keys, as SendGrid shows them: base64 without PEM lines.

    Raises:
        ValueError: one is no such key.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [_public_key(key) for key in keys]

    def parse(self, incoming: Incoming) -> Sequence[Callback]:
        """Check a batch and read its events."""
        self._check(incoming)
        events = json_document(incoming.body)
        if not isinstance(events, list):
            raise UnreadableCallbackError("The body is not a JSON array.")
        return [found for event in events if isinstance(event, dict) for found in _read(event, incoming)]

    def _check(self, incoming: Incoming) -> None:
        given, timestamp = incoming.headers.get(SIGNATURE), incoming.headers.get(TIMESTAMP)
        if not given or not timestamp:
            raise UnsignedCallbackError(f"The headers {SIGNATURE} and {TIMESTAMP} are needed.")
        try:
            signature = base64.b64decode(given, validate=True)
        except (binascii.Error, ValueError):
            raise ForgedCallbackError("The signature is not base64.") from None
        signed = timestamp.encode("utf-8", "replace") + incoming.body
        if not any(_verifies(key, signature, signed) for key in self._keys):
            raise ForgedCallbackError("The signature is wrong.")


def _read(event: Mapping[str, Any], incoming: Incoming) -> list[Callback]:
    name, id_ = text(event, "event"), text(event, "sg_event_id")
    kind = _kind(event, name)
    if kind is None or not id_:
        return []
    found = Callback(
        "sendgrid",
        id_,
        kind,
        instant(event.get("timestamp"), incoming.received_at),
        key=message_key(event.values()) or key_in_message_id(text(event, "smtp-id")),
        provider_id=_ROUTE.sub("", text(event, "sg_message_id")),
        address=text(event, "email"),
        reason=text(event, "status") or text(event, "type"),
        machine=event.get("sg_machine_open") is True,
    )
    return [found]


def _kind(event: Mapping[str, Any], name: str) -> Kind | None:
    if name == "bounce" and text(event, "type") == "blocked":  # about this message, not about the address
        return Kind.SOFT_BOUNCED if _SOFT.fullmatch(text(event, "status")) else Kind.FAILED
    if name == "bounce":
        return Kind.BOUNCED
    if name == "dropped":
        return DROPPED.get(text(event, "reason"), Kind.FAILED)
    return KINDS.get(name)


def _public_key(text_: str) -> ec.EllipticCurvePublicKey:
    try:
        key = load_der_public_key(base64.b64decode(text_, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("is not a public key in base64") from None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("is not a key of ECDSA")  # noqa: TRY004 # the key's text is a value
    return key


def _verifies(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
