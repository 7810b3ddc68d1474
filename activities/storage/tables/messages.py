"""The ledger of messages, and where the links in them lead."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from activities.storage.columns import JSON_DOCUMENT, Instant


class Message(SQLModel, table=True):
    """The ledger of messages: claimed before a provider is called, settled after."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("enrollment_id", "step", "visit", "channel", name="one_message_a_visit"),
        Index("ix_messages_customer_id_decided_at", "customer_id", "decided_at"),  # what frequency caps count
        # With what a search filters by, so that it looks through thousands without reading their rows.
        Index("messages_latest", "first_asked_at", "id", "journey", "template", "channel", "state"),
    )

    id: str = Field(primary_key=True)
    enrollment_id: str = Field(foreign_key="enrollments.id")
    customer_id: str
    journey: str = ""  # the enrollment's, for those who look through all messages
    step: str
    visit: int
    channel: str
    template: str
    state: str = Field(index=True)  # activities/storage/ledger.py
    reason: str = ""
    message_class: str
    attempt_token: str = ""
    lease_until: datetime | None = Field(default=None, sa_column=Column(Instant))  # wall clock
    attempts: int = 0
    first_asked_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock
    decided_at: datetime | None = Field(default=None, sa_column=Column(Instant))  # journey clock
    provider: str = ""
    provider_id: str = Field(default="", index=True)
    to: str = ""
    subject: str = ""
    html: str = ""
    text: str = ""
    headers: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON_DOCUMENT, nullable=False))
    promised: str = ""  # voucher or points; empty for a message without a promise
    promised_design: str = ""
    promised_amount: int = 0
    promise_ends: datetime | None = Field(default=None, sa_column=Column(Instant))  # journey clock
    put_off_for: str = ""  # why it waits for another moment; empty once it was let pass
    put_off_until: datetime | None = Field(default=None, sa_column=Column(Instant))  # wall clock
    delivery: str = ""  # delivered, bounced, ...; from callbacks


class TrackedLink(SQLModel, table=True):
    """Where a link in a message leads; the message itself has only a signed id (guarantees E3)."""

    __tablename__ = "tracked_links"

    id: str = Field(primary_key=True)
    message_id: str = Field(index=True)
    customer_id: str = Field(index=True)
    target: str
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock


class ShortLink(SQLModel, table=True):
    """A link short enough for a text: ten random characters that stand for a signed page."""

    __tablename__ = "short_links"

    code: str = Field(primary_key=True)
    path: str  # of the signed page, e.g. /profile/TOKEN
    customer_id: str = Field(index=True)
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))
