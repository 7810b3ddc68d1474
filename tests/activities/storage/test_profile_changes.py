"""What journeys change about a customer: each change once, and everybody concerned hears of it."""

import asyncio
from datetime import datetime

import pytest
from sqlmodel import Session, select

from activities.profile_changes import IncreaseOrder, OptOutOrder
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.profile_changes import NOT_A_NUMBER, DatabaseProfileChanges
from activities.storage.tables import Consent, Customer, Enrollment, InboxEvent, OutboxItem, ProfileIncrease
from activities.storage.timeline_view import entries
from tests.activities.storage.rows import NOON, add_customer, add_enrollment, enrolled
from workflows import catalogue


def _now() -> datetime:
    return NOON


def _changes(database: Database) -> DatabaseProfileChanges:
    return DatabaseProfileChanges(database, Reachability("test-secret"), catalogue())


def _more(enrollment_id: str, increase: float = 100, *, visit: int = 1) -> IncreaseOrder:
    step = "profile-loyalty" if visit == 1 else f"profile-loyalty#{visit}"
    return IncreaseOrder(enrollment_id, step, visit, visit, "loyalty", increase)


def _customer(session: Session) -> Customer:
    return session.exec(select(Customer)).one()


async def test_a_retry_adds_nothing(database: Database) -> None:
    """A worker that dies after the commit is repeated, and the customer's number stays right."""
    mine = await database.write(enrolled)
    changes = _changes(database)
    for _ in range(3):
        assert not (await changes.increase(_more(mine), _now)).refused
    assert (await database.read(_customer)).attributes == {"loyalty": 100}
    await changes.increase(_more(mine, 0.5, visit=2), _now)
    customer = await database.read(_customer)
    assert customer.attributes == {"loyalty": 100.5}
    assert customer.version == 3
    told = await database.read(lambda session: [(e["kind"], e["field"], e["value"]) for e in entries(session, mine)])
    assert told == [("profile", "loyalty", 100), ("profile", "loyalty", 100.5)]


async def test_eight_attempts_at_once_are_one_increase(database: Database) -> None:
    """However many workers repeat one increase at the same time, it counts once."""
    mine = await database.write(enrolled)
    changes = _changes(database)
    await asyncio.gather(*(changes.increase(_more(mine), _now) for _ in range(8)))
    assert (await database.read(_customer)).attributes == {"loyalty": 100}
    assert len(await database.read(lambda session: session.exec(select(ProfileIncrease)).all())) == 1


async def test_increases_at_once_add_up(database: Database) -> None:
    """A customer whose journeys increase one number in the same moment gets all of it."""

    def eight(session: Session) -> list[str]:
        customer = add_customer(session, attributes={"loyalty": 5})
        return [add_enrollment(session, customer).id for _ in range(8)]

    changes = _changes(database)
    await asyncio.gather(*(changes.increase(_more(one, 1), _now) for one in await database.write(eight)))
    assert (await database.read(_customer)).attributes == {"loyalty": 13}


@pytest.mark.parametrize("value", ["gold", True, [1]])
async def test_what_is_no_number_stays(database: Database, value: object) -> None:
    """An attribute that holds something else is left alone, and the journey is told so."""
    mine = await database.write(lambda session: enrolled(session, attributes={"loyalty": value}))
    assert (await _changes(database).increase(_more(mine), _now)).refused == NOT_A_NUMBER
    assert (await database.read(_customer)).attributes == {"loyalty": value}


async def test_the_other_journeys_hear_of_an_increase(database: Database) -> None:
    """A change that a journey makes reaches the customer's other journeys like any other, by name and not by value."""

    def two(session: Session) -> list[str]:
        customer = add_customer(session)
        return [add_enrollment(session, customer).id for _ in range(2)]

    mine, other = await database.write(two)
    answer = await _changes(database).increase(_more(mine), _now)
    assert answer.facts.has("loyalty")
    assert answer.facts.version == 2
    pushed = await database.read(
        lambda session: {(row.enrollment_id, row.kind) for row in session.exec(select(OutboxItem))}
    )
    assert {(mine, "facts"), (other, "facts")} <= pushed
    event = await database.read(lambda session: session.exec(select(InboxEvent)).one())
    assert (event.type, event.properties) == ("profile.updated", {"names": ["loyalty"]})


async def test_an_opt_out_closes_every_channel_once(database: Database) -> None:
    """A customer who told the call centre no is opted out of everything, and a retry changes nothing more."""
    mine = await database.write(enrolled)
    changes = _changes(database)
    for _ in range(2):
        answer = await changes.opt_out(OptOutOrder(mine, "opt-out", 1, "call centre"), _now)
        assert answer.facts.opted_out
    decided = await database.read(
        lambda session: {(row.channel, row.given, row.source) for row in session.exec(select(Consent))}
    )
    assert {("email", False, "call centre"), ("sms", False, "call centre")} <= decided
    told = await database.read(lambda session: [(e["kind"], e["type"]) for e in entries(session, mine)])
    assert told == [("event", "consent.withdrawn")]
    events = await database.read(
        lambda session: [
            row.properties["channel"]
            for row in session.exec(select(InboxEvent).where(InboxEvent.type == "consent.withdrawn"))
        ]
    )
    assert {"email", "sms"} <= set(events)
    assert len(events) == len(set(events))


async def test_a_closed_journey_changes_nothing(database: Database) -> None:
    """After a cancel or an erasure a journey changes no profile any more, and is told to end."""

    def prepare(session: Session) -> tuple[str, str]:
        cancelled, erased = enrolled(session), enrolled(session, erased_at=NOON)
        row = session.get_one(Enrollment, cancelled)
        row.cancel_reason = "asked by phone"
        session.add(row)
        return cancelled, erased

    cancelled, erased = await database.write(prepare)
    changes = _changes(database)
    answers = [
        await changes.increase(_more(cancelled), _now),
        await changes.opt_out(OptOutOrder(erased, "opt-out", 1, "call centre"), _now),
    ]
    assert [(answer.refused, answer.ends) for answer in answers] == [("cancelled", True), ("erased", True)]
    assert await database.read(lambda session: session.exec(select(ProfileIncrease)).all()) == []
