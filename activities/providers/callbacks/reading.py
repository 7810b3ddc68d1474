"""Reading what somebody else wrote: fields that may be missing, of another type, too long or poisonous."""

import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.callbacks import ForgedCallbackError, UnreadableCallbackError

TOLERANCE = timedelta(minutes=5)  # both ways (guarantees C9)
LONGEST = 200  # of an id, an address or a code
LONGEST_TEXT = 2000  # of what a customer wrote; ten parts of a text have 1530 characters

_MESSAGE_ID = re.compile(r"msg_[0-9a-f]{32}")
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def json_document(body: bytes) -> Any:
    """A JSON document.

    Raises:
        UnreadableCallbackError: it is none.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # numbers of 5000 digits and 100,000 brackets included
        raise UnreadableCallbackError("The body is not JSON.") from None


def json_object(body: bytes) -> Mapping[str, Any]:
    """A JSON document that is an object.

    Raises:
        UnreadableCallbackError: it is none.
    """
    document = json_document(body)
    if not isinstance(document, dict):
        raise UnreadableCallbackError("The body is not a JSON object.")
    return document


def part(document: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """An object inside a document; empty where there is none."""
    found: Any = document
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def text(document: Mapping[str, Any], name: str, longest: int = LONGEST) -> str:
    """A field as text that every database takes; empty where it is missing, or is no text and no number."""
    value = document.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return _UNSTORABLE.sub("", str(value))[:longest]


def message_key(values: Iterable[Any]) -> str:
    """Our id of a message among what a provider hands back: known by its form, under whichever name it went out."""
    return next((each for each in values if isinstance(each, str) and _MESSAGE_ID.fullmatch(each)), "")


def key_in_message_id(message_id: str) -> str:
    """Our id in the Message-ID of an email, as in ``<msg_...@shop.example>``."""
    found = _MESSAGE_ID.match(message_id.lstrip("<"))
    return found.group() if found else ""


def instant(value: Any, otherwise: datetime) -> datetime:
    """A point in time: seconds since 1970, or ISO 8601 (UTC where no zone is named)."""
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
            found = datetime.fromisoformat(value)
        else:
            found = datetime.fromtimestamp(float(value), UTC)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return otherwise


def number(digits: str) -> str:
    """A phone number in E.164, as it is stored; providers leave the plus away."""
    bare = digits.strip().lstrip("+")
    return f"+{bare}" if bare.isascii() and bare.isdigit() else ""


def any_matches(expected: Iterable[str], given: str) -> bool:
    """Whether a signature is one of those expected, in a time that tells nothing about them."""
    presented = given.encode("utf-8", "replace")
    return any(hmac.compare_digest(each.encode(), presented) for each in expected)


def require_fresh(timestamp: str, now: datetime, tolerance: timedelta = TOLERANCE) -> None:
    """Refuse what was signed too long ago, or in the future.

    Raises:
        ForgedCallbackError: it was.
    """
    never = datetime.min.replace(tzinfo=UTC)
    signed_at = instant(timestamp, never) if timestamp.isascii() and timestamp.isdigit() else never
    if not now - tolerance <= signed_at <= now + TOLERANCE:
        raise ForgedCallbackError("The timestamp is too far from now.")


def as_bytes(secrets: Sequence[str]) -> list[bytes]:
    """Secrets that are used as they are written."""
    return [secret.encode() for secret in secrets]
