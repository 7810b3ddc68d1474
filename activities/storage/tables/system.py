"""What a system remembers of itself."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from activities.storage.columns import Instant


class ApiKey(SQLModel, table=True):
    """A key of the HTTP API; only its hash is kept."""

    __tablename__ = "api_keys"

    id: str = Field(primary_key=True)
    name: str
    secret_hash: str
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class StoredClock(SQLModel, table=True):
    """The journey clock of this system, stored at its first start."""

    __tablename__ = "clock"

    id: int = Field(default=1, primary_key=True)
    wall_origin: datetime = Field(sa_column=Column(Instant, nullable=False))
    journey_origin: datetime = Field(sa_column=Column(Instant, nullable=False))
    speed: float = 1.0
