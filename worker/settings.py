"""What the environment tells the programs; a wrong value stops the start with one line that names it."""

import os
import zoneinfo
from collections.abc import Collection
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict, SettingsError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from activities.clock import JourneyClock
from activities.frequency import FrequencyCap, FrequencyCaps
from activities.templates.brand import Brand
from worker.callback_settings import CallbackSettings
from worker.pace_settings import PaceSettings
from worker.privacy_settings import PrivacySettings
from worker.provider_settings import ProviderSettings
from worker.voucher_settings import VoucherSettings

PREFIX = "SOJOURN_"
SECRET_PREFIX = f"{PREFIX}SECRET_"
SOURCE_PREFIX = f"{PREFIX}SOURCE_"
DEVELOPMENT_KEY = "development-key-not-for-production"


class WrongSettingError(Exception):
    """A setting is wrong; the message is one line that names it."""


class Settings(CallbackSettings, PaceSettings, VoucherSettings, PrivacySettings, ProviderSettings):
    """Settings of all programs, from variables with the prefix `SOJOURN_`. See docs/settings.md."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", env_nested_delimiter="__")

    data: Path = Field(Path("data"), description="folder of the embedded database, the mailbox and the logs")
    database_url: str = Field("", description="SQLAlchemy URL; sojourn.db in the data folder if not set")
    task_queue: str = Field("sojourn", description="Temporal task queue of the journeys")
    secret_keys: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list,
        description="comma-separated keys for links and hashes, the oldest first; the last one signs",
    )

    public_url: str = Field("http://127.0.0.1:8080", description="where customers reach the pages")
    short_url: str = Field("", description="host of short links in texts; the public URL if not set")
    api_host: str = Field("127.0.0.1", description="address the API listens on")
    api_port: int = Field(8080, ge=0, le=65535, description="port the API listens on")
    ui_url: str = Field("", description="Temporal UI, for links to journeys")
    mailbox_page: bool = Field(False, description="whether /mailbox shows what the mailbox keeps; for development")
    docs: bool = Field(True, description="whether /docs and /openapi.json are served")

    sample_secrets: bool = Field(
        False, description="whether a journey's secret that is not set is the sample one; for development"
    )

    default_timezone: str = Field("Europe/London", description="for customers whose zone cannot be told")
    default_country: str = Field("GB", pattern="^[A-Z]{2}$", description="chosen first where a page asks for a phone")
    consent_by_default: bool = Field(True, description="whether registering means agreeing to marketing")
    caps: str = Field(
        "",
        description="most marketing messages to one customer in so many days, all journeys together: `3/7` for three "
        "in seven, `sms:1/7` for one text; several with commas; none if not set",
    )
    cap_patience_days: float = Field(
        7, ge=0, le=366, description="for how long a message beyond a cap waits for its place before it is left out"
    )
    spread_minutes: float = Field(15, ge=0, le=120, description="after a window opens, messages leave within this time")
    import_per_minute: int = Field(600, ge=1, le=60_000, description="journeys of imported customers started a minute")
    track_opens: bool = Field(False, description="whether emails carry a pixel; for journeys that check `Opened`")
    track_clicks: bool = Field(
        False, description="whether links in emails go through us; for journeys that check `Clicked`"
    )
    sms_stop_word: bool = Field(True, description="texts can be answered with STOP; otherwise they carry a link")

    clock_speed: float = Field(1, gt=0, le=43200, description="journey seconds a second, fixed at the first start")
    clock_origin: AwareDatetime | None = Field(None, description="what the journey clock shows at the first start; now")

    brand: Brand = Field(default_factory=Brand, description="the shop: SOJOURN_BRAND__NAME and so on")
    points_sign: str = Field("£", description="currency of what points are worth")
    points_each: Decimal = Field(Decimal("0.02"), ge=0, description="what one point is worth; 0 for no price")

    @field_validator("secret_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        return [key.strip() for key in value.split(",") if key.strip()] if isinstance(value, str) else value

    @field_validator("secret_keys")
    @classmethod
    def _long_keys(cls, keys: list[SecretStr]) -> list[SecretStr]:
        if any(len(key.get_secret_value()) < 24 for key in keys):
            raise ValueError("each key needs 24 characters or more")
        return keys

    @field_validator("default_timezone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in zoneinfo.available_timezones():
            raise ValueError(f"no IANA time zone: {zone}")
        return zone

    @field_validator("caps")
    @classmethod
    def _known_caps(cls, text: str) -> str:
        _caps_in(text)
        return text

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        try:
            backend = make_url(url).get_backend_name() if url else "sqlite"
        except (ArgumentError, ValueError):
            raise ValueError("not a database URL such as postgresql+psycopg://user@host/name") from None
        if backend not in {"sqlite", "postgresql"}:
            raise ValueError(f"SQLite and PostgreSQL are supported, not {backend}")
        return url

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the database."""
        return self.database_url or f"sqlite:///{(self.data / 'sojourn.db').absolute()}"

    @property
    def mail_folder(self) -> Path:
        """Where the mailbox keeps messages."""
        return self.data / "mail"

    @property
    def imports_folder(self) -> Path:
        """Where files wait that were sent to be imported."""
        return self.data / "imports"

    @property
    def imports_per_turn(self) -> int:
        """How many journeys of imported customers one relay may start in a second."""
        return -(-self.import_per_minute // 60)

    @property
    def shows_mailbox(self) -> bool:
        """Whether /mailbox is served: it was asked for, and there is a mailbox."""
        return self.mailbox_page and "mailbox" in (self.email_provider, self.sms_provider)

    @property
    def keys(self) -> list[str]:
        """The secret keys in clear."""
        return [key.get_secret_value() for key in self.secret_keys]

    @property
    def frequency_caps(self) -> FrequencyCaps:
        """How much marketing a customer gets at most."""
        return FrequencyCaps(_caps_in(self.caps), timedelta(days=self.cap_patience_days))

    @property
    def spread(self) -> timedelta:
        """Journey time within which messages leave after a window opens."""
        return timedelta(minutes=self.spread_minutes)

    def first_clock(self) -> JourneyClock:
        """The journey clock for a first start at this moment."""
        now = datetime.now(UTC)
        return JourneyClock(now, (self.clock_origin or now).astimezone(UTC), self.clock_speed)


def _caps_in(text: str) -> tuple[FrequencyCap, ...]:
    return tuple(FrequencyCap.parse(each) for each in text.split(",") if each.strip())


def read_settings(*, signing: bool = True, **overrides: object) -> Settings:
    """The settings of this process.

    Args:
        signing: whether the process signs or reads links, and so needs a secret key.
        overrides: values that win over the environment.

    Raises:
        WrongSettingError: one is wrong, unknown or missing.
    """
    _require_known(os.environ)
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type] # checked by pydantic
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = PREFIX + "__".join(str(part) for part in first["loc"]).upper() if first["loc"] else ""
        what = first["msg"].removeprefix("Value error, ")
        raise WrongSettingError(f"{name}: {what}" if name else what) from None
    except SettingsError:  # a group of settings was given as one
        raise WrongSettingError(f"{PREFIX}BRAND: set its parts, such as {PREFIX}BRAND__NAME") from None
    if signing and not settings.keys:
        raise WrongSettingError(f"{PREFIX}SECRET_KEYS: missing; give at least one key of 24 characters or more")
    return settings


def secrets_needed() -> set[str]:
    """Names of the secrets that journeys' webhooks use."""
    import workflows

    return {
        secret
        for journey in workflows.catalogue().values()
        for webhook in journey.webhooks()
        for secret in webhook.needs
    }


def _require_known(environment: Collection[str]) -> None:
    """A misspelt setting would be one that silently does nothing."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    known |= {f"{PREFIX}BRAND__{each.name.upper()}" for each in fields(Brand) if each.init}
    if any(name.upper().startswith(SECRET_PREFIX) and name.upper() not in known for name in environment):
        known |= {SECRET_PREFIX + name for name in secrets_needed()}  # they import every journey, so only if need be
    for name in sorted(environment):
        if name.upper().startswith(SOURCE_PREFIX):
            continue  # the address of a database to import from, under a name of the client's own
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            similar = get_close_matches(name.upper(), known, n=1)
            raise WrongSettingError(f"{name}: no such setting" + (f"; is it {similar[0]}?" if similar else ""))
