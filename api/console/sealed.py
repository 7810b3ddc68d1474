"""What a page is about, sealed into its address: nobody reads it there, and it works in every process."""

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken

LONGEST = 6_000  # characters; proxies take 8,000 for a whole line
GOOD_FOR = timedelta(days=30)


class TooMuchError(ValueError):
    """It does not fit into an address."""


class Seal:
    """Seals and opens.

    Args:
        secret: of the installation.
        purpose: what is sealed for one purpose opens for no other.
    """

    def __init__(self, secret: str, purpose: str) -> None:
        key = hashlib.sha256(f"{purpose}|{secret}".encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, fields: Mapping[str, str]) -> str:
        """Seal some fields.

        Raises:
            TooMuchError: they are too long.
        """
        text = json.dumps(dict(fields), ensure_ascii=False).encode("utf-8", "replace")
        sealed = self._fernet.encrypt(zlib.compress(text, 9)).decode()
        if len(sealed) > LONGEST:
            raise TooMuchError
        return sealed.rstrip("=")

    def open(self, sealed: str) -> dict[str, str] | None:
        """The fields; None for what was not sealed here, or too long ago."""
        padded = sealed + "=" * (-len(sealed) % 4)
        try:
            text = self._fernet.decrypt(padded.encode("utf-8", "replace"), ttl=round(GOOD_FOR.total_seconds()))
        except InvalidToken:
            return None
        found: dict[str, str] = json.loads(zlib.decompress(text))
        return found
