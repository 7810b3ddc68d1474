"""All journeys at a glance: how each did on some days, and how long its voucher pools last."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from activities.storage.counts import Measure
from activities.storage.reports.arms import MEASURES, arms, holdout_lift
from activities.storage.reports.model import ArmReport, Lift
from activities.storage.reports.rollup import Cohort, overall
from activities.storage.tables import Voucher, VoucherDesign
from activities.storage.vouchers import FREE, RESERVED

LASTS_DAYS = 7  # a pool that is used up sooner needs a person


@dataclass(frozen=True)
class Glance:
    """How a journey did on some days: the arms, and the treated one's lift; None while nobody is held out."""

    arms: tuple[ArmReport, ...]
    lift: Lift | None


@dataclass(frozen=True)
class Pool:
    """The codes of a design, for all journeys.

    Attributes:
        design: its name.
        free: codes that can be promised.
        reserved: codes kept for promises.
        assigned: codes given, ever.
        used: codes given to those who entered on the days asked for.
        days: how many days those were.
    """

    design: str
    free: int
    reserved: int
    assigned: int
    used: int
    days: int

    @property
    def a_day(self) -> float:
        """How many codes are given a day, about."""
        return self.used / self.days

    @property
    def lasts(self) -> float | None:
        """Days until none is free, at that pace; None where none is used."""
        return self.free / self.a_day if self.used else None

    @property
    def low(self) -> bool:
        """Whether it needs a person soon."""
        return self.lasts is not None and self.lasts < LASTS_DAYS


def glances(session: Session, journeys: Collection[str], since: date, until: date) -> dict[str, Glance]:
    """How journeys did.

    Args:
        session: any transaction.
        journeys: names.
        since: first day of the cohort, UTC, journey clock.
        until: last day, included.
    """
    counted = overall(session, journeys, MEASURES, Cohort("", since, until))
    found = {name: arms(tally) for name, tally in counted.items()}
    return {name: Glance(each, holdout_lift(each)) for name, each in found.items()}


def pools(session: Session, journeys: Collection[str], since: date, until: date) -> dict[str, Pool]:
    """The pools of every design.

    Args:
        session: any transaction.
        journeys: names of all of them.
        since: first of the days by which its use is judged, UTC, journey clock.
        until: last of them.
    """
    names = session.exec(select(VoucherDesign.name).order_by(col(VoucherDesign.name))).all()
    # Those given away are counted already; the others are as few as the stock is small.
    stock: Mapping[tuple[str, str], int] = {
        (design, state): number
        for design, state, number in session.exec(
            select(Voucher.design, Voucher.state, func.count())
            .where(col(Voucher.design).in_(names), col(Voucher.state).in_((FREE, RESERVED)))
            .group_by(col(Voucher.design), col(Voucher.state))
        )
    }

    def given(cohort: Cohort) -> dict[str, int]:
        tallies = overall(session, journeys, [Measure.VOUCHER], cohort).values()
        sums = [tally.by(Measure.VOUCHER, "name", "detail") for tally in tallies]
        return {name: sum(each[name, "assigned"] for each in sums) for name in names}

    ever, lately = given(Cohort("")), given(Cohort("", since, until))
    days = (until - since).days + 1
    return {
        name: Pool(name, stock.get((name, FREE), 0), stock.get((name, RESERVED), 0), ever[name], lately[name], days)
        for name in names
    }
