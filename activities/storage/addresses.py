"""Addresses as keys: normalised, and hashed where only a comparison is needed."""

import hashlib
import hmac

from activities.channels import Channel


def email_key(email: str) -> str:
    """The form under which two spellings of one mailbox are equal."""
    return email.strip().casefold()


def address_hash(secret: str, channel: Channel | str, address: str) -> str:
    """A keyed hash (HMAC-SHA-256, hex) of an address, for the suppression list (guarantees D10)."""
    normalised = email_key(address) if channel == Channel.EMAIL else address
    return hmac.new(secret.encode(), f"{channel}:{normalised}".encode(), hashlib.sha256).hexdigest()
