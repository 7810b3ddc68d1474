"""The setting of the keys that encrypt payloads."""

import base64

import pytest

from worker.privacy_settings import PayloadKey
from worker.settings import WrongSettingError, read_settings

GOOD = base64.b64encode(b"k" * 32).decode()


def test_keys_are_read_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Operators name each key, and the order says which one encrypts."""
    monkeypatch.setenv("SOJOURN_PAYLOAD_KEYS", f"2026:{GOOD}, 2027:{GOOD}")
    assert read_settings(signing=False).encryption == [PayloadKey("2026", b"k" * 32), PayloadKey("2027", b"k" * 32)]


def test_encryption_is_off_unless_it_is_turned_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh system shows everything in the Temporal UI: its histories hold nothing personal."""
    monkeypatch.delenv("SOJOURN_PAYLOAD_KEYS", raising=False)
    assert read_settings(signing=False).encryption == []


@pytest.mark.parametrize(
    "value",
    [GOOD, f":{GOOD}", f"k1:{GOOD[:-8]}", "k1:not-base64-but-secret", f"k1:{GOOD},k1:{GOOD}", f"kä:{GOOD}"],
    ids=["no id", "an empty id", "too short", "no base64", "an id twice", "no ASCII"],
)
def test_a_wrong_key_stops_the_start(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A mistyped key is told at once, in a line that does not show it."""
    monkeypatch.setenv("SOJOURN_PAYLOAD_KEYS", value)
    with pytest.raises(WrongSettingError, match=r"^SOJOURN_PAYLOAD_KEYS: ") as error:
        read_settings(signing=False)
    assert "secret" not in str(error.value)
    assert GOOD[:20] not in str(error.value)


def test_a_key_does_not_show_itself() -> None:
    """A key that is printed by mistake gives nothing away."""
    assert "kkk" not in repr(PayloadKey("k1", b"k" * 32))
