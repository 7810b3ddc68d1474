"""Giving rewards: the storage side of the contract in `activities/rewards.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from activities.moments import Moment
from activities.rewards import RewardAnswer, RewardOrder
from activities.storage import trail, vouchers
from activities.storage.database import Database
from activities.storage.enrolled import clock_of, closed_for, locked
from activities.storage.facts import Reachability
from activities.storage.ids import new_id
from activities.storage.places import NO_VOUCHER_LEFT
from activities.storage.tables import Customer, Enrollment, PointsEntry
from activities.timeline import Entry

CAP_REACHED = "cap reached"


@dataclass(frozen=True)
class _Gift:
    """What was given; `refused` says why nothing was."""

    id: str
    entry: dict[str, Any] = field(default_factory=dict)
    balance: int = 0
    refused: str = ""


class DatabaseRewards:
    """Codes and points out of our own database.

    Args:
        database: where they are.
        reachability: tells the facts that come with each answer.
    """

    def __init__(self, database: Database, reachability: Reachability) -> None:
        self._database = database
        self._reachability = reachability

    async def assign_voucher(self, order: RewardOrder, moment: Moment) -> RewardAnswer:
        """Give one code of a design: the one reserved by a promise, else a free one."""
        return await self._give("voucher", order, moment, _give_voucher)

    async def award_points(self, order: RewardOrder, moment: Moment) -> RewardAnswer:
        """Add points to the customer's balance."""
        return await self._give("points", order, moment, _give_points)

    async def _give(
        self,
        kind: str,
        order: RewardOrder,
        moment: Moment,
        give: Callable[[Session, Enrollment, Customer, RewardOrder, datetime], _Gift],
    ) -> RewardAnswer:
        def transaction(session: Session) -> RewardAnswer:
            enrollment, customer = locked(session, order.enrollment_id)
            trail.keep(session, enrollment, order.trail)
            facts = self._reachability.facts(session, customer)
            closed = closed_for(enrollment, customer)
            if closed is not None:
                return RewardAnswer("", facts, refused=closed[0], ends=True)
            now = clock_of(enrollment).at(moment())
            gift = give(session, enrollment, customer, order, now)
            if gift.entry:
                trail.keep(session, enrollment, [Entry(order.seq, now, kind, order.step, gift.entry)])
            return RewardAnswer(gift.id, facts, gift.balance, gift.refused)

        return await self._database.write(transaction)


def _give_voucher(
    session: Session, enrollment: Enrollment, customer: Customer, order: RewardOrder, now: datetime
) -> _Gift:
    voucher = vouchers.assign(session, order.design, enrollment.id, order.step, order.visit, now, customer.timezone)
    if voucher is None:
        return _Gift("", refused=NO_VOUCHER_LEFT)
    return _Gift(voucher.id, {"design": order.design, "voucher_id": voucher.id})


def _give_points(
    session: Session, enrollment: Enrollment, customer: Customer, order: RewardOrder, now: datetime
) -> _Gift:
    award = session.exec(
        select(PointsEntry).where(
            PointsEntry.enrollment_id == enrollment.id,
            PointsEntry.step == order.step,
            PointsEntry.visit == order.visit,
        )
    ).first()
    if award is None:
        # The customer's row is locked, so no other award can come between the sum and the new entry.
        before = session.exec(
            select(func.coalesce(func.sum(PointsEntry.amount), 0)).where(PointsEntry.customer_id == customer.id)
        ).one()
        amount = _under_caps(session, customer, order, now)
        if order.caps and not amount:
            return _Gift("", {"amount": 0, "balance": before}, before, refused=CAP_REACHED)
        award = PointsEntry(
            id=new_id("pts"),
            customer_id=customer.id,
            enrollment_id=enrollment.id,
            step=order.step,
            visit=order.visit,
            amount=amount,
            balance=before + amount,
            awarded_at=now,
        )
        session.add(award)
    return _Gift(award.id, {"amount": award.amount, "balance": award.balance}, award.balance)


def _under_caps(session: Session, customer: Customer, order: RewardOrder, now: datetime) -> int:
    """What is left of an award by its caps. The customer's row is locked, so two awards cannot both take the rest."""
    step = order.step.partition("#")[0]  # all visits, in all journeys
    amount = order.amount
    for cap in order.caps:
        earned = select(func.coalesce(func.sum(PointsEntry.amount), 0)).where(
            PointsEntry.customer_id == customer.id,
            or_(col(PointsEntry.step) == step, col(PointsEntry.step).startswith(f"{step}#", autoescape=True)),
        )
        if cap.within_seconds is not None:
            earned = earned.where(col(PointsEntry.awarded_at) > now - timedelta(seconds=cap.within_seconds))
        amount = min(amount, cap.points - session.exec(earned).one())
    return max(amount, 0)
