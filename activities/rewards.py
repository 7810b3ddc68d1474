"""The contract of rewards: codes and points are given once, before anyone hears of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from activities.facts import Facts
from activities.moments import Moment, moment_of_activity
from activities.timeline import Entry


@dataclass(frozen=True)
class PointsCap:
    """The most points one customer gets by steps of one name, in any journey.

    Attributes:
        points: how many.
        within_seconds: in any stretch of so many journey seconds; None for ever.
    """

    points: int
    within_seconds: float | None = None


@dataclass(frozen=True)
class RewardOrder:
    """A reward a journey wants to give.

    Attributes:
        enrollment_id: whose journey.
        step: name of the step, unique within the run (a second visit is ``NAME#2``).
        visit: how often the journey has come to this step, from 1.
        seq: timeline position.
        design: voucher design, for a voucher.
        amount: points, for points.
        caps: limits for points; what is awarded is cut to what they leave.
        trail: timeline entries since the journey last told the database.
    """

    enrollment_id: str
    step: str
    visit: int
    seq: int
    design: str = ""
    amount: int = 0
    caps: tuple[PointsCap, ...] = ()
    trail: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class RewardAnswer:
    """What was given.

    Attributes:
        reward_id: ledger id of the allocation; empty when the pool had no code left. Never the code itself.
        facts: the customer as read in the same transaction.
        balance: points on the account afterwards.
        refused: why nothing was given; empty when something was.
        ends: the journey must end with the reason in `refused` (erased, cancelled).
    """

    reward_id: str
    facts: Facts
    balance: int = 0
    refused: str = ""
    ends: bool = False


class Rewards(Protocol):
    """Gives codes and points, each once."""

    async def assign_voucher(self, order: RewardOrder, moment: Moment) -> RewardAnswer:
        """Give one code of a design to the customer: the one reserved by a promise, else a free one."""
        ...

    async def award_points(self, order: RewardOrder, moment: Moment) -> RewardAnswer:
        """Add points to the customer's balance."""
        ...


class RewardActivities:
    """Rewards, as Temporal sees them."""

    def __init__(self, rewards: Rewards, moment: Callable[[], Moment] = moment_of_activity) -> None:
        self._rewards = rewards
        self._moment = moment

    @activity.defn(name="assign_voucher")
    async def assign_voucher(self, order: RewardOrder) -> RewardAnswer:
        """Give one code of a design to the customer."""
        return await self._rewards.assign_voucher(order, self._moment())

    @activity.defn(name="award_points")
    async def award_points(self, order: RewardOrder) -> RewardAnswer:
        """Add points to the customer's balance."""
        return await self._rewards.award_points(order, self._moment())
