"""Voucher designs: what a journey gave, what came back, and what a conversion costs."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, func, select

from activities.storage.counts import Measure
from activities.storage.reports.model import VoucherReport
from activities.storage.reports.rollup import Tally
from activities.storage.tables import Voucher, VoucherDesign
from activities.storage.vouchers import FREE, RESERVED


def vouchers(session: Session, tally: Tally, parameters: Mapping[str, Any]) -> tuple[VoucherReport, ...]:
    """Every design that the cohort has to do with, and those the journey would use now.

    Args:
        session: any transaction.
        tally: of the cohort.
        parameters: of the journey now; one that names a stored design is taken for its design.
    """
    counted = tally.by(Measure.VOUCHER, "name", "detail")
    named = {value for value in parameters.values() if isinstance(value, str)}
    wanted = sorted({design for design, _ in counted} | named)
    designs = session.exec(
        select(VoucherDesign).where(col(VoucherDesign.name).in_(wanted)).order_by(col(VoucherDesign.name))
    ).all()
    pools = _pools(session, [design.name for design in designs])
    return tuple(_report(design, counted, pools) for design in designs)


def _report(design: VoucherDesign, counted: Counter[Any], pools: Mapping[tuple[str, str], int]) -> VoucherReport:
    name = design.name
    redeemed, conversions = counted[name, "redeemed"], counted[name, "converted"]
    cost = None if design.unit_cost is None else redeemed * design.unit_cost
    return VoucherReport(
        design=name,
        assigned=counted[name, "assigned"],
        redeemed=redeemed,
        left=pools.get((name, FREE), 0),
        reserved=pools.get((name, RESERVED), 0),
        conversions=conversions,
        cost=cost,
        cost_per_conversion=cost / conversions if cost is not None and conversions else None,
    )


def _pools(session: Session, designs: list[str]) -> dict[tuple[str, str], int]:
    statement = (
        select(Voucher.design, Voucher.state, func.count())
        .where(col(Voucher.design).in_(designs), col(Voucher.state).in_((FREE, RESERVED)))
        .group_by(col(Voucher.design), col(Voucher.state))
    )
    return {(design, state): number for design, state, number in session.exec(statement)}
