"""Signed links to the customer's pages: opaque ids inside, one purpose each, on the journey clock."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from itsdangerous import BadData, Signer
from sqlmodel import Session

from activities.channels import Channel
from activities.storage.addresses import email_key
from activities.storage.ids import new_code
from activities.storage.tables import ShortLink

Purpose = Literal["profile", "unsubscribe", "preferences", "confirm"]
Trace = Literal["o", "c"]  # an opened message's pixel, a clicked link
SHORT = "l"  # where a link leads on that is short enough for a text

SHORT_CODE_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"  # none that look alike
SHORT_CODE_LENGTH = 10
MARK_LENGTH = 16
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
        mark: of the address it is about (see `Links.mark`); empty where it does not matter.
    """

    customer_id: str
    enrollment_id: str = ""
    channel: str = ""
    mark: str = ""


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
        mark = (claim.mark,) if claim.mark else ()
        says = SEPARATOR.join((_short(claim.customer_id), _short(claim.enrollment_id), claim.channel, until, *mark))
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
        customer_id, enrollment_id, channel, until, *mark = says.split(SEPARATOR)
        if until and datetime.fromtimestamp(int(until, 16), UTC) < now:
            raise DeadLinkError
        return Claim(_long(customer_id), _long(enrollment_id), channel, *mark)

    def mark(self, address: str) -> str:
        """A keyed hash of an email address, short enough for a link: the link is about this address and no other."""
        return _mark(self._keys[-1], address)

    def is_about(self, claim: Claim, address: str | None) -> bool:
        """Whether a link is about that address; one without a mark is about none."""
        marks = [_mark(key, address) for key in self._keys] if address and claim.mark else []
        return any(hmac.compare_digest(mark, claim.mark) for mark in marks)

    def trace_url(self, trace: Trace, id_: str) -> str:
        """The absolute URL that leaves a trace: of a message that is opened, of a link that is clicked.

        Args:
            trace: which.
            id_: of the message or the tracked link.
        """
        ending = ".gif" if trace == "o" else ""
        return f"{self.public_url}/{trace}/{self._signer(trace).sign(_short(id_)).decode()}{ending}"

    def traced(self, trace: Trace, token: str) -> str:
        """The id in the URL of a trace.

        Raises:
            DeadLinkError: we have not signed it.
        """
        try:
            return _long(self._signer(trace).unsign(token).decode())
        except (BadData, UnicodeError) as error:
            raise DeadLinkError from error

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
        return f"{self.short_url}/{SHORT}/{code}"

    def _signer(self, purpose: Purpose | Trace) -> Signer:
        return Signer(self._keys, salt=f"sojourn/{purpose}")


def unsubscribe_claim(customer_id: str, enrollment_id: str, channel: Channel) -> Claim:
    """What an unsubscribe link says: stop this channel for this customer."""
    return Claim(customer_id, enrollment_id, channel.value)


def _mark(key: str, address: str) -> str:
    return hmac.new(key.encode(), f"address:{email_key(address)}".encode(), hashlib.sha256).hexdigest()[:MARK_LENGTH]


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
