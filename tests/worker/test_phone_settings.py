"""Settings of texts, pushes and vouchers: what is missing or wrong stops the start with one line that names it."""

import json
from pathlib import Path

import pytest

from activities.channels import PUSH, SMS
from activities.storage.database import Database
from worker.assembly import providers
from worker.fake_providers.core import FakeProvider
from worker.fake_providers.fcm import FakeFcm
from worker.fake_providers.twilio import FakeTwilio
from worker.fake_providers.vonage import FakeVonage
from worker.fake_providers.voucherify import FakeVoucherify
from worker.settings import WrongSettingError, read_settings
from worker.voucher_sources import stock_keeper

HERE = "http://127.0.0.1:4010/fake"


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mailbox of the other channels is made there."""
    monkeypatch.setenv("SOJOURN_DATA", str(tmp_path))
    monkeypatch.setenv("SOJOURN_SECRET_KEYS", "a-key-for-tests-of-32-characters")


def told(monkeypatch: pytest.MonkeyPatch, fake: FakeProvider, without: str = "", **changes: str) -> None:
    """Set what the fake asks for."""
    for name, value in {**fake.settings(HERE), **changes}.items():
        if name != without:
            monkeypatch.setenv(name, value)


def start(folder: Path) -> None:
    """What a start reads and makes of the settings."""
    settings = read_settings()
    providers(settings)
    stock_keeper(Database(f"sqlite:///{folder}/sojourn.db", inline=True), settings)


@pytest.mark.parametrize(
    ("fake", "missing"),
    [
        (FakeTwilio(), "SOJOURN_TWILIO_ACCOUNT_SID"),
        (FakeTwilio(), "SOJOURN_TWILIO_AUTH_TOKEN"),
        (FakeTwilio(), "SOJOURN_SMS_SENDER"),
        (FakeVonage(), "SOJOURN_VONAGE_APPLICATION_ID"),
        (FakeVonage(), "SOJOURN_VONAGE_PRIVATE_KEY"),
        (FakeVonage(), "SOJOURN_SMS_SENDER"),
        (FakeFcm(), "SOJOURN_FCM_CREDENTIALS"),
        (FakeVoucherify(), "SOJOURN_VOUCHERIFY_APP_ID"),
        (FakeVoucherify(), "SOJOURN_VOUCHERIFY_APP_TOKEN"),
    ],
)
def test_what_is_missing_is_named(fake: FakeProvider, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer who forgets a setting reads its name, not a traceback an hour later."""
    told(monkeypatch, fake, without=missing)
    with pytest.raises(WrongSettingError, match=f"{missing}: missing") as raised:
        read_settings()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("fake", "name", "value", "problem"),
    [
        (FakeTwilio(), "SOJOURN_TWILIO_ACCOUNT_SID", "SK123", "must be AC and 32"),
        (FakeTwilio(), "SOJOURN_TWILIO_URL", "http://api.example.com", "https"),
        (FakeVonage(), "SOJOURN_VONAGE_PRIVATE_KEY", "/nowhere/key.pem", "cannot read the file"),
        (FakeVonage(), "SOJOURN_VONAGE_PRIVATE_KEY", "-----BEGIN NOTHING", "not a PEM private key"),
        (FakeFcm(), "SOJOURN_FCM_CREDENTIALS", "{}", "not the file of a service account"),
        (FakeVoucherify(), "SOJOURN_VOUCHERIFY_CAMPAIGNS", "profile-reward", "give pairs"),
        (FakeVoucherify(), "SOJOURN_VOUCHERIFY_URL", "http://api.example.com", "https"),
    ],
)
def test_what_is_wrong_is_named(
    fake: FakeProvider, name: str, value: str, problem: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A wrong value stops the start with one line that names the setting."""
    told(monkeypatch, fake, **{name: value})
    with pytest.raises(WrongSettingError, match=f"{name}.*{problem}") as raised:
        start(tmp_path)
    assert "\n" not in str(raised.value)


def test_keys_can_be_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A key may be the file that a console gave out, or what is in it: whichever the place of deployment likes."""
    file = tmp_path / "service-account.json"
    file.write_text(FakeFcm().settings(HERE)["SOJOURN_FCM_CREDENTIALS"])
    told(monkeypatch, FakeFcm(), SOJOURN_FCM_CREDENTIALS=str(file))
    settings = read_settings()
    assert json.loads(settings.fcm_credentials.get_secret_value())["type"] == "service_account"
    assert providers(settings)[PUSH].name == "fcm"


def test_the_chosen_providers_deliver(monkeypatch: pytest.MonkeyPatch) -> None:
    """By settings alone texts go by Twilio or Vonage, and without any they go to the mailbox."""
    assert {channel: each.name for channel, each in providers(read_settings()).items()}[SMS] == "mailbox"
    for fake in (FakeTwilio(), FakeVonage()):
        told(monkeypatch, fake)
        assert providers(read_settings())[SMS].name == fake.name


def test_without_campaigns_there_is_no_stock_to_keep(tmp_path: Path) -> None:
    """A shop that loads its codes from files needs no account anywhere."""
    assert stock_keeper(Database(f"sqlite:///{tmp_path}/sojourn.db", inline=True), read_settings()) is None
