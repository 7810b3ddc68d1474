"""Providers are chosen and told what they need by settings alone."""

import pytest

from activities.channels import EMAIL
from activities.delivery import Deduplication
from tests.worker.cli.command import SECRET
from worker.assembly import providers
from worker.fake_providers.registry import PROVIDERS
from worker.provider_settings import NEEDED
from worker.settings import WrongSettingError, read_settings

CLASSES = {
    "sendgrid": Deduplication.NONE,
    "postmark": Deduplication.LOOKUP,
    "mailgun": Deduplication.LOOKUP,
    "resend": Deduplication.KEY,
}
MISSING = [(name, f"SOJOURN_{setting.upper()}") for name in CLASSES for setting in NEEDED[name]]


def configure(monkeypatch: pytest.MonkeyPatch, name: str) -> dict[str, str]:
    """An environment in which an email provider's fake is used."""
    settings = dict(PROVIDERS[name].settings(f"http://127.0.0.1:4010/{name}"))
    for setting, value in {"SOJOURN_SECRET_KEYS": SECRET, **settings}.items():
        monkeypatch.setenv(setting, value)
    return settings


@pytest.mark.parametrize(("name", "deduplication"), CLASSES.items())
def test_settings_choose_the_provider(name: str, deduplication: Deduplication, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator changes who delivers emails without a change of code."""
    configure(monkeypatch, name)
    provider = providers(read_settings())[EMAIL]
    assert (provider.name, provider.deduplication) == (name, deduplication)


@pytest.mark.parametrize(("name", "setting"), MISSING)
def test_a_missing_setting_is_named_in_one_line(name: str, setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator who forgets a key reads its name at the start, not in the night when the first message fails."""
    configure(monkeypatch, name)
    monkeypatch.delenv(setting)
    with pytest.raises(WrongSettingError) as error:
        read_settings()
    assert str(error.value) == f"{setting}: missing, and needed with SOJOURN_EMAIL_PROVIDER={name}"


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        *((name, "SOJOURN_EMAIL_SENDER", "the shop") for name in CLASSES),
        ("sendgrid", "SOJOURN_SENDGRID_URL", "http://api.sendgrid.com"),
        ("postmark", "SOJOURN_POSTMARK_URL", "api.postmarkapp.com"),
        ("mailgun", "SOJOURN_MAILGUN_URL", "https//api.mailgun.net"),
        ("resend", "SOJOURN_RESEND_URL", "ftp://api.resend.com"),
        ("resend", "SOJOURN_RESEND_API_KEY", "re_1\n"),
    ],
)
def test_a_setting_that_cannot_work_stops_the_start(
    name: str, setting: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator reads which setting is wrong before anybody's message is tried with it."""
    configure(monkeypatch, name)
    monkeypatch.setenv(setting, value)
    with pytest.raises(WrongSettingError, match=setting):
        providers(read_settings())
