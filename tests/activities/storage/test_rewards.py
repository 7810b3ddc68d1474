"""Points: each award counts once, whatever happens to the process that gives it."""

import asyncio
from datetime import datetime

from sqlmodel import Session, select

from activities.rewards import RewardAnswer, RewardOrder
from activities.storage.database import Database
from activities.storage.enrolled import end, locked
from activities.storage.facts import Reachability
from activities.storage.places import NO_VOUCHER_LEFT
from activities.storage.rewards import DatabaseRewards
from activities.storage.tables import Enrollment, PointsEntry, TimelineEntry
from tests.activities.storage.rows import NOON, REWARD, add_customer, add_enrollment, add_pool, enrolled

REACHABILITY = Reachability("test-secret")


def _now() -> datetime:
    return NOON


def _points(enrollment_id: str, amount: int = 10, *, visit: int = 1) -> RewardOrder:
    return RewardOrder(enrollment_id, "points", visit, visit, amount=amount)


def _rows(session: Session) -> list[PointsEntry]:
    return list(session.exec(select(PointsEntry)))


async def test_a_retry_adds_no_points(database: Database) -> None:
    """A worker that dies after the commit is repeated, and the customer's balance stays right."""
    rewards = DatabaseRewards(database, REACHABILITY)
    mine = await database.write(enrolled)
    answers = [await rewards.award_points(_points(mine), _now) for _ in range(3)]
    assert {(answer.reward_id, answer.balance) for answer in answers} == {(answers[0].reward_id, 10)}
    assert (await rewards.award_points(_points(mine, visit=2), _now)).balance == 20


async def test_eight_attempts_at_once_are_one_award(database: Database) -> None:
    """However many workers repeat one award at the same time, it counts once."""
    rewards = DatabaseRewards(database, REACHABILITY)
    mine = await database.write(enrolled)
    answers = await asyncio.gather(*(rewards.award_points(_points(mine), _now) for _ in range(8)))
    assert len({answer.reward_id for answer in answers}) == 1
    assert [row.amount for row in await database.read(_rows)] == [10]


async def test_awards_at_once_add_up(database: Database) -> None:
    """A customer whose journeys give points in the same moment gets all of them, with every balance in between."""

    def eight(session: Session) -> list[str]:
        customer = add_customer(session)
        return [add_enrollment(session, customer).id for _ in range(8)]

    rewards = DatabaseRewards(database, REACHABILITY)
    answers: list[RewardAnswer] = await asyncio.gather(
        *(rewards.award_points(_points(one), _now) for one in await database.write(eight))
    )
    assert sorted(answer.balance for answer in answers) == [10 * n for n in range(1, 9)]


async def test_an_empty_pool_is_said_and_not_noted_as_given(database: Database) -> None:
    """A journey hears in plain words that no voucher was left; the timeline shows none."""
    await database.write(add_pool)
    mine = await database.write(enrolled)
    order = RewardOrder(mine, "reward", 1, 1, design=REWARD)
    answer = await DatabaseRewards(database, REACHABILITY).assign_voucher(order, _now)
    assert (answer.reward_id, answer.refused, answer.ends) == ("", NO_VOUCHER_LEFT, False)
    assert await database.read(lambda session: session.get(TimelineEntry, (mine, 1))) is None


async def test_a_closed_journey_gives_nothing(database: Database) -> None:
    """After an end, a cancel or an erasure no code leaves the pool any more, and the journey is told to end."""

    def prepare(session: Session) -> list[str]:
        add_pool(session, "A")
        ended, cancelled, erased = (enrolled(session, erased_at=at) for at in (None, None, NOON))
        enrollment, _ = locked(session, ended)
        assert end(session, enrollment, "complete", "", NOON)
        other = session.get_one(Enrollment, cancelled)
        other.cancel_reason = "asked by phone"
        session.add(other)
        return [ended, cancelled, erased]

    rewards = DatabaseRewards(database, REACHABILITY)
    answers = [
        await rewards.assign_voucher(RewardOrder(one, "reward", 1, 1, design=REWARD), _now)
        for one in await database.write(prepare)
    ]
    assert [(answer.refused, answer.ends) for answer in answers] == [
        ("complete", True),
        ("cancelled", True),
        ("erased", True),
    ]
    assert not any(answer.reward_id for answer in answers)
