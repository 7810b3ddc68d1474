"""The tables. Rows stay inside this folder and the API; a workflow never sees one."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, UniqueConstraint
from sqlmodel import Field, SQLModel

from activities.storage.columns import JSON_DOCUMENT, Instant

# SQLite numbers rows by itself only in an INTEGER primary key.
SERIAL = BigInteger().with_variant(Integer(), "sqlite")

# Every constraint has a name, so that a later migration can speak of it on both databases.
SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
}


class Customer(SQLModel, table=True):
    """One person, as the client's systems and the person described them."""

    __tablename__ = "customers"

    id: str = Field(primary_key=True)
    external_id: str | None = Field(default=None, index=True)  # the client's own id
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None  # E.164
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


class JourneySetting(SQLModel, table=True):
    """A journey's state and the parameters staff have changed."""

    __tablename__ = "journey_settings"

    journey: str = Field(primary_key=True)
    state: str = "active"  # active, paused or held
    parameters: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON_DOCUMENT, nullable=False))
    changed_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class Enrollment(SQLModel, table=True):
    """One customer's entry into one journey: one workflow."""

    __tablename__ = "enrollments"
    __table_args__ = (
        UniqueConstraint("customer_id", "journey", "entry_key", name="one_enrollment_an_entry"),
        Index("enrollments_open", "journey", "state"),
    )

    id: str = Field(primary_key=True)
    customer_id: str = Field(foreign_key="customers.id", index=True)
    journey: str
    entry_key: str = ""  # empty where the journey is entered once, ever
    workflow_id: str
    arm: str = "treated"
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


class Message(SQLModel, table=True):
    """The ledger of messages: claimed before a provider is called, settled after."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("enrollment_id", "step", "visit", "channel", name="one_message_a_visit"),)

    id: str = Field(primary_key=True)
    enrollment_id: str = Field(foreign_key="enrollments.id")
    customer_id: str = Field(index=True)
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
    provider_id: str = ""
    to: str = ""
    subject: str = ""
    html: str = ""
    text: str = ""
    headers: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON_DOCUMENT, nullable=False))
    promised: str = ""  # voucher or points; empty for a message without a promise
    promised_design: str = ""
    promised_amount: int = 0
    promise_ends: datetime | None = Field(default=None, sa_column=Column(Instant))  # journey clock
    delivery: str = ""  # delivered, bounced, ...; from callbacks


class VoucherDesign(SQLModel, table=True):
    """What a voucher is worth and looks like."""

    __tablename__ = "voucher_designs"

    name: str = Field(primary_key=True)
    value: str  # "£10 off"
    minimum: str | None = None  # "one order of £40 or more"
    short: str = ""  # "£10 off, from £40": for texts
    terms: str | None = None
    valid_days: int = 60


class Voucher(SQLModel, table=True):
    """One code of a pool."""

    __tablename__ = "vouchers"
    __table_args__ = (
        UniqueConstraint("enrollment_id", "step", "visit", name="one_voucher_a_visit"),
        Index("vouchers_free", "design", "state", "position"),
    )

    code: str = Field(primary_key=True)
    id: str = Field(unique=True)
    design: str = Field(foreign_key="voucher_designs.name")
    position: int = 0  # codes are given in the order they were loaded
    state: str = "free"  # free, reserved or assigned
    enrollment_id: str | None = Field(default=None, index=True)
    step: str | None = None  # of the step that assigned it
    visit: int | None = None
    valid_until: date | None = None  # on the customer's clock; fixed by the promise
    reserved_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    assigned_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class PointsEntry(SQLModel, table=True):
    """One change of a customer's points; the balance is their sum, so a retry cannot add twice."""

    __tablename__ = "points"
    __table_args__ = (UniqueConstraint("enrollment_id", "step", "visit", name="one_award_a_visit"),)

    id: str = Field(primary_key=True)
    customer_id: str = Field(foreign_key="customers.id", index=True)
    enrollment_id: str = Field(foreign_key="enrollments.id")
    step: str
    visit: int
    amount: int
    balance: int  # after this entry
    awarded_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock


class ProfileIncrease(SQLModel, table=True):
    """One growth of a number in a profile; the row makes a retry find that it is done (guarantees A15)."""

    __tablename__ = "profile_increases"
    __table_args__ = (UniqueConstraint("enrollment_id", "step", "visit", name="one_increase_a_visit"),)

    id: str = Field(primary_key=True)
    customer_id: str = Field(foreign_key="customers.id", index=True)
    enrollment_id: str = Field(foreign_key="enrollments.id")
    step: str
    visit: int
    field: str
    amount: float
    applied_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # journey clock


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


class Pace(SQLModel, table=True):
    """When the next journey of those who come in bulk may start."""

    __tablename__ = "paces"

    name: str = Field(primary_key=True)
    next_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock


class IdempotentAnswer(SQLModel, table=True):
    """The answer to a request that carried an Idempotency-Key."""

    __tablename__ = "idempotency"

    key_id: str = Field(primary_key=True)
    route: str = Field(primary_key=True)
    idempotency_key: str = Field(primary_key=True)
    fingerprint: str
    status: int | None = None  # None while the first request is still at work
    body: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON_DOCUMENT))
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))  # wall clock


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
