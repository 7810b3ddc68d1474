"""Signatures of webhooks, as Standard Webhooks have them."""

import base64
import binascii
from datetime import datetime

from standardwebhooks import Webhook

SECRET_BYTES = range(24, 65)  # Standard Webhooks 1.0.0, "Signature scheme"


def signed(signers: "list[Webhook]", key: str, now: datetime, body: str) -> dict[str, str]:
    """The headers of Standard Webhooks 1.0.0.

    Args:
        signers: one for each valid secret.
        key: the id of the call, the same for every attempt.
        now: wall-clock instant of this attempt.
        body: what is sent.
    """
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signer.sign(key, now, body) for signer in signers),
    }


def signers_of(secrets: str) -> "list[Webhook]":
    """What signs with the secrets in a text, one or, while one replaces the other, two with a space between them.

    Raises:
        ValueError: one is no secret of Standard Webhooks.
    """
    return [_signer(secret) for secret in secrets.split()]


def _signer(secret: str) -> Webhook:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if len(key) not in SECRET_BYTES:
        raise ValueError("must be whsec_ and 24 to 64 bytes in base64")
    return Webhook(key)
