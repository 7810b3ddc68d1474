"""What the answer of the client's messaging service means for the message: the whole table.

Reasons carry the status and never the body: it may quote the address, and reasons end in histories.
"""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from activities.delivery import Accepted, Ambiguous, Refused, Unavailable, Verdict

LONGEST_WAIT = 3600.0
LONGEST_ID = 200
WRONG_MESSAGE = {400, 413, 422}
MESSAGING_SERVICE = "SOJOURN_WEBHOOK_URL and SOJOURN_WEBHOOK_SECRET"
ADDRESS = "address"  # {"error": "address"} with one of those says that the address itself is bad


def verdict(
    status: int, retry_after: str | None, body: bytes, key: str, now: datetime, *, see: str = MESSAGING_SERVICE
) -> Verdict:
    """Read one answer.

    Args:
        status: of HTTP.
        retry_after: that header, where there is one.
        body: as far as it could be read; whatever is no JSON object counts as empty.
        key: stands in for the service's id where it names none.
        now: wall-clock instant, to which a date in `retry_after` is compared.
        see: where staff find the setting that is at fault.
    """
    if 200 <= status < 300:
        return Accepted(_text_of(body, "id") or key)
    if 300 <= status < 400:
        return Unavailable(f"{status}: the service redirects, and redirects are not followed; see {see}")
    if status in WRONG_MESSAGE:
        return Refused(str(status), address=_text_of(body, "error") == ADDRESS)
    if status == 429 or (status == 503 and retry_after is not None):
        return Unavailable(str(status), seconds_to_wait(retry_after, now))
    if status in (408, 409) or not 400 <= status < 500:  # 409: a call with this key is still under way
        return Ambiguous(str(status))
    return Unavailable(f"{status}: see {see}")


def seconds_to_wait(retry_after: str | None, now: datetime) -> float | None:
    """Seconds from a Retry-After header (RFC 9110 section 10.2.3), one hour at most.

    Returns:
        None where the header is missing, is in the past, or is neither a number nor a date.
    """
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    else:
        try:
            date = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        seconds = ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds()
    return min(seconds, LONGEST_WAIT) if seconds > 0 else None


def _text_of(body: bytes, field: str) -> str:
    """One short text out of a JSON object, or nothing."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    value = found.get(field) if isinstance(found, dict) else None
    return value[:LONGEST_ID] if isinstance(value, str) and value.isprintable() else ""
