"""From settings to the rules of imports."""

import workflows
from activities.storage.database import Database
from activities.storage.intake import Admission
from api.imports.rhythm import Rules
from worker.assembly import system_clock
from worker.settings import Settings


def import_rules(database: Database, settings: Settings) -> Rules:
    """How imported customers enter journeys.

    Args:
        database: of the system.
        settings: checked.
    """
    clock, spread = system_clock(database, settings), settings.spread.total_seconds()
    admission = Admission(workflows.catalogue(), clock, settings.default_timezone, spread)
    return Rules(database, admission, settings.import_per_minute)
