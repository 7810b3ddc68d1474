"""Journeys, those who are in them, and what happened to each."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from activities.storage.columns import JSON_DOCUMENT, Instant


class JourneySetting(SQLModel, table=True):
    """A journey's state and the parameters staff have changed."""

    __tablename__ = "journey_settings"

    journey: str = Field(primary_key=True)
    state: str = "active"  # active, paused or held
    parameters: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON_DOCUMENT, nullable=False))
    holdout: float = 0.0  # share of customers left alone, so that it can be told what the journey brings
    changed_at: datetime = Field(sa_column=Column(Instant, nullable=False))


# With the value in its text, so that both databases know the condition of the index again.
IS_INSIDE = text("state <> 'ended'")


class Enrollment(SQLModel, table=True):
    """One customer's entry into one journey: one workflow."""

    __tablename__ = "enrollments"
    __table_args__ = (
        UniqueConstraint("customer_id", "journey", "entry_key", name="one_enrollment_an_entry"),
        Index("enrollments_open", "journey", "state"),
        # Who stands at a step: those inside are few among those who ever were.
        Index(
            "enrollments_inside",
            *("journey", "step", "decided", "id"),
            postgresql_where=IS_INSIDE,
            sqlite_where=IS_INSIDE,
        ),
    )

    id: str = Field(primary_key=True)
    customer_id: str = Field(foreign_key="customers.id", index=True)
    journey: str
    entry_key: str = ""  # empty where the journey is entered once, ever
    workflow_id: str
    arm: str = "treated"  # or holdout
    origin: str = "live"  # live or import; those who come in bulk give way
    state: str = "starting"  # starting, running or ended
    parameters: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON_DOCUMENT, nullable=False))
    trigger_type: str = ""
    trigger_properties: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON_DOCUMENT, nullable=False))
    clock_wall_origin: datetime = Field(sa_column=Column(Instant, nullable=False))
    clock_journey_origin: datetime = Field(sa_column=Column(Instant, nullable=False))
    clock_speed: float = 1.0
    spread_seconds: float = 0.0
    enrolled_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock
    started_at: datetime | None = Field(default=None, sa_column=Column(Instant))  # journey clock
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))  # journey clock
    outcome: str | None = None
    reason: str | None = None
    step: str = ""  # where the last recorded entry stands
    decided: str = ""  # what became of the message of that step, once it is decided for good: they are behind it
    last_seq: int = 0
    held: bool = False
    hold_reason: str = ""
    hold_version: int = 0
    hold_seen: int = 0  # the hold version the workflow has acknowledged
    cancel_reason: str | None = None  # set: the gate lets nothing pass any more


class TimelineEntry(SQLModel, table=True):
    """One line of what happened to an enrollment."""

    __tablename__ = "timeline"

    enrollment_id: str = Field(primary_key=True, foreign_key="enrollments.id")
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock
    kind: str
    step: str
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON_DOCUMENT, nullable=False))
