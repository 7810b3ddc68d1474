"""What is counted, and the facts that no other table keeps. Nothing personal, and an erasure takes nothing away."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from activities.storage.columns import Instant
from activities.storage.tables.base import SERIAL


class _Count(SQLModel):
    """How often something happened to those who entered a journey on some day."""

    journey: str = Field(primary_key=True)  # empty for what belongs to no journey
    measure: str = Field(primary_key=True)  # activities/storage/counts.py
    day: date = Field(primary_key=True)  # UTC, journey clock
    arm: str = Field(primary_key=True)
    name: str = Field(primary_key=True)  # what is counted: a step, a design, a split, ...
    detail: str = Field(primary_key=True)  # and what of it
    number: int = Field(sa_type=BigInteger)


class DailyCount(_Count, table=True):
    """By the day on which they entered."""

    __tablename__ = "daily_counts"


class MonthlyCount(_Count, table=True):
    """The same by the month, named by its first day: of all times there are many days and few months."""

    __tablename__ = "monthly_counts"


class CountChange(SQLModel, table=True):
    """Something that happened and is not yet among the counts; gone once it is."""

    __tablename__ = "count_changes"

    id: int | None = Field(default=None, sa_column=Column(SERIAL, primary_key=True, autoincrement=True))
    journey: str
    measure: str
    day: date
    arm: str
    name: str
    detail: str
    number: int


class Conversion(SQLModel, table=True):
    """That an enrollment met its journey's goal within the conversion window, in either arm; the first time counts."""

    __tablename__ = "conversions"
    # The times of a journey's conversions in their order, so that a median is read and not sorted.
    __table_args__ = (Index("conversions_by_time", "journey", "arm", "at_entry", "seconds", "entered_on"),)

    enrollment_id: str = Field(primary_key=True, foreign_key="enrollments.id")
    journey: str
    arm: str
    entered_on: date  # UTC, journey clock
    at: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock
    seconds: float  # journey time since the enrollment
    at_entry: bool = False  # met before anything could happen: no conversion, and none will follow


class Exposure(SQLModel, table=True):
    """That an enrollment came to a split, and the arm it was drawn into. A holdout's arm is in the enrollment."""

    __tablename__ = "exposures"

    enrollment_id: str = Field(primary_key=True, foreign_key="enrollments.id")
    split: str = Field(primary_key=True)
    arm: str
    at: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock


class Reaction(SQLModel, table=True):
    """That a message was delivered, opened, clicked, ...; once a kind, however often it is reported."""

    __tablename__ = "reactions"
    __table_args__ = (Index("reactions_latest", "kind", "asked_at", "message_id"),)  # what a search by kind reads

    message_id: str = Field(primary_key=True, foreign_key="messages.id")
    kind: str = Field(primary_key=True)  # activities/storage/reactions.py
    at: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock
    asked_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # as first_asked_at of the message


class Redemption(SQLModel, table=True):
    """That a voucher was used in the shop."""

    __tablename__ = "redemptions"

    voucher_id: str = Field(primary_key=True, foreign_key="vouchers.id")
    at: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock


class CompleteProfile(SQLModel, table=True):
    """That an account has all the data a journey is for, whether or not its customer is in the journey."""

    __tablename__ = "complete_profiles"

    customer_id: str = Field(primary_key=True, foreign_key="customers.id")
    journey: str = Field(primary_key=True)
