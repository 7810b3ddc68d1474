"""What is known of the providers: who is paused, who asked for patience, and how much each has had today."""

from datetime import date, datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from activities.storage.columns import Instant


class ProviderState(SQLModel, table=True):
    """One account with a provider. All instants are of the wall clock: providers know no other."""

    __tablename__ = "provider_states"

    name: str = Field(primary_key=True)  # of the provider, as its driver names it
    paused_since: datetime | None = Field(default=None, sa_column=Column(Instant))
    pause_reason: str = ""
    resumed_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    held_since: datetime | None = Field(default=None, sa_column=Column(Instant))
    held_until: datetime | None = Field(default=None, sa_column=Column(Instant))
    held_for: str = ""
    failures: int = 0  # calls in a row that brought nothing, each of another message
    last_failed: str = ""  # the message of the last of them
    next_turn_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    day: date | None = None  # UTC; what `taken` counts
    taken: int = 0
    first_day: date | None = None  # of the warm-up, UTC
