"""Vouchers, points and what journeys added to profiles."""

from datetime import date, datetime

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from activities.storage.columns import Instant


class VoucherDesign(SQLModel, table=True):
    """What a voucher is worth and looks like."""

    __tablename__ = "voucher_designs"

    name: str = Field(primary_key=True)
    value: str  # "£10 off"
    minimum: str | None = None  # "one order of £40 or more"
    short: str = ""  # "£10 off, from £40": for texts
    terms: str | None = None
    valid_days: int = 60
    unit_cost: int | None = None  # of one redeemed code, in the smallest unit of the shop's currency


class Voucher(SQLModel, table=True):
    """One code of a pool."""

    __tablename__ = "vouchers"
    __table_args__ = (
        UniqueConstraint("enrollment_id", "step", "visit", name="one_voucher_a_visit"),
        Index("vouchers_free", "design", "state", "position"),
    )

    code: str = Field(primary_key=True)
    id: str = Field(unique=True)
    design: str = Field(foreign_key="voucher_designs.name")
    position: int = 0  # codes are given in the order they were loaded
    state: str = "free"  # free, reserved or assigned
    enrollment_id: str | None = Field(default=None, index=True)
    step: str | None = None  # of the step that assigned it
    visit: int | None = None
    valid_until: date | None = None  # on the customer's clock; fixed by the promise
    reserved_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    assigned_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class PointsEntry(SQLModel, table=True):
    """One change of a customer's points; the balance is their sum, so a retry cannot add twice."""

    __tablename__ = "points"
    __table_args__ = (UniqueConstraint("enrollment_id", "step", "visit", name="one_award_a_visit"),)

    id: str = Field(primary_key=True)
    customer_id: str = Field(foreign_key="customers.id", index=True)
    enrollment_id: str = Field(foreign_key="enrollments.id")
    step: str
    visit: int
    amount: int
    balance: int  # after this entry
    awarded_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock


class ProfileIncrease(SQLModel, table=True):
    """One growth of a number in a profile; the row makes a retry find that it is done (guarantees A15)."""

    __tablename__ = "profile_increases"
    __table_args__ = (UniqueConstraint("enrollment_id", "step", "visit", name="one_increase_a_visit"),)

    id: str = Field(primary_key=True)
    customer_id: str = Field(foreign_key="customers.id", index=True)
    enrollment_id: str = Field(foreign_key="enrollments.id")
    step: str
    visit: int
    field: str
    amount: float
    applied_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock
