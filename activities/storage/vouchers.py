"""Vouchers: one code to one customer, promised only while there is one to keep."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, insert
from sqlmodel import Session, col, select, update

from activities.storage.ids import new_id
from activities.storage.tables import Voucher, VoucherDesign

FREE, RESERVED, ASSIGNED = "free", "reserved", "assigned"
BATCH = 500  # codes

_INSERT = insert(Voucher)
# Every promise asks these; built once.
_HELD = select(Voucher).where(
    col(Voucher.enrollment_id) == bindparam("enrollment_id"),
    col(Voucher.design) == bindparam("design"),
    col(Voucher.state) == RESERVED,
)
_FIRST_FREE = (
    select(Voucher)
    .where(col(Voucher.design) == bindparam("design"), col(Voucher.state) == FREE)
    .order_by(col(Voucher.position))
    .limit(1)
    .with_for_update(skip_locked=True)
)


def reserve(session: Session, design: str, enrollment_id: str, now: datetime, zone: str) -> Voucher | None:
    """Keep one code for an enrollment, unseen by the customer; the same one when asked again.

    Args:
        session: a writing transaction.
        design: name of the design.
        enrollment_id: for whom.
        now: journey instant; the voucher's last day counts from here, so that what is promised is what is given.
        zone: the customer's, which decides what day it is.

    Returns:
        The code's row, or None when the pool is empty.
    """
    with session.no_autoflush:  # what else the transaction has changed are no vouchers
        held = session.exec(_HELD, params={"enrollment_id": enrollment_id, "design": design}).first()
        if held is not None:
            return held
        free = session.exec(_FIRST_FREE, params={"design": design}).first()
        if free is None:
            return None
        valid_days = session.get_one(VoucherDesign, design).valid_days
    free.state = RESERVED
    free.enrollment_id = enrollment_id
    free.reserved_at = now
    free.valid_until = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=valid_days)
    session.add(free)
    session.flush()
    return free


def assign(
    session: Session, design: str, enrollment_id: str, step: str, visit: int, now: datetime, zone: str
) -> Voucher | None:
    """Give one code to an enrollment, once a visit of a step: the one reserved for it, else a free one.

    Args:
        session: a writing transaction.
        design: name of the design.
        enrollment_id: for whom.
        step: that gives it.
        visit: of the step.
        now: journey instant.
        zone: the customer's.

    Returns:
        The code's row, or None when the pool is empty.
    """
    given = session.exec(
        select(Voucher).where(Voucher.enrollment_id == enrollment_id, Voucher.step == step, Voucher.visit == visit)
    ).first()
    if given is not None:
        return given
    voucher = reserve(session, design, enrollment_id, now, zone)
    if voucher is None:
        return None
    voucher.state = ASSIGNED
    voucher.step = step
    voucher.visit = visit
    voucher.assigned_at = now
    session.add(voucher)
    session.flush()
    return voucher


def release(session: Session, enrollment_id: str) -> None:
    """Return what was reserved and not earned to the pool."""
    with session.no_autoflush:
        session.exec(
            update(Voucher)
            .where(col(Voucher.enrollment_id) == enrollment_id, col(Voucher.state) == RESERVED)
            .values(state=FREE, enrollment_id=None, reserved_at=None, valid_until=None)
        )


def load(session: Session, design: VoucherDesign, codes: Iterable[str]) -> int:
    """Add codes to a design's pool; codes already known are passed over.

    Args:
        session: a writing transaction.
        design: stored or changed on the way.
        codes: in the order in which they will be given.

    Returns:
        How many were new.

    Raises:
        ValueError: a code belongs to another design.
    """
    session.merge(design)
    session.flush()
    position = session.exec(select(func.coalesce(func.max(Voucher.position), 0))).one()
    new = 0
    for some in _batches(list(dict.fromkeys(codes))):
        known = {row.code: row.design for row in session.exec(select(Voucher).where(col(Voucher.code).in_(some)))}
        for code, owner in known.items():
            if owner != design.name:
                raise ValueError(f"code {code} belongs to design {owner}")
        missing = [code for code in some if code not in known]
        rows = [
            {"code": code, "id": new_id("vou"), "design": design.name, "position": position + number}
            for number, code in enumerate(missing, start=new + 1)
        ]
        if rows:
            session.connection().execute(_INSERT, rows)
        new += len(rows)
    return new


def _batches(codes: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(codes), BATCH):
        yield codes[start : start + BATCH]
