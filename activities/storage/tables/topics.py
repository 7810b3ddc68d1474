"""What customers want to read about, and what not."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from activities.storage.columns import Instant


class TopicConsent(SQLModel, table=True):
    """A customer's decision about one topic, on whatever channel; without a row none was taken."""

    __tablename__ = "topic_consents"

    customer_id: str = Field(primary_key=True, foreign_key="customers.id")
    topic: str = Field(primary_key=True)  # activities/interests.py
    given: bool
    source: str  # registration, preferences page, ...
    changed_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock
