"""What came in and what Temporal must still hear of."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from activities.storage.columns import JSON_DOCUMENT, Instant
from activities.storage.tables.base import SERIAL


class InboxEvent(SQLModel, table=True):
    """An accepted event, stored before anything is done about it."""

    __tablename__ = "inbox"

    source: str = Field(primary_key=True)  # api, page or system
    event_id: str = Field(primary_key=True)
    type: str = Field(index=True)
    customer_id: str = Field(index=True)
    fingerprint: str
    occurred_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock
    received_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock
    arrived_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock
    properties: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON_DOCUMENT, nullable=False))


class OutboxItem(SQLModel, table=True):
    """Something Temporal must hear of: the start of a workflow, a signal, a cancel. Gone once delivered."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_due", "due_at"),
        # A pending snapshot stands for all later ones: it is read when it is delivered.
        UniqueConstraint("enrollment_id", "kind", "subject", name="one_pending_of_a_kind"),
        # An id used again would let a relay that wakes late settle an item it never delivered.
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=Column(SERIAL, primary_key=True, autoincrement=True))
    enrollment_id: str = Field(foreign_key="enrollments.id", index=True)
    kind: str  # start, facts, hold, event, cancel
    subject: str = ""  # tells events apart; empty for snapshots
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON_DOCUMENT, nullable=False))
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock
    due_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock
    priority: int = 3  # 1 to 5 as Temporal's; the lower number goes first
    attempts: int = 0
    revision: int = 0  # grows when a pending item is asked for again, so no change is taken for delivered
    error: str = ""


class IdempotentAnswer(SQLModel, table=True):
    """The answer to a request that carried an Idempotency-Key."""

    __tablename__ = "idempotency"

    key_id: str = Field(primary_key=True)
    route: str = Field(primary_key=True)
    idempotency_key: str = Field(primary_key=True)
    fingerprint: str
    status: int | None = None  # None while the first request is still at work
    body: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON_DOCUMENT))
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False, index=True))  # wall clock
