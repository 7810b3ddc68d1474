"""JSON Web Tokens signed with RS256 (RFC 7515, RFC 7519): how Google and Vonage are told who calls."""

import base64
import json
from collections.abc import Mapping

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def rsa_key(pem: str) -> RSAPrivateKey:
    """The private key in a PEM text.

    Raises:
        ValueError: it is no RSA key, or one that is locked by a password.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("not a PEM private key without a password") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("not an RSA key")  # noqa: TRY004 # the key's text is a value
    return key


def signed_token(claims: Mapping[str, object], key: RSAPrivateKey, **header: str) -> str:
    """A token.

    Args:
        claims: what it says; times in Unix seconds.
        key: signs it.
        header: beside `alg` and `typ`, such as `kid`.
    """
    content = f"{_encoded({'alg': 'RS256', 'typ': 'JWT', **header})}.{_encoded(claims)}"
    return f"{content}.{_base64url(key.sign(content.encode(), PKCS1v15(), hashes.SHA256()))}"


def _encoded(part: Mapping[str, object]) -> str:
    return _base64url(json.dumps(part, separators=(",", ":")).encode())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
