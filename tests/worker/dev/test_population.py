"""The simulated population: what is declared is what a report finds, and what goes on can be taken on."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlmodel import Session, col, func, select
from temporalio.converter import value_to_type

import workflows
from activities.clock import JourneyClock
from activities.storage import audit, journey_settings
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.links import Links
from activities.storage.reports import journey_report
from activities.storage.tables import (
    AuditEntry,
    Customer,
    Enrollment,
    JourneySetting,
    Message,
    OutboxItem,
    Simulation,
)
from activities.templates.brand import Brand
from worker.dev.population import DECLARED, MARK, Population, read_population
from worker.dev.seeding import seed
from workflows.journey.enrollment import Memory

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
JOURNEY = "data-collection-voucher"
PEOPLE = 300
ACTIVE_FOR = timedelta(days=52)
JUDGED = timedelta(days=14)  # by then everybody has done what they will do


@dataclass
class Seeded:
    """A system with a simulated population."""

    database: Database
    population: Population
    clock: JourneyClock


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A fresh one in which one journey runs."""
    found = Database(f"sqlite:///{tmp_path_factory.mktemp('population') / 'sojourn.db'}", inline=True)
    found.create_all()
    found.write_now(lambda session: journey_settings.set_state(session, "welcome", "paused", NOW))
    yield found
    found.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seeded(database: Database) -> Seeded:
    """A population with more people held out than declared, so that few people tell much."""
    population = replace(read_population(), held_out={JOURNEY: 0.4}, active_for={JOURNEY: ACTIVE_FOR})
    clock = JourneyClock(NOW, NOW, 720)
    assert await fill(database, population, clock, PEOPLE)
    return Seeded(database, population, clock)


async def fill(
    database: Database,
    population: Population,
    clock: JourneyClock,
    people: int,
    told: Callable[[int], None] = lambda _lived: None,
) -> bool:
    return await seed(
        str(database.url),
        population,
        people,
        clock=clock,
        links=Links("https://shop.example", ["a key of the links"]),
        reachability=Reachability("a secret"),
        brand=Brand(),
        now=NOW,
        told=told,
    )


async def test_the_report_finds_the_lift_that_was_put_in(seeded: Seeded) -> None:
    """A marketer who looks at the demo reads the lift that its file declares, within the report's interval."""
    until = (NOW - JUDGED).date()
    report = seeded.database.read_now(
        lambda session: journey_report(session, workflows.catalogue()[JOURNEY], None, until)
    )
    assert report.lift is not None
    declared = seeded.population.treated_rate - seeded.population.held_out_rate
    interval = report.lift.difference_interval
    assert interval.low is not None
    assert interval.high is not None
    assert interval.low <= declared <= interval.high
    assert report.lift.significant
    for arm, rate in zip(report.arms, (seeded.population.treated_rate, seeded.population.held_out_rate), strict=True):
        assert arm.interval.low is not None
        assert arm.interval.high is not None
        assert arm.interval.low <= rate <= arm.interval.high


async def test_everybody_is_marked_as_simulated(seeded: Seeded) -> None:
    """Nobody takes a simulated customer for a real one."""

    def look(session: Session) -> tuple[list[Customer], Simulation]:
        return list(session.exec(select(Customer)).all()), session.get_one(Simulation, 1)

    people, state = seeded.database.read_now(look)
    assert len(people) == state.people == PEOPLE
    assert all(row.attributes.get(MARK) is True for row in people)
    emails = {row.external_id: row.email for row in people if row.email}
    theirs = [seeded.population.person(number) for number in range(PEOPLE)]
    assert emails == {each.id: each.whole["email"] for each in theirs if each.id in emails}


async def test_lives_are_lived_by_the_real_journey(seeded: Seeded) -> None:
    """Every end of a journey occurs, messages keep to the window, and only the latest are still inside."""

    def look(session: Session) -> tuple[Counter[str], list[tuple[datetime, str]], datetime]:
        outcomes = Counter(row.outcome or "" for row in session.exec(select(Enrollment)))
        sent = session.exec(
            select(Message.decided_at, Customer.timezone)
            .join(Customer, col(Customer.id) == Message.customer_id)
            .where(col(Message.channel).in_(["email", "sms"]))
        )
        oldest = session.exec(select(func.min(Enrollment.enrolled_at)).where(Enrollment.state != "ended")).one()
        return outcomes, [(at, zone) for at, zone in sent if at], oldest

    outcomes, sent, oldest = seeded.database.read_now(look)
    assert {"complete at entry", "complete unprompted", "complete after the reminder", "not complete"} <= set(outcomes)
    assert {"rewarded by email", "rewarded by sms", "held out"} <= set(outcomes)
    assert [at for at, zone in sent if not 9 <= at.astimezone(ZoneInfo(zone)).hour < 21] == []
    assert oldest > NOW - timedelta(days=15)


async def test_every_journey_has_something_to_tell(seeded: Seeded) -> None:
    """A marketer finds people on each path of a winter order, and members who were welcomed."""

    def look(session: Session) -> set[tuple[str, str]]:
        return {(row.journey, row.outcome or "inside") for row in session.exec(select(Enrollment))}

    found = seeded.database.read_now(look)
    paths = {"discount by email", "discount by sms", "no answer", "inside"}
    assert {("order-follow-up", path) for path in paths} | {("member-welcome", "welcomed")} <= found


async def test_a_journey_is_seen_to_begin(seeded: Seeded) -> None:
    """The share of complete accounts has a time before the journey, and the day on which it was activated is known."""

    def look(session: Session) -> tuple[datetime, datetime, JourneySetting, list[AuditEntry]]:
        entered = select(func.min(Enrollment.enrolled_at)).where(Enrollment.journey == JOURNEY)
        registered = select(func.min(Customer.registered_at))
        setting = journey_settings.setting(session, JOURNEY, NOW)
        done = audit.entries(session, subject=("journey", JOURNEY))
        return session.exec(registered).one(), session.exec(entered).one(), setting, list(done)

    registered, entered, setting, done = seeded.database.read_now(look)
    assert registered < NOW - ACTIVE_FOR <= entered
    assert setting.state == "active"
    assert [(entry.action, seeded.clock.at(entry.at)) for entry in done] == [("journey.activate", NOW - ACTIVE_FOR)]


async def test_those_inside_can_be_taken_on(seeded: Seeded) -> None:
    """Who is still inside waits in the outbox with all that their journey remembers, for Temporal to go on with."""

    def look(session: Session) -> tuple[list[str], list[OutboxItem]]:
        inside = session.exec(select(Enrollment.id).where(Enrollment.state != "ended")).all()
        return sorted(inside), list(session.exec(select(OutboxItem)).all())

    inside, waiting = seeded.database.read_now(look)
    assert inside
    assert sorted(item.enrollment_id for item in waiting) == inside
    memories = [value_to_type(Memory, item.payload["memory"]) for item in waiting]
    assert all(memory.waiting_in and memory.waiting_until and memory.waiting_until > NOW for memory in memories)


async def test_a_fill_that_is_cut_short_leaves_no_journey_paused(tmp_path: Path) -> None:
    """A developer who stops the fill with Ctrl-C has a system whose journeys take people in."""
    database = Database(f"sqlite:///{tmp_path / 'sojourn.db'}", inline=True)
    database.create_all()

    def stop(_lived: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await fill(database, read_population(), JourneyClock(NOW, NOW, 720), 100, stop)
    assert database.read_now(lambda session: journey_settings.setting(session, JOURNEY, NOW)).state == "active"
    database.close()


async def test_a_system_is_filled_once(seeded: Seeded) -> None:
    """Starting the demo again with the same folder doubles nobody."""
    assert not await fill(seeded.database, seeded.population, seeded.clock, 5)


def test_a_deed_that_nobody_can_do_is_refused(tmp_path: Path) -> None:
    """A developer who mistypes what simulated people do is told so, not shown people who do nothing."""
    mistyped = tmp_path / "population.toml"
    mistyped.write_text(DECLARED.read_text().replace('does = "joins"', 'does = "jions"'))
    with pytest.raises(ValueError, match="'jions' is not a valid Deed"):
        read_population(mistyped)


def test_the_file_declares_what_adds_up() -> None:
    """The shares in the file are shares, and the two rates are those that the file names."""
    population = read_population()
    assert sum(population.kinds.values()) == pytest.approx(1)
    assert population.held_out_rate == pytest.approx(0.18)
    assert population.treated_rate == pytest.approx(0.46)
