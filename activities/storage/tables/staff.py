"""Who may open the console, and what they did there."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from activities.storage.columns import JSON_DOCUMENT, Instant
from activities.storage.tables.base import SERIAL


class StaffMember(SQLModel, table=True):
    """A person who signs in to the console."""

    __tablename__ = "staff"

    id: str = Field(primary_key=True)
    login: str = Field(unique=True)  # case-folded
    name: str  # as others read it in the audit log
    role: str  # viewer, support or admin
    password_hash: str
    timezone: str = "UTC"  # IANA name, in which the console shows times
    summary_to: str = ""  # email address for the weekly summary; empty for none
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock
    disabled_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class StaffSession(SQLModel, table=True):
    """A signed-in browser; only a hash of its cookie is kept."""

    __tablename__ = "staff_sessions"

    token_hash: str = Field(primary_key=True)
    staff_id: str = Field(foreign_key="staff.id", index=True)
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock
    expires_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock


class AuditEntry(SQLModel, table=True):
    """One staff action: who, when, what, to whom, why. Never deleted; an erasure blanks the words."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("audit_log_subject", "subject_kind", "subject_id"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, sa_column=Column(SERIAL, primary_key=True, autoincrement=True))
    at: datetime = Field(sa_column=Column(Instant, nullable=False, index=True))  # wall clock
    actor: str  # id of the staff member, or of the API key
    actor_name: str
    action: str  # customer.erase, journey.pause, ...
    subject_kind: str  # customer, enrollment, journey, ...
    subject_id: str  # opaque; never an address
    why: str = ""
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON_DOCUMENT, nullable=False))
