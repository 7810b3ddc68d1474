"""Pools of voucher codes: what is left in each, how fast it goes, and how long it will last."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from activities.storage.counts import Measure
from activities.storage.reports.rollup import overall
from activities.storage.tables import Voucher, VoucherDesign
from activities.storage.vouchers import ASSIGNED, FREE, RESERVED

LOOKED_BACK = timedelta(days=7)
NEWEST = 1_000  # codes that tell how fast a pool is used
LOW = timedelta(days=7)


@dataclass(frozen=True)
class Pool:
    """A design and its codes.

    Attributes:
        design: its row.
        free: codes that can be promised.
        reserved: codes kept for promises.
        assigned: codes that were given.
        redeemed: given codes that were used, as far as the shop reports it.
        a_day: codes that leave the pool a day, of late.
    """

    design: VoucherDesign
    free: int
    reserved: int
    assigned: int
    redeemed: int
    a_day: float

    @property
    def loaded(self) -> int:
        """All codes there ever were."""
        return self.free + self.reserved + self.assigned

    @property
    def lasts(self) -> timedelta | None:
        """How long the free codes last, if it goes on like that; None where none are used."""
        return timedelta(days=min(self.free / self.a_day, 3650)) if self.a_day else None

    @property
    def is_low(self) -> bool:
        """Whether somebody should load codes now."""
        return self.free == 0 or (self.lasts is not None and self.lasts < LOW)

    @property
    def runs_out(self) -> bool:
        """Whether it is low and was not always: a design that never had a code is another matter."""
        return self.is_low and self.loaded > 0


def free_codes(session: Session) -> dict[str, int]:
    """How many codes of each design can be promised, by the design's name.

    Args:
        session: any transaction.
    """
    counts = dict(
        session.exec(
            select(Voucher.design, func.count()).where(Voucher.state == FREE).group_by(col(Voucher.design))
        ).all()
    )
    designs = session.exec(select(VoucherDesign.name).order_by(col(VoucherDesign.name))).all()
    return {design: counts.get(design, 0) for design in designs}


def pools(session: Session, journeys: Collection[str], now: datetime, only: str | None = None) -> list[Pool]:
    """The pools of all designs, by name.

    Args:
        session: any transaction.
        journeys: names of all journeys, whose counts say what was redeemed.
        now: journey instant, UTC.
        only: name of the one design that is wanted.
    """
    designs = select(VoucherDesign).order_by(col(VoucherDesign.name))
    # Those given away are counted already; the others are as few as the stock is small.
    counts = (
        select(Voucher.design, Voucher.state, func.count())
        .where(col(Voucher.state).in_((FREE, RESERVED)))
        .group_by(col(Voucher.design), col(Voucher.state))
    )
    if only is not None:
        designs, counts = designs.where(VoucherDesign.name == only), counts.where(Voucher.design == only)
    found = session.exec(designs).all()
    codes = Counter({(design, state): number for design, state, number in session.exec(counts)})
    for tally in overall(session, journeys, [Measure.VOUCHER]).values():
        codes.update(tally.by(Measure.VOUCHER, "name", "detail"))
    return [_pool(session, design, codes, now) for design in found]


def _pool(session: Session, design: VoucherDesign, codes: Mapping[tuple[str, str], int], now: datetime) -> Pool:
    free, reserved, assigned, redeemed = (
        codes.get((design.name, of), 0) for of in (FREE, RESERVED, ASSIGNED, "redeemed")
    )
    a_day = _a_day(session, design.name, now) if reserved or assigned else 0.0
    return Pool(design, free, reserved, assigned, redeemed, a_day)


def _a_day(session: Session, design: str, now: datetime) -> float:
    """Codes are given in the order of their positions, so the newest of them tell the pace."""
    left, oldest = 0, now
    for state in (RESERVED, ASSIGNED):
        newest = (
            select(Voucher.reserved_at)
            .where(Voucher.design == design, Voucher.state == state)
            .order_by(col(Voucher.position).desc())
            .limit(NEWEST)
            .subquery()
        )
        at = newest.c.reserved_at
        number, first = session.exec(select(func.count(), func.min(at)).where(at > now - LOOKED_BACK)).one()
        left, oldest = left + number, min(oldest, first or oldest)
    if not left:
        return 0.0
    # A pool that is young, or very busy, is judged by the time it was seen.
    span = LOOKED_BACK if left < NEWEST else now - oldest
    return left / max(span / timedelta(days=1), 1 / 24)
