"""Tokens that callers show: read with the public key, as the real providers do."""

import base64
import json
import time
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey


def claims_of(token: str, key: RSAPublicKey) -> dict[str, Any]:
    """What an RS256 token says; nothing if it is not signed by the key's owner, or has expired."""
    head, _, signature = token.rpartition(".")
    try:
        key.verify(_bytes(signature), head.encode(), PKCS1v15(), hashes.SHA256())
        header, claims = (json.loads(_bytes(part)) for part in head.split("."))
    except (ValueError, InvalidSignature):
        return {}
    valid = header.get("alg") == "RS256" and claims.get("iat", 0) <= time.time() + 60 and claims["exp"] > time.time()
    return dict(claims) if valid else {}


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
