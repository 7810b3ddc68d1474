"""Keeps our pool of codes filled with codes that an outside voucher service knows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from activities.storage import vouchers
from activities.storage.designs import CODE_ALPHABET, standard_design
from activities.storage.ids import new_code
from activities.storage.tables import Customer, Enrollment, OrderedCode, Voucher, VoucherDesign
from activities.storage.upserts import insert_new
from activities.storage.vouchers import ASSIGNED, FREE
from activities.voucher_sources import Publication

GROUP, GROUPS = 4, 3  # ABCD-EFGH-JKLM: 60 bits, typed by hand
PUBLISH_LEASE = timedelta(minutes=2)  # an attempt that has not ended by then never will


@dataclass(frozen=True)
class Level:
    """How full a pool is."""

    free: int
    ordered: int  # written down, not yet known to the service


def level(session: Session, design: str) -> Level:
    """How many codes of a design can be promised, and how many are on their way."""
    free = select(func.count()).where(Voucher.design == design, Voucher.state == FREE)
    return Level(session.exec(free).one(), session.exec(_open(design, func.count())).one())


def order(session: Session, design: str, campaign: str, target: int, now: datetime, *, limit: int) -> list[str]:
    """Write down the codes that a pool lacks.

    Args:
        session: a writing transaction.
        design: name of the design; stored as a standard one where there is none yet.
        campaign: of the service.
        target: how many codes are to be free.
        now: wall-clock instant, UTC.
        limit: how many codes at most come back, and are on their way.

    Returns:
        Every code that the service is to be told, the oldest first: those of earlier orders too.
    """
    if session.get(VoucherDesign, design) is None:
        insert_new(session, VoucherDesign, standard_design(design).model_dump())
    # Two keepers of stock would both see the same lack: the row makes one wait for the other.
    session.exec(select(VoucherDesign).where(VoucherDesign.name == design).with_for_update()).one()
    pool = level(session, design)
    for _ in range(min(target - pool.free - pool.ordered, limit - pool.ordered)):
        session.add(OrderedCode(code=_chosen(), design=design, campaign=campaign, ordered_at=now))
    session.flush()
    return list(session.exec(_open(design, OrderedCode.code).order_by(col(OrderedCode.ordered_at)).limit(limit)))


def stock(session: Session, code: str, now: datetime) -> bool:
    """Put a code that the service knows into the pool, once.

    Returns:
        Whether it was new there.
    """
    ordered = session.get_one(OrderedCode, code, with_for_update=True)
    if ordered.stocked_at is not None:
        return False
    ordered.stocked_at = now
    session.add(ordered)
    vouchers.load(session, session.get_one(VoucherDesign, ordered.design), [code])
    return True


def refuse(session: Session, code: str, reason: str) -> None:
    """Never tell the service of this code, or of whose it is, again."""
    ordered = session.get_one(OrderedCode, code, with_for_update=True)
    ordered.refused = reason
    session.add(ordered)


def claim_publications(session: Session, designs: Iterable[str], now: datetime, *, limit: int) -> list[Publication]:
    """Codes that were given to customers and that the service knows no owner of yet; for this caller alone.

    Args:
        session: a writing transaction.
        designs: whose codes.
        now: wall-clock instant, UTC.
        limit: how many at most.
    """
    statement = (
        select(OrderedCode, Voucher.id, Customer)
        .join(Voucher, col(Voucher.code) == OrderedCode.code)
        .join(Enrollment, col(Enrollment.id) == Voucher.enrollment_id)
        .join(Customer, col(Customer.id) == Enrollment.customer_id)
        .where(
            col(OrderedCode.design).in_(designs),
            OrderedCode.refused == "",
            col(OrderedCode.published_at).is_(None),
            or_(
                col(OrderedCode.publish_tried_at).is_(None),
                col(OrderedCode.publish_tried_at) < now - PUBLISH_LEASE,
            ),
            Voucher.state == ASSIGNED,
            col(Customer.erased_at).is_(None),
        )
        .order_by(col(Voucher.position))
        .limit(limit)
        .with_for_update(of=OrderedCode, skip_locked=True)
    )
    found = []
    for ordered, allocation_id, customer in session.exec(statement):
        owner = customer.external_id or customer.id
        found.append(Publication(ordered.code, allocation_id, owner, ordered.publish_tried_at is not None))
        ordered.publish_tried_at = now
        session.add(ordered)
    return found


def published(session: Session, code: str, now: datetime) -> None:
    """The service knows whose the code is."""
    ordered = session.get_one(OrderedCode, code, with_for_update=True)
    ordered.published_at = now
    session.add(ordered)


def _open(design: str, what: Any) -> Any:
    return select(what).where(
        OrderedCode.design == design, col(OrderedCode.stocked_at).is_(None), OrderedCode.refused == ""
    )


def _chosen() -> str:
    return "-".join(new_code(CODE_ALPHABET, GROUP) for _ in range(GROUPS))
