"""Resend's webhooks: one event each, signed by Svix."""

from collections.abc import Mapping, Sequence
from typing import Any

from activities.callbacks import Callback, Incoming, Kind
from activities.providers.callbacks.reading import instant, json_object, message_key, part, text
from activities.providers.callbacks.standard_webhooks import SignedHooks

KINDS = {
    "email.sent": Kind.SENT,
    "email.delivery_delayed": Kind.SENT,
    "email.delivered": Kind.DELIVERED,
    "email.opened": Kind.OPENED,
    "email.clicked": Kind.CLICKED,
    "email.complained": Kind.COMPLAINED,
    "email.bounced": Kind.BOUNCED,
    "email.failed": Kind.FAILED,
}
MAILBOX_FULL = "MailboxFull"  # of a transient bounce; the others are about the message, or somebody is on holiday


class ResendCallbacks:
    """Reads Resend's events.

    Args:
        secrets: signing secrets, `whsec_...`.

    Raises:
        ValueError: one cannot be a secret.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._hooks = SignedHooks(secrets, "svix")

    def parse(self, incoming: Incoming) -> Sequence[Callback]:
        """Check the signature and read the event."""
        id_ = self._hooks.check(incoming)
        event = json_object(incoming.body)
        data = part(event, "data")
        bounce = part(data, "bounce")
        kind = KINDS.get(text(event, "type"))
        if kind is None:
            return []
        if kind is Kind.BOUNCED and text(bounce, "type") in {"Transient", "Undetermined"}:
            kind = Kind.SOFT_BOUNCED if text(bounce, "subType") == MAILBOX_FULL else Kind.FAILED
        to = data.get("to")
        found = Callback(
            "resend",
            id_,
            kind,
            instant(event.get("created_at"), incoming.received_at),
            key=message_key(_tags(data)),
            provider_id=text(data, "email_id"),
            address=text({"to": to[0]}, "to") if isinstance(to, list) and to else "",
            reason=text(bounce, "subType") or text(bounce, "type"),
        )
        return [found]


def _tags(data: Mapping[str, Any]) -> list[Any]:
    """Values of the tags: an object in events, a list of names and values in requests."""
    tags = data.get("tags")
    if isinstance(tags, dict):
        return list(tags.values())
    return [tag.get("value") for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else []
