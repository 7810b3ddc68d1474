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


def pools(session: Session, journeys: Collection[str], now: datetime, only: str | None = None) -> list[Pool]:
    """The pools of all designs, by name.

    Args:
        session: any transaction.
        journeys: names of all journeys, whose counts say what was redeemed.
        now: journey instant, UTC.
        only: name of the one design that is wanted.
    """
    designs = select(VoucherDesign).order_by(col(VoucherDesign.name))
    counts = select(Voucher.design, Voucher.state, func.count()).group_by(col(Voucher.design), col(Voucher.state))
    if only is not None:
        designs, counts = designs.where(VoucherDesign.name == only), counts.where(Voucher.design == only)
    found = session.exec(designs).all()
    codes = {(design, state): number for design, state, number in session.exec(counts)}
    redeemed: Counter[str] = Counter()
    for tally in overall(session, journeys, [Measure.VOUCHER]).values():
        for (name, detail), number in tally.by(Measure.VOUCHER, "name", "detail").items():
            redeemed[name] += number if detail == "redeemed" else 0
    return [_pool(session, design, codes, redeemed, now) for design in found]


def _pool(
    session: Session, design: VoucherDesign, codes: Mapping[tuple[str, str], int], redeemed: Counter[str], now: datetime
) -> Pool:
    free, reserved, assigned = (codes.get((design.name, state), 0) for state in (FREE, RESERVED, ASSIGNED))
    a_day = _a_day(session, design.name, now) if reserved or assigned else 0.0
    return Pool(design, free, reserved, assigned, redeemed[design.name], a_day)


def _a_day(session: Session, design: str, now: datetime) -> float:
    """Codes are given in the order of their positions, so the newest of them tell the pace."""
    left: list[datetime] = []
    for state in (RESERVED, ASSIGNED):
        newest = (
            select(Voucher.reserved_at)
            .where(Voucher.design == design, Voucher.state == state)
            .order_by(col(Voucher.position).desc())
            .limit(NEWEST)
        )
        left += [at for at in session.exec(newest) if at is not None and at > now - LOOKED_BACK]
    if not left:
        return 0.0
    # A pool that is young, or very busy, is judged by the time it was seen.
    span = LOOKED_BACK if len(left) < NEWEST else now - min(left)
    return len(left) / max(span / timedelta(days=1), 1 / 24)
