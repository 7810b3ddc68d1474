"""Signatures as Standard Webhooks 1.0.0 has them, which Svix calls by other names."""

from collections.abc import Sequence
from datetime import UTC, datetime

from activities.callbacks import ForgedCallbackError, Incoming, UnreadableCallbackError, UnsignedCallbackError
from activities.providers.callbacks.reading import LONGEST, any_matches, require_fresh
from activities.providers.webhook_signatures import signers_of


class SignedHooks:
    """Checks signatures.

    Args:
        secrets: `whsec_` and 24 to 64 bytes in base64, each.
        prefix: of the three headers.

    Raises:
        ValueError: a secret cannot be one.
    """

    def __init__(self, secrets: Sequence[str], prefix: str) -> None:
        self._signers = signers_of(" ".join(secrets))
        self._prefix = prefix

    def check(self, incoming: Incoming) -> str:
        """The id of a request: signed, and the same for every repetition.

        Raises:
            UnsignedCallbackError: a header is missing.
            ForgedCallbackError: the signature is wrong, or too old.
            UnreadableCallbackError: the body is not UTF-8.
        """
        id_, timestamp, signatures = (
            incoming.headers.get(f"{self._prefix}-{name}", "") for name in ("id", "timestamp", "signature")
        )
        if not (id_ and timestamp and signatures):
            raise UnsignedCallbackError(f"The headers {self._prefix}-id, -timestamp and -signature are needed.")
        require_fresh(timestamp, incoming.received_at)
        try:
            body = incoming.body.decode()
        except UnicodeDecodeError:
            raise UnreadableCallbackError("The body is not UTF-8.") from None
        signed_at = datetime.fromtimestamp(int(timestamp), UTC)
        expected = [signer.sign(id_, signed_at, body) for signer in self._signers]
        if not any(any_matches(expected, each) for each in signatures.split()):
            raise ForgedCallbackError("The signature is wrong.")
        return id_[:LONGEST]
