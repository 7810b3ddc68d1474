"""What the client's own messaging service reports of the messages it was given (Standard Webhooks)."""

from collections.abc import Sequence

from activities.callbacks import Callback, Incoming, Kind
from activities.providers.callbacks.reading import LONGEST_TEXT, instant, json_object, message_key, number, part, text
from activities.providers.callbacks.standard_webhooks import SignedHooks

KINDS = {
    "message.sent": Kind.SENT,
    "message.deferred": Kind.SENT,
    "message.delivered": Kind.DELIVERED,
    "message.opened": Kind.OPENED,
    "message.clicked": Kind.CLICKED,
    "message.failed": Kind.FAILED,
    "message.soft_bounced": Kind.SOFT_BOUNCED,
    "message.bounced": Kind.BOUNCED,
    "message.complained": Kind.COMPLAINED,
    "message.unsubscribed": Kind.OPTED_OUT,
    "message.received": Kind.RECEIVED,
}


class WebhookCallbacks:
    """Reads the service's reports.

    Args:
        secrets: `whsec_...`.

    Raises:
        ValueError: one cannot be a secret.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._hooks = SignedHooks(secrets, "webhook")

    def parse(self, incoming: Incoming) -> Sequence[Callback]:
        """Check the signature and read one report; docs/providers/callbacks.md describes it."""
        id_ = self._hooks.check(incoming)
        report = json_object(incoming.body)
        data = part(report, "data")
        kind = KINDS.get(text(report, "type"))
        sender = number(text(data, "from"))
        if kind is None or (kind is Kind.RECEIVED and not sender):
            return []
        found = Callback(
            "webhook",
            id_,
            kind,
            instant(report.get("timestamp"), incoming.received_at),
            key=message_key(data.values()),
            provider_id=text(data, "id"),
            address=sender,
            reason=text(data, "reason"),
            machine=data.get("machine") is True,
            text=text(data, "text", LONGEST_TEXT),
        )
        return [found]
