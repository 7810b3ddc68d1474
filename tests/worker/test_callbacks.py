"""From settings to hooks."""

from pathlib import Path

import pytest

from activities.callbacks import Callback, Kind
from activities.providers.mailbox import Mailbox
from tests.activities.storage.rows import NOON
from worker.callbacks import callback_parsers, help_answer
from worker.settings import WrongSettingError, read_settings

SETTINGS = {
    "SOJOURN_MAILGUN_CALLBACK_KEY": "old new",
    "SOJOURN_TWILIO_AUTH_TOKEN": "first",
    "SOJOURN_TWILIO_SECOND_AUTH_TOKEN": "second",
    "SOJOURN_SMS_STOP_WORDS": "Lopeta, PARA",
    "SOJOURN_SMS_HELP_REPLY": "The Shop: help@shop.example. Reply STOP to end.",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some providers' secrets are set."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("environment")
def test_only_providers_with_a_secret_have_a_hook() -> None:
    """Staff open a hook by setting its secret, and nothing is open that they did not open."""
    settings = read_settings(signing=False)
    assert set(callback_parsers(settings)) == {"mailgun", "twilio"}
    assert settings.sms_stop_words == ["Lopeta", "PARA"]
    assert callback_parsers(read_settings(signing=False, mailgun_callback_key="", twilio_auth_token="")).keys() == {
        "twilio"
    }


@pytest.mark.parametrize("name", ["sendgrid_callback_key", "resend_callback_secret"])
def test_a_wrong_secret_stops_the_start_with_one_line(name: str) -> None:
    """Staff who paste the wrong thing read which provider it was for, and not what it was."""
    with pytest.raises(WrongSettingError) as caught:
        callback_parsers(read_settings(signing=False, **{name: "pasted-by-mistake"}))
    assert name.partition("_")[0] in str(caught.value)
    assert "pasted" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_stop_word_is_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry of punctuation alone would make every emoji an opt-out."""
    monkeypatch.setenv("SOJOURN_SMS_STOP_WORDS", "para,!!")
    with pytest.raises(WrongSettingError, match="SOJOURN_SMS_STOP_WORDS"):
        read_settings(signing=False)


@pytest.mark.usefixtures("environment")
async def test_help_is_answered_by_text(tmp_path: Path) -> None:
    """A customer who texts HELP reads who writes to them and how to end it."""
    answer = help_answer(read_settings(signing=False), Mailbox(tmp_path))
    assert answer is not None
    await answer(Callback("vonage", "1", Kind.RECEIVED, NOON, address="+447700900123", text="help"))
    (kept,) = Mailbox(tmp_path).messages()
    assert "Reply STOP to end." in kept.text
    assert help_answer(read_settings(signing=False, sms_help_reply=""), Mailbox(tmp_path)) is None
