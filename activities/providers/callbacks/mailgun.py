"""Mailgun's webhooks: one event each, beside a signed token.

The signature covers the token, not the event (guarantees B12): the token is the callback's id, so it counts once.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from activities.callbacks import Callback, ForgedCallbackError, Incoming, Kind, UnsignedCallbackError
from activities.providers.callbacks.reading import (
    any_matches,
    as_bytes,
    instant,
    json_object,
    key_in_message_id,
    message_key,
    part,
    require_fresh,
    text,
)

TOLERANCE = timedelta(hours=24)  # Mailgun repeats for eight hours; used tokens are known for ever
KINDS = {
    "accepted": Kind.QUEUED,
    "delivered": Kind.DELIVERED,
    "opened": Kind.OPENED,
    "clicked": Kind.CLICKED,
    "complained": Kind.COMPLAINED,
    "unsubscribed": Kind.OPTED_OUT,
    "rejected": Kind.FAILED,
}
GIVEN_UP = "old"  # the mailbox took it at no attempt in eight hours; the severity may still be temporary
REASONS = {  # of a permanent failure; "suppress-" is what Mailgun's own list knows
    "bounce": Kind.BOUNCED,
    "suppress-bounce": Kind.BOUNCED,
    "suppress-complaint": Kind.COMPLAINED,
    GIVEN_UP: Kind.SOFT_BOUNCED,
}


class MailgunCallbacks:
    """Reads Mailgun's events.

    Args:
        keys: HTTP webhook signing keys.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = as_bytes(keys)

    def parse(self, incoming: Incoming) -> Sequence[Callback]:
        """Check the token and read the event beside it."""
        document = json_object(incoming.body)
        token = self._check(part(document, "signature"), incoming)
        event = part(document, "event-data")
        kind = _kind(event)
        if kind is None:
            return []
        message_id = text(part(event, "message", "headers"), "message-id").strip("<>")
        found = Callback(
            "mailgun",
            token,
            kind,
            instant(event.get("timestamp"), incoming.received_at),
            key=message_key(part(event, "user-variables").values()) or key_in_message_id(message_id),
            provider_id=f"<{message_id}>" if message_id else "",
            address=text(event, "recipient"),
            reason=text(event, "reason") or text(part(event, "delivery-status"), "code"),
            machine=bool(text(part(event, "client-info"), "bot")),
        )
        return [found]

    def _check(self, signature: Mapping[str, Any], incoming: Incoming) -> str:
        timestamp, token, given = (text(signature, name) for name in ("timestamp", "token", "signature"))
        if not (timestamp and token and given):
            raise UnsignedCallbackError("The body has no signature.")
        signed = f"{timestamp}{token}".encode()
        if not any_matches((hmac.new(key, signed, hashlib.sha256).hexdigest() for key in self._keys), given):
            raise ForgedCallbackError("The signature is wrong.")
        require_fresh(timestamp, incoming.received_at, TOLERANCE)
        return token


def _kind(event: Mapping[str, Any]) -> Kind | None:
    name = text(event, "event")
    if name != "failed":
        return KINDS.get(name)
    reason = text(event, "reason")
    if text(event, "severity") == "temporary" and reason != GIVEN_UP:
        return Kind.SENT  # Mailgun goes on trying
    return REASONS.get(reason, Kind.FAILED)
