"""Codes that an outside voucher service is to know."""

from datetime import datetime

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from activities.storage.columns import Instant


class OrderedCode(SQLModel, table=True):
    """A code that we chose: written here first, then told to the service, and only then part of our pool."""

    __tablename__ = "ordered_codes"
    __table_args__ = (Index("ordered_codes_open", "design", "stocked_at"),)

    code: str = Field(primary_key=True)
    design: str = Field(foreign_key="voucher_designs.name")
    campaign: str  # of the service
    ordered_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock
    stocked_at: datetime | None = Field(default=None, sa_column=Column(Instant))  # the service knows it
    publish_tried_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    published_at: datetime | None = Field(default=None, sa_column=Column(Instant))  # the service knows whose it is
    refused: str = ""  # why the service takes the code, or its publication, never
