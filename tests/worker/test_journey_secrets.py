"""A worker whose journeys could not make their calls says so at its start."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session

import workflows
from activities.providers.webhook_signatures import signers_of
from activities.storage import journey_settings
from activities.storage.database import Database
from tests.worker.cli.command import SECRET, complaint, sojourn_here
from worker.journey_secrets import SAMPLE, read_secrets, require_contracts, require_webhooks
from worker.settings import Settings, WrongSettingError, read_settings
from workflows.journey import Enrollment, Journey, On, Outcome, Webhook

GOOD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NAME = "SOJOURN_SECRET_MEMBER_WELCOME"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Settings out of an environment of just these variables, beside the keys."""

    def give(**variables: str) -> Settings:
        for name in [name for name in os.environ if name.startswith("SOJOURN_")]:
            monkeypatch.delenv(name)
        for name, value in {"SOJOURN_SECRET_KEYS": SECRET, **variables}.items():
            monkeypatch.setenv(name, value)
        return read_settings()

    return give


def _call(session: Session, url: str, *, paused: bool = False) -> None:
    now = datetime.now(UTC)
    journey_settings.set_parameters(session, "member-welcome", {"provider": url}, now)
    journey_settings.set_state(session, "member-welcome", "paused" if paused else "active", now)


def _require(database: Database, settings: Settings) -> None:
    journeys = {"member-welcome": workflows.catalogue()["member-welcome"]}
    secrets = read_secrets(settings)
    database.read_now(lambda session: require_webhooks(session, journeys, secrets, settings))


def test_a_journey_that_calls_needs_its_secrets(sqlite_database: Database, given: Callable[..., Settings]) -> None:
    """The start is refused with the journey and the secret, once there is an address to call, and not before."""
    _require(sqlite_database, given())
    sqlite_database.write_now(lambda session: _call(session, "https://provider.example/"))
    with pytest.raises(WrongSettingError, match=f"^{NAME}: missing; journey member-welcome"):
        _require(sqlite_database, given())
    with pytest.raises(WrongSettingError, match=f"^{NAME}: must be whsec_"):
        _require(sqlite_database, given(**{NAME: "short"}))
    _require(sqlite_database, given(**{NAME: GOOD}))
    _require(sqlite_database, given(SOJOURN_SAMPLE_SECRETS="true"))
    sqlite_database.write_now(lambda session: _call(session, "https://provider.example/", paused=True))
    _require(sqlite_database, given())


def test_a_worker_names_journey_and_secret(sqlite_url: str, tmp_path: Path) -> None:
    """An operator reads in one line which secret is missing, and which journey needs it."""
    database = Database(sqlite_url)
    database.write_now(lambda session: _call(session, "https://provider.example/"))
    database.close()
    done = sojourn_here(
        "worker", SOJOURN_SECRET_KEYS=SECRET, SOJOURN_DATA=str(tmp_path), SOJOURN_DATABASE_URL=sqlite_url
    )
    said = complaint(done, 1)
    assert NAME in said
    assert "member-welcome" in said


def test_a_misspelt_secret_is_no_secret(given: Callable[..., Settings]) -> None:
    """A variable that no journey reads is refused like any other, with the name that was meant."""
    with pytest.raises(WrongSettingError, match=f"is it {NAME}"):
        given(SOJOURN_SECRET_MEMBER_WELCOM=GOOD)


def test_a_secret_with_a_line_break_is_refused(given: Callable[..., Settings]) -> None:
    """A secret read from a file with its line break would break every call, and must not be guessed at."""
    with pytest.raises(WrongSettingError, match=f"^{NAME}: must be printable"):
        read_secrets(given(**{NAME: GOOD + "\n"}))


def test_the_sample_secret_stands_in_only_where_it_is_asked_for(given: Callable[..., Settings]) -> None:
    """A developer can check signatures without setting anything up; production never signs with a public secret."""
    assert read_secrets(given())("MEMBER_WELCOME") is None
    sampled = read_secrets(given(SOJOURN_SAMPLE_SECRETS="true", **{NAME: GOOD}))
    assert (sampled("MEMBER_WELCOME"), sampled("PUSH_TOKEN")) == (GOOD, SAMPLE)
    assert len(signers_of(SAMPLE)) == 1


def test_a_journey_without_its_contract_is_refused() -> None:
    """A contract that nobody wrote is found at the start, and the journey is named."""

    async def run(self: Journey, enrollment: Enrollment) -> Outcome:  # noqa: ARG001 - what Temporal passes
        return self.end("done")

    told = Webhook("https://x", contract="unwritten")
    odd = type("Odd", (Journey,), {"trigger": On("x"), "run": run, "told": told, "name": "odd"})
    with pytest.raises(WrongSettingError, match="journey odd, webhook told: no contract 'unwritten'"):
        require_contracts(odd)
