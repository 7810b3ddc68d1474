"""Signed links to the customer's pages: opaque ids inside, one purpose each, on the journey clock."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from itsdangerous import BadData, Signer
from sqlmodel import Session

from activities.channels import Channel
from activities.storage.ids import new_code
from activities.storage.tables import ShortLink

Purpose = Literal["profile", "unsubscribe", "preferences", "confirm"]

SHORT_CODE_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"  # none that look alike
SHORT_CODE_LENGTH = 10
SEPARATOR = "~"  # stands in no id and needs no escape in a URL (RFC 3986, 2.3)


class DeadLinkError(Exception):
    """Run out, cut short, meant for another page, or not ours. Customers see one neutral page for all."""


@dataclass(frozen=True)
class Claim:
    """What a link says.

    Attributes:
        customer_id: whose page.
        enrollment_id: the journey that sent it; empty where it does not matter.
        channel: the channel it arrived on; empty where it does not matter.
    """

    customer_id: str
    enrollment_id: str = ""
    channel: str = ""


class Links:
    """Makes and reads signed links.

    Args:
        public_url: where customers reach us, without a trailing slash.
        keys: secret keys, the oldest first: the last one signs, all are accepted.
        short_url: where short links live; the public URL if not given.
    """

    def __init__(self, public_url: str, keys: Sequence[str], short_url: str = "") -> None:
        if not keys:
            raise ValueError("links need at least one secret key")
        self.public_url = public_url.rstrip("/")
        self.short_url = (short_url or public_url).rstrip("/")
        self._keys = list(keys)

    def path(self, purpose: Purpose, claim: Claim, expires: datetime | None = None) -> str:
        """The path of a signed page.

        Args:
            purpose: which page; a link for one opens no other.
            claim: whose.
            expires: journey instant after which the link is dead; never, if None.
        """
        until = f"{int(expires.timestamp()):x}" if expires else ""
        says = SEPARATOR.join((_short(claim.customer_id), _short(claim.enrollment_id), claim.channel, until))
        return f"/{purpose}/{self._signer(purpose).sign(says).decode()}"

    def url(self, purpose: Purpose, claim: Claim, expires: datetime | None = None) -> str:
        """The absolute form of `path`."""
        return self.public_url + self.path(purpose, claim, expires)

    def read(self, purpose: Purpose, token: str, now: datetime) -> Claim:
        """What a token says.

        Args:
            purpose: of the page it was opened on.
            token: as it stood in the URL.
            now: journey instant.

        Raises:
            DeadLinkError: for every token we would not sign again.
        """
        try:
            says = self._signer(purpose).unsign(token).decode()
        except (BadData, UnicodeError) as error:
            raise DeadLinkError from error
        customer_id, enrollment_id, channel, until = says.split(SEPARATOR)
        if until and datetime.fromtimestamp(int(until, 16), UTC) < now:
            raise DeadLinkError
        return Claim(_long(customer_id), _long(enrollment_id), channel)

    def shorten(self, session: Session, path: str, customer_id: str, now: datetime) -> str:
        """A short absolute URL for a signed page; for texts.

        Args:
            session: a writing transaction.
            path: of the signed page.
            customer_id: whose; erased with them.
            now: journey instant.
        """
        code = new_code(SHORT_CODE_ALPHABET, SHORT_CODE_LENGTH)
        session.add(ShortLink(code=code, path=path, customer_id=customer_id, created_at=now))
        return f"{self.short_url}/l/{code}"

    def _signer(self, purpose: Purpose) -> Signer:
        return Signer(self._keys, salt=f"sojourn/{purpose}")


def unsubscribe_claim(customer_id: str, enrollment_id: str, channel: Channel) -> Claim:
    """What an unsubscribe link says: stop this channel for this customer."""
    return Claim(customer_id, enrollment_id, channel.value)


def _short(id_: str) -> str:
    """An id with its 32 hexadecimal digits in 22 characters: links stand in texts and plain emails."""
    prefix, _, digits = id_.rpartition("_")
    if len(digits) != 32:
        return id_
    return f"{prefix}_{base64.urlsafe_b64encode(bytes.fromhex(digits)).decode().rstrip('=')}"


def _long(short: str) -> str:
    """What `_short` made short."""
    prefix, _, packed = short.partition("_")
    if len(packed) != 22:
        return short
    return f"{prefix}_{base64.urlsafe_b64decode(packed + '==').hex()}"
