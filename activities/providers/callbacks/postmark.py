"""Postmark's webhooks: one record each, behind a password, since Postmark signs nothing."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from activities.callbacks import Callback, Incoming, Kind, UnsignedCallbackError
from activities.providers.callbacks.reading import any_matches, instant, json_object, message_key, part, text

KINDS = {"Delivery": Kind.DELIVERED, "Open": Kind.OPENED, "Click": Kind.CLICKED, "SpamComplaint": Kind.COMPLAINED}
BOUNCES = {  # Postmark's types; whatever else there is has failed this once
    "HardBounce": Kind.BOUNCED,
    "BadEmailAddress": Kind.BOUNCED,
    "SoftBounce": Kind.SOFT_BOUNCED,
    "SpamComplaint": Kind.COMPLAINED,
    "Unsubscribe": Kind.OPTED_OUT,
    "Transient": Kind.SENT,  # Postmark goes on trying
    "DnsError": Kind.SENT,
    "AutoResponder": Kind.SENT,
    "AddressChange": Kind.SENT,
}
SUPPRESSIONS = {"HardBounce": Kind.BOUNCED, "SpamComplaint": Kind.COMPLAINED, "ManualSuppression": Kind.OPTED_OUT}
TIMES = ("DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt")


class PostmarkCallbacks:
    """Reads Postmark's records.

    Args:
        passwords: of the basic authentication in the webhook's settings; its user may be any.
    """

    def __init__(self, passwords: Sequence[str]) -> None:
        self._passwords = list(passwords)

    def parse(self, incoming: Incoming) -> Sequence[Callback]:
        """Check the password and read one record."""
        self._check(incoming)
        record = json_object(incoming.body)
        kind = _kind(record)
        message_id = text(record, "MessageID")
        if kind is None or not message_id:
            return []
        time = next((text(record, name) for name in TIMES if record.get(name)), "")
        name = text(record, "RecordType")
        found = Callback(
            "postmark",
            f"{name}/{text(record, 'ID') or f'{message_id}/{time}'}",
            kind,
            instant(time, incoming.received_at),
            key=message_key(part(record, "Metadata").values()),
            provider_id=message_id,
            address=text(record, "Email") or text(record, "Recipient"),
            reason=text(record, "Type") or text(record, "SuppressionReason"),
        )
        return [found]

    def _check(self, incoming: Incoming) -> None:
        scheme, _, given = incoming.headers.get("authorization", "").partition(" ")
        try:
            _, _, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            password = ""
        # 401, not 403: Postmark gives a webhook up that is answered with 403.
        if scheme.lower() != "basic" or not any_matches(self._passwords, password):
            raise UnsignedCallbackError("The password of the webhook is missing or wrong.")


def _kind(record: Mapping[str, Any]) -> Kind | None:
    name = text(record, "RecordType")
    if name == "Bounce":
        return BOUNCES.get(text(record, "Type"), Kind.FAILED)
    if name == "SubscriptionChange":
        if record.get("SuppressSending") is True:
            return SUPPRESSIONS.get(text(record, "SuppressionReason"))
        return None  # an address that may be used again is ours to decide on
    return KINDS.get(name)
