"""Calls that could not be made: a secret or a contract of a webhook is missing."""

import inspect
from collections.abc import Mapping
from pathlib import Path

from activities.storage.database import Database
from worker.journey_secrets import read_secrets, require_webhooks
from worker.lint.findings import Finding
from worker.settings import Settings, WrongSettingError
from workflows.journey import Journey


def missing_settings(journeys: Mapping[str, type[Journey]], settings: Settings, database: Database) -> list[Finding]:
    """What a worker with these settings would refuse to start for.

    Args:
        journeys: by name.
        settings: checked; the secrets come from the same environment.
        database: tells which addresses staff have set, and which journeys are paused.
    """
    secrets = read_secrets(settings)
    found = []
    for name, journey in journeys.items():
        try:
            database.read_now(
                lambda session, only={name: journey}: require_webhooks(session, only, secrets, settings)  # type: ignore[misc] # mypy cannot infer a lambda's default
            )
        except WrongSettingError as error:
            _, line = inspect.getsourcelines(journey)
            found.append(Finding(Path(inspect.getfile(journey)), line, str(error)))
    return found
