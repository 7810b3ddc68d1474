"""What the answer of the client's messaging service means for the message: the whole table.

Reasons carry the status and never the body: it may quote the address, and reasons end in histories.
"""

import json
from datetime import datetime

from activities.delivery import Accepted, Ambiguous, Misconfigured, Refused, Unavailable, Verdict
from activities.providers.http_calls import LONGEST_ID, seconds_to_wait

WRONG_MESSAGE = {400, 413, 422}
WRONG_ACCOUNT = {401, 402, 403, 410}  # it knows us no more; other 4xx may be a service that is being replaced
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
    if status in WRONG_ACCOUNT:
        return Misconfigured(f"{status}: see {see}")
    if status in (408, 409) or not 400 <= status < 500:  # 409: a call with this key is still under way
        return Ambiguous(str(status))
    return Unavailable(f"{status}: see {see}")


def _text_of(body: bytes, field: str) -> str:
    """One short text out of a JSON object, or nothing."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    value = found.get(field) if isinstance(found, dict) else None
    return value[:LONGEST_ID] if isinstance(value, str) and value.isprintable() else ""
