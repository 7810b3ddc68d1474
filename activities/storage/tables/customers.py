"""Who a customer is, what they agreed to and which addresses are never used."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from activities.storage.columns import JSON_DOCUMENT, Instant


class Customer(SQLModel, table=True):
    """One person, as the client's systems and the person described them."""

    __tablename__ = "customers"
    __table_args__ = (Index("customers_latest", "created_at", "id"),)

    id: str = Field(primary_key=True)
    external_id: str | None = Field(default=None, index=True)  # the client's own id
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = Field(default=None, index=True)  # E.164; a household may share one
    date_of_birth: date | None = None
    timezone: str = "UTC"
    timezone_source: str = "default"  # given, phone, country or default
    country: str | None = None  # ISO 3166-1 alpha-2
    locale: str | None = None  # BCP 47
    preferred_channel: str | None = None
    attributes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON_DOCUMENT, nullable=False))
    source: str = "api"  # api, manual or import
    version: int = 1  # grows with every change that a journey may care about
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock
    registered_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock
    erased_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class Identity(SQLModel, table=True):
    """What tells a customer apart. A row a claim, so that two registrations cannot both win."""

    __tablename__ = "identities"

    kind: str = Field(primary_key=True)  # id, email or phone
    value: str = Field(primary_key=True)  # normalised
    customer_id: str = Field(foreign_key="customers.id", index=True)


class Consent(SQLModel, table=True):
    """A customer's decision about one channel; without a row none was taken."""

    __tablename__ = "consents"

    customer_id: str = Field(primary_key=True, foreign_key="customers.id")
    channel: str = Field(primary_key=True)
    given: bool
    source: str  # registration, profile page, unsubscribe page, ...
    reason: str = ""
    changed_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock


class Suppression(SQLModel, table=True):
    """An address that must not be contacted, kept as a keyed hash so that it outlives an erasure."""

    __tablename__ = "suppressions"

    channel: str = Field(primary_key=True)
    address_hash: str = Field(primary_key=True)
    reason: str
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class Confirmation(SQLModel, table=True):
    """Evidence that a customer confirmed an email address (guarantees D6)."""

    __tablename__ = "confirmations"

    customer_id: str = Field(primary_key=True, foreign_key="customers.id")
    address_hash: str = Field(primary_key=True)  # keyed: outlives a change of the address, tells nobody
    confirmed_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock
    arrived_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock
    source: str  # where they pressed
    text_version: str  # fingerprint of the words beside the button
    ip_hash: str  # keyed
    enrollment_id: str = ""  # the journey that asked
    channel: str = ""  # over which the link came
