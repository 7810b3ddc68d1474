"""The weekly summaries that staff get by email."""

from datetime import date, datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from activities.storage.columns import Instant


class WeeklySummary(SQLModel, table=True):
    """One member's summary of one week, in a ledger of its own: staff are in no journey. All times are wall clock."""

    __tablename__ = "weekly_summaries"

    id: str = Field(primary_key=True)  # of the member and the week: the key that the provider hears
    staff_id: str = Field(foreign_key="staff.id", index=True)
    week: date  # the Monday on which it goes out, on the member's clock
    state: str = Field(index=True)  # activities/storage/ledger.py
    reason: str = ""
    attempt_token: str = ""
    lease_until: datetime | None = Field(default=None, sa_column=Column(Instant))
    attempts: int = 0
    first_asked_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    decided_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    to: str = ""  # with the words: only until it is settled
    subject: str = ""
    html: str = ""
    text: str = ""
    put_off_for: str = ""
    put_off_until: datetime | None = Field(default=None, sa_column=Column(Instant))
