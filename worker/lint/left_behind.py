"""Customers in a journey that no file defines any more."""

from collections.abc import Mapping
from pathlib import Path

from sqlmodel import col, func, select

import workflows
from activities.storage.database import Database
from activities.storage.tables import Enrollment
from worker.lint.findings import Finding
from workflows.journey import Journey


def left_behind(journeys: Mapping[str, type[Journey]], database: Database) -> list[Finding]:
    """Who would be stuck after the deploy, because their journey was renamed or taken away.

    Args:
        journeys: today's, by name.
        database: of the running system.
    """
    inside = (
        select(Enrollment.journey, func.count())
        .where(Enrollment.state != "ended", col(Enrollment.journey).not_in(list(journeys)))
        .group_by(col(Enrollment.journey))
        .order_by(col(Enrollment.journey))
    )
    found = database.read_now(lambda session: session.exec(inside).all())
    return [
        Finding(Path(workflows.__file__), 1, f"customers inside {name!r}: {count}, and no file here has that journey")
        for name, count in found
    ]
