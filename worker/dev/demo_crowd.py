"""The simulated population of a demo: their lives are over before the demo's own customers begin theirs."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

import workflows
from activities.clock import JourneyClock
from activities.storage import journey_settings
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.links import Links
from activities.storage.reports import Interval, journey_report
from activities.templates.brand import Brand
from api.console.verdicts import verdict
from worker.dev.folder import DataFolder
from worker.dev.life import LONGEST
from worker.dev.population import read_population
from worker.dev.seeding import seed

JOURNEY = "data-collection-voucher"


@dataclass(frozen=True)
class Found:
    """What the report of the journey says of simulated customers.

    Attributes:
        people: how many were simulated.
        declared: by how much the journey raises the rate, as their file declares it.
        difference: the same as the report finds it; None where nobody was held out.
        interval: the report's, of 95 %.
        words: what a member of staff reads.
    """

    people: int
    declared: float
    difference: float | None
    interval: Interval | None
    words: str

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


async def simulate(
    folder: DataFolder, url: str, clock: JourneyClock, people: int, told: Callable[[int], None]
) -> Found:
    """Let simulated customers live their lives to the end, and read the report on them.

    Nobody is held out afterwards: the demo's own customers are to show what journeys do.

    Args:
        folder: of a system that does not run yet.
        url: of its API, for links.
        clock: the journey clock.
        people: how many.
        told: hears how many lives have been lived.
    """
    population, secret, now = read_population(), folder.secret_key(), datetime.now(UTC)
    await seed(
        folder.database,
        population,
        people,
        clock=clock,
        links=Links(url, [secret]),
        reachability=Reachability(secret),
        brand=Brand(),
        now=now,
        ago=population.longest_delay + LONGEST,
        told=told,
    )

    def read(session: Session) -> Found:
        for journey in population.held_out:
            journey_settings.set_holdout(session, journey, 0.0, now)
        report = journey_report(session, workflows.catalogue()[JOURNEY])
        return Found(
            people,
            population.treated_rate - population.held_out_rate,
            report.lift.difference if report.lift else None,
            report.lift.difference_interval if report.lift else None,
            verdict(report.goal, report.arms, report.lift).words,
        )

    database = Database(folder.database, inline=True)
    try:
        return database.write_now(read)
    finally:
        database.close()
