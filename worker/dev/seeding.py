"""Fills a fresh system with a simulated population, so that the console has something to show."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import event
from sqlmodel import Session

import workflows
from activities.clock import JourneyClock
from activities.storage import audit, journey_settings, vouchers
from activities.storage.audit import Actor
from activities.storage.database import Database
from activities.storage.designs import sample_codes, standard_design
from activities.storage.facts import Reachability
from activities.storage.ids import repeatable_ids
from activities.storage.intake import Admission
from activities.storage.links import Links
from activities.storage.tables import Simulation
from activities.templates.brand import Brand
from worker.dev.life import Lives
from worker.dev.population import Population

SEED = 1
MOST = 20_000
SPARE = 500  # codes that are left in each pool
STAFF = Actor("simulated", "Simulated staff")
DESIGNS = ("profile-reward", "welcome-promo", "loyalty-discount")


async def seed(
    url: str,
    population: Population,
    people: int,
    *,
    clock: JourneyClock,
    links: Links,
    reachability: Reachability,
    brand: Brand,
    now: datetime,
    ago: timedelta = timedelta(),
    told: Callable[[int], None] = lambda _lived: None,
) -> bool:
    """Let a population register over the days until now, and live its lives.

    Args:
        url: of a database with its tables, which nobody else uses.
        population: as declared.
        people: how many.
        clock: the journey clock.
        links: as the system makes them.
        reachability: as the system reads consents.
        brand: in whose name messages are written.
        now: wall clock, UTC.
        ago: journey time since the last of them registered.
        told: hears how many lives have been lived.

    Returns:
        False where there is a simulated population already; nothing is done then.
    """
    database = Database(url, inline=True)
    if database.is_sqlite:
        event.listen(database.engine, "connect", _hurried)
    admission = Admission(workflows.catalogue(), clock)
    try:
        with repeatable_ids(SEED):
            if not database.write_now(lambda session: _prepare(session, population, people, clock, now)):
                return False
            lives = Lives(database, admission, links, reachability, brand, now)
            last = clock.at(now) - ago
            openings = _Openings(database, {name: last - each for name, each in population.active_for.items()}, clock)
            try:
                for number in range(people):
                    person = population.person(number)
                    since = last - population.span * (1 - (number + person.lot("moment")) / people)
                    openings.until(since)
                    await lives.live(person, clock.wall(since))
                    told(number + 1)
                    await asyncio.sleep(0)  # so that Ctrl-C is heard
            finally:
                openings.until(last)
        return True
    finally:
        database.close()


class _Openings:
    """Staff activate journeys, at some moments of the past.

    Args:
        database: used by nobody else meanwhile.
        due: when, journey clock, by journey; until then it takes nobody in.
        clock: the journey clock.
    """

    def __init__(self, database: Database, due: Mapping[str, datetime], clock: JourneyClock) -> None:
        self._database, self._clock = database, clock
        self._due = dict(due)
        for journey, at in due.items():
            pause = partial(journey_settings.set_state, journey=journey, state="paused", now=clock.wall(at))
            database.write_now(pause)

    def until(self, moment: datetime) -> None:
        """Activate what is due until then."""
        for journey, at in list(self._due.items()):
            if at <= moment:
                self._database.write_now(partial(self._open, journey=journey, now=self._clock.wall(at)))
                del self._due[journey]

    def _open(self, session: Session, journey: str, now: datetime) -> None:
        journey_settings.set_state(session, journey, "active", now)
        audit.record(session, STAFF, "journey.activate", ("journey", journey), now, why="simulated")


def _prepare(session: Session, population: Population, people: int, clock: JourneyClock, now: datetime) -> bool:
    if session.get(Simulation, 1) is not None:
        return False
    session.add(Simulation(people=people, a_day=people / population.span.days, lived_until=clock.at(now)))
    for journey, share in population.held_out.items():
        journey_settings.set_holdout(session, journey, share, now)
    for design in DESIGNS:
        vouchers.load(session, standard_design(design), islice(sample_codes(design), SPARE + people // 2))
    return True


def _hurried(connection: Any, _record: object) -> None:
    """If the machine dies now, the folder is to be made anew: no need to wait for the disk at every commit."""
    connection.execute("PRAGMA synchronous=OFF")
