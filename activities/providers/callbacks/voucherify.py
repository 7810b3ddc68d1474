"""Voucherify's webhooks: the redemption of a code."""

import hashlib
import hmac
import re
from collections.abc import Sequence

from activities.callbacks import Callback, ForgedCallbackError, Incoming, Kind, UnsignedCallbackError
from activities.providers.callbacks.reading import any_matches, as_bytes, instant, json_object, part, text

SIGNATURE = "x-voucherify-signature"
REDEEMED = "redemption.succeeded"
# Voucherify signs without white space what it may post with it; what stands in quotes is kept.
_SPACE = re.compile(rb'("(?:[^"\\]|\\.)*")|\s+')


class VoucherifyCallbacks:
    """Reads Voucherify's webhooks, of both versions.

    Args:
        secrets: secret keys of the project's webhooks.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = as_bytes(secrets)

    def parse(self, incoming: Incoming) -> Sequence[Callback]:
        """Check the signature and read a redemption."""
        given = incoming.headers.get(SIGNATURE)
        if not given:
            raise UnsignedCallbackError(f"The header {SIGNATURE} is needed.")
        signed = (incoming.body, _SPACE.sub(_nothing, incoming.body))
        expected = (hmac.new(key, each, hashlib.sha256).hexdigest() for key in self._secrets for each in signed)
        if not any_matches(expected, given):
            raise ForgedCallbackError("The signature is wrong.")
        event = json_object(incoming.body)
        data = part(event, "data")
        redemption = part(data, "redemption") or part(data, "object") or data
        code = text(part(redemption, "voucher") or part(data, "voucher"), "code")
        # One redemption is one event, whatever its webhook is called when it is repeated.
        id_ = text(redemption, "id") or text(event, "id")
        if text(event, "type") != REDEEMED or not (code and id_):
            return []
        found = Callback(
            "voucherify",
            id_,
            Kind.REDEEMED,
            instant(redemption.get("date") or event.get("created_at"), incoming.received_at),
            code=code,
            customer=text(part(redemption, "customer") or part(data, "customer"), "source_id"),
        )
        return [found]


def _nothing(found: re.Match[bytes]) -> bytes:
    return found.group(1) or b""
