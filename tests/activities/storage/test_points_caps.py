"""Points by an economy rule: an award is cut to what its caps leave, in whatever order things come."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session, select

from activities.rewards import PointsCap, RewardAnswer, RewardOrder
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.rewards import CAP_REACHED, DatabaseRewards
from activities.storage.tables import PointsEntry, TimelineEntry
from tests.activities.storage.rows import NOON, add_customer, add_enrollment

REACHABILITY = Reachability("test-secret")
MONTH = timedelta(days=30)


def _three(session: Session) -> list[str]:
    """Three enrollments of one customer, and one of another."""
    customer = add_customer(session)
    other = add_customer(session, email="b@example.com", phone=None)
    return [*(add_enrollment(session, customer).id for _ in range(3)), add_enrollment(session, other).id]


def _order(enrollment_id: str, amount: int, *caps: PointsCap, visit: int = 1) -> RewardOrder:
    step = "earn-order.completed" + (f"#{visit}" if visit > 1 else "")
    return RewardOrder(enrollment_id, step, visit, visit, amount=amount, caps=caps)


async def test_the_last_award_is_cut_and_the_next_refused(database: Database) -> None:
    """A customer gets what the cap leaves, over all journeys and visits, and another customer is not touched."""
    rewards, cap = DatabaseRewards(database, REACHABILITY), PointsCap(100)
    first, second, third, other = await database.write(_three)
    orders = [_order(first, 60, cap), _order(first, 30, cap, visit=2), _order(second, 60, cap), _order(third, 60, cap)]
    answers = [await rewards.award_points(order, lambda: NOON) for order in orders]
    assert [answer.balance for answer in answers] == [60, 90, 100, 100]
    assert [answer.refused for answer in answers] == ["", "", "", CAP_REACHED]
    assert (await rewards.award_points(orders[2], lambda: NOON)).reward_id == answers[2].reward_id
    assert (await rewards.award_points(_order(other, 60, cap), lambda: NOON)).balance == 60
    lines = await database.read(
        lambda session: session.exec(select(TimelineEntry).where(TimelineEntry.enrollment_id == third)).all()
    )
    assert [line.data for line in lines] == [{"amount": 0, "balance": 100}]


async def test_awards_at_once_do_not_pass_the_cap(database: Database) -> None:
    """Three orders completed in one instant bring no more than the cap."""
    rewards = DatabaseRewards(database, REACHABILITY)
    mine = (await database.write(_three))[:3]
    answers: list[RewardAnswer] = await asyncio.gather(
        *(rewards.award_points(_order(each, 60, PointsCap(100)), lambda: NOON) for each in mine)
    )
    assert sorted(answer.balance for answer in answers) == [60, 100, 100]
    rows = await database.read(lambda session: session.exec(select(PointsEntry)).all())
    assert sorted(row.amount for row in rows) == [40, 60]


async def test_a_cap_for_a_time_lets_go_when_the_time_is_over(database: Database) -> None:
    """A monthly cap counts the last thirty days, and the cap for ever goes on counting."""
    rewards = DatabaseRewards(database, REACHABILITY)
    caps = (PointsCap(100, MONTH.total_seconds()), PointsCap(150))
    first, second, third, _ = await database.write(_three)
    award = _order(first, 100, *caps)
    assert (await rewards.award_points(award, lambda: NOON)).balance == 100
    inside = replace(_order(second, 100, *caps), seq=2)
    just_inside = NOON + MONTH - timedelta(seconds=1)
    assert (await rewards.award_points(inside, lambda: just_inside)).refused == CAP_REACHED
    assert (await rewards.award_points(_order(third, 100, *caps), lambda: NOON + MONTH)).balance == 150


async def test_points_for_something_else_do_not_count(database: Database) -> None:
    """What a customer got for the profile leaves the cap of another rule alone."""
    rewards = DatabaseRewards(database, REACHABILITY)
    first, second, *_ = await database.write(_three)
    await rewards.award_points(RewardOrder(first, "points", 1, 1, amount=500), lambda: NOON)
    assert (await rewards.award_points(_order(second, 60, PointsCap(100)), lambda: NOON)).balance == 560
