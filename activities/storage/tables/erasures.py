"""Who was erased: what is left to prove it, and whether all of it is done."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from activities.storage.columns import Instant


class Erasure(SQLModel, table=True):
    """An erasure. Nothing in it says who the customer was."""

    __tablename__ = "erasures"

    customer_id: str = Field(primary_key=True, foreign_key="customers.id")
    source: str  # api or command line
    erased_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock; the customer's row has it, too
    cleared_at: datetime | None = Field(
        default=None, sa_column=Column(Instant)
    )  # wall clock; nothing was left anywhere
