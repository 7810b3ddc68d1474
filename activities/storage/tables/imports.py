"""Files and databases of registrations, and the pace of those who come in bulk."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from activities.storage.columns import JSON_DOCUMENT, Instant


class Import(SQLModel, table=True):
    """A file of registrations, and how far it was read. Its content is its key: a file is imported once."""

    __tablename__ = "imports"
    __table_args__ = (
        UniqueConstraint("sha256", "size", "format", name="one_import_a_content"),
        Index("imports_open", "state"),
    )

    id: str = Field(primary_key=True)
    sha256: str
    size: int = Field(sa_column=Column(BigInteger, nullable=False))  # bytes
    format: str  # csv or ndjson
    state: str = "waiting"  # waiting, running or done
    position: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))  # bytes that were read
    lines: int = 0  # read, heading and blank ones included
    accepted: int = 0  # new customers
    known: int = 0  # customers we had
    refused: int = 0
    owner: str = ""  # of the run that goes on with it; another one has lost it
    lease_until: datetime | None = Field(default=None, sa_column=Column(Instant))  # wall clock
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock
    finished_at: datetime | None = Field(default=None, sa_column=Column(Instant))  # wall clock


class RefusedLine(SQLModel, table=True):
    """A line of an imported file that was not taken, and why; without its values."""

    __tablename__ = "refused_lines"

    import_id: str = Field(primary_key=True, foreign_key="imports.id")
    line: int = Field(primary_key=True)
    errors: list[Any] = Field(default_factory=list, sa_column=Column(JSON_DOCUMENT, nullable=False))


class ImportSource(SQLModel, table=True):
    """A query in a database of the client's, and how far its rows were read. It holds no address and no password."""

    __tablename__ = "import_sources"

    name: str = Field(primary_key=True)
    address: str = ""  # name of the setting that has the database's URL; empty where it was given for one run
    query: str
    key: str  # the column that tells rows apart, and in whose order they are read
    cursor: list[str] | None = Field(default=None, sa_column=Column(JSON_DOCUMENT))  # type and value of the last key
    every: int | None = None  # seconds between two scheduled runs
    rows: int = 0  # read, in all runs
    accepted: int = 0  # new customers
    known: int = 0  # customers we had
    refused: int = 0
    owner: str = ""  # of the run that goes on with it; another one has lost it
    lease_until: datetime | None = Field(default=None, sa_column=Column(Instant))  # wall clock
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock
    finished_at: datetime | None = Field(default=None, sa_column=Column(Instant))  # wall clock, of the last whole run


class RefusedRow(SQLModel, table=True):
    """A row of a source that was not taken, and why; without its values."""

    __tablename__ = "refused_rows"

    source: str = Field(primary_key=True, foreign_key="import_sources.name")
    key: str = Field(primary_key=True)
    run: str = Field(primary_key=True)  # that read it
    errors: list[Any] = Field(default_factory=list, sa_column=Column(JSON_DOCUMENT, nullable=False))


class Pace(SQLModel, table=True):
    """When the next journey of those who come in bulk may start."""

    __tablename__ = "paces"

    name: str = Field(primary_key=True)
    next_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock
