"""Encryption of what Temporal keeps: inputs, results, signals, summaries and failures of journeys.

Off unless `SOJOURN_PAYLOAD_KEYS` says otherwise. Histories hold no personal data either way; this also hides from
whoever operates Temporal what is left: names of steps and attributes, the words of staff.
"""

import os
from collections.abc import Iterable, Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from worker.privacy_settings import PayloadKey

ENCODING = b"binary/encrypted"  # as in Temporal's own samples
KEY_ID = "encryption-key-id"
NONCE_BYTES = 12  # random, 96 bits (NIST SP 800-38D, 8.2.2)


class UnreadablePayloadError(RuntimeError):
    """A payload cannot be decrypted; the message is one line that names the key."""


class EncryptingCodec(PayloadCodec):
    """Encrypts each payload as a whole, and reads what any of its keys has encrypted.

    What is not encrypted passes through, so that encryption can be turned on under running journeys.

    Args:
        keys: at least one, the oldest first: the last one encrypts.
    """

    def __init__(self, keys: Sequence[PayloadKey]) -> None:
        self._ciphers: Mapping[str, AESGCM] = {key.id: AESGCM(key.secret) for key in keys}
        self._newest = keys[-1].id

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt; what is encrypted already stays as it is."""
        return [payload if is_encrypted(payload) else self._encrypted(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt.

        Raises:
            UnreadablePayloadError: the key is missing or another one.
        """
        return [self._decrypted(payload) if is_encrypted(payload) else payload for payload in payloads]

    def _encrypted(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        data = self._ciphers[self._newest].encrypt(nonce, payload.SerializeToString(), None)
        return Payload(metadata={"encoding": ENCODING, KEY_ID: self._newest.encode()}, data=nonce + data)

    def _decrypted(self, payload: Payload) -> Payload:
        id_ = _key_id(payload)
        cipher = self._ciphers.get(id_)
        if cipher is None:
            raise UnreadablePayloadError(f"a payload is encrypted with key {id_}, which SOJOURN_PAYLOAD_KEYS lacks")
        try:
            return Payload.FromString(cipher.decrypt(payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:], None))
        except (InvalidTag, ValueError, DecodeError):
            raise UnreadablePayloadError(f"a payload cannot be read with key {id_} of SOJOURN_PAYLOAD_KEYS") from None


def is_encrypted(payload: Payload) -> bool:
    """Whether a payload is one of ours."""
    return payload.metadata.get("encoding") == ENCODING


def key_ids(payloads: Iterable[Payload]) -> set[str]:
    """Ids of the keys that have encrypted payloads."""
    return {_key_id(payload) for payload in payloads if is_encrypted(payload)}


def _key_id(payload: Payload) -> str:
    return payload.metadata.get(KEY_ID, b"").decode("utf-8", "replace")
