"""The weekly summaries that staff get by email."""

from datetime import date, datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from activities.storage.columns import Instant


class WeeklySummary(SQLModel, table=True):
    """One member's summary of one week: claimed before its provider is called, so that it is never sent twice."""

    __tablename__ = "weekly_summaries"

    staff_id: str = Field(primary_key=True, foreign_key="staff.id")
    week: date = Field(primary_key=True)  # the Monday on which it goes out, on the member's clock
    state: str = "claimed"  # then accepted, refused or unknown
    reason: str = ""
    claimed_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock
