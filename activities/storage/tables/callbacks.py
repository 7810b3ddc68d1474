"""What providers told us later, each thing once."""

from datetime import datetime

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from activities.storage.columns import Instant


class ProviderCallback(SQLModel, table=True):
    """One callback. Its key lets a repetition be known, however late it comes."""

    __tablename__ = "provider_callbacks"
    __table_args__ = (Index("callbacks_parked", "state", "received_at"),)

    provider: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    kind: str  # activities/callbacks.py
    state: str = "applied"  # applied; parked until its message is known; ignored
    message_id: str = Field(default="", index=True)
    provider_id: str = ""  # of the message
    customer_id: str = Field(default="", index=True)
    address_hash: str = Field(default="", index=True)  # keyed; of the number that a text came from
    word: str = ""  # stop, start, help: what the text asked for (evidence)
    text: str = ""
    reason: str = ""
    machine: bool = False
    at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock, as the provider says
    received_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock
