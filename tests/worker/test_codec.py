"""Encryption of payloads: unreadable without a key, readable with old ones, and off unless it is turned on."""

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter

from worker.codec import ENCODING, EncryptingCodec, UnreadablePayloadError, is_encrypted, key_ids
from worker.privacy_settings import PayloadKey

OLD, NEW = PayloadKey("2026", b"a" * 32), PayloadKey("2027", b"b" * 32)
WORDS = "asked by phone"


def clear() -> list[Payload]:
    """A value as Temporal would keep it."""
    return list(DataConverter.default.payload_converter.to_payloads([WORDS]))


async def test_nothing_is_readable_without_the_key() -> None:
    """Whoever operates Temporal sees which key was used, and nothing else; the same words never look the same."""
    codec = EncryptingCodec([OLD])
    first, second = [(await codec.encode(clear()))[0] for _ in range(2)]
    assert first.metadata == {"encoding": ENCODING, "encryption-key-id": b"2026"}
    assert WORDS.encode() not in first.SerializeToString()
    assert b"json/plain" not in first.SerializeToString()
    assert first.data != second.data
    assert await codec.decode([first, second]) == [*clear(), *clear()]


async def test_old_payloads_are_read_after_a_new_key() -> None:
    """A key can be replaced under running journeys: the new one encrypts, the old one still reads."""
    old = await EncryptingCodec([OLD]).encode(clear())
    rotated = EncryptingCodec([OLD, NEW])
    assert await rotated.decode(old) == clear()
    assert key_ids(await rotated.encode(clear())) == {"2027"}


async def test_what_was_never_encrypted_is_read() -> None:
    """Encryption can be turned on while journeys run whose first steps are stored in clear."""
    assert await EncryptingCodec([OLD]).decode(clear()) == clear()


async def test_nothing_is_encrypted_twice() -> None:
    """What comes back from Temporal as it was goes out as it was."""
    codec = EncryptingCodec([OLD])
    once = await codec.encode(clear())
    assert await codec.encode(once) == once
    assert all(map(is_encrypted, once))


@pytest.mark.parametrize(
    "keys", [[NEW], [PayloadKey("2026", b"c" * 32)]], ids=["the key is missing", "another key by that name"]
)
async def test_without_the_right_key_it_says_which_one(keys: list[PayloadKey]) -> None:
    """One line names the key and the setting."""
    payloads = await EncryptingCodec([OLD]).encode(clear())
    with pytest.raises(UnreadablePayloadError, match=r"^[^\n]*2026[^\n]*SOJOURN_PAYLOAD_KEYS[^\n]*$"):
        await EncryptingCodec(keys).decode(payloads)


async def test_a_payload_that_was_tampered_with_is_refused() -> None:
    """A changed bit is noticed."""
    (payload,) = await EncryptingCodec([OLD]).encode(clear())
    payload.data = payload.data[:-1] + bytes([payload.data[-1] ^ 1])
    with pytest.raises(UnreadablePayloadError):
        await EncryptingCodec([OLD]).decode([payload])
    payload.data = b"short"
    with pytest.raises(UnreadablePayloadError):
        await EncryptingCodec([OLD]).decode([payload])
