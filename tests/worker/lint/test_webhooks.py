"""Webhooks whose secrets are missing."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

import workflows
from activities.storage import journey_settings
from activities.storage.database import Database
from worker.lint import missing_settings
from worker.settings import read_settings

NAME = "order-follow-up"
PUSH = {"push_url": "https://push.example/send"}


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """One in which the shop's push service is set; the environment has no secret."""
    monkeypatch.delenv("SOJOURN_SECRET_PUSH_TOKEN", raising=False)
    monkeypatch.delenv("SOJOURN_SAMPLE_SECRETS", raising=False)
    database = Database("sqlite://", inline=True)
    database.create_all()
    now = datetime.now(UTC)
    database.write_now(lambda session: journey_settings.set_parameters(session, NAME, PUSH, now))
    yield database
    database.close()


def test_a_webhook_without_its_secret_is_found(database: Database) -> None:
    """An operator learns before the deploy that the push service could not be called."""
    [finding] = missing_settings(workflows.catalogue(), read_settings(signing=False), database)
    assert finding.file.name == "order_follow_up.py"
    assert finding.line > 1
    assert "SOJOURN_SECRET_PUSH_TOKEN: missing" in finding.what


def test_a_webhook_with_its_secret_is_fine(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator who has set the secret hears nothing of it."""
    monkeypatch.setenv("SOJOURN_SECRET_PUSH_TOKEN", "a-secret-of-the-push-service")
    assert missing_settings(workflows.catalogue(), read_settings(signing=False), database) == []


def test_a_paused_journey_needs_no_secret_yet(database: Database) -> None:
    """An operator may deploy a journey that is paused before the other side hands out its secret."""
    now = datetime.now(UTC)
    database.write_now(lambda session: journey_settings.set_state(session, NAME, "paused", now))
    assert missing_settings(workflows.catalogue(), read_settings(signing=False), database) == []
