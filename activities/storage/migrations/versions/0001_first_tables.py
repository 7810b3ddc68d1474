"""The tables of the first version.

Revision 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wall_origin", INSTANT, nullable=False),
        sa.Column("journey_origin", INSTANT, nullable=False),
        sa.Column("speed", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clock"),
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("first_name", sa.String(), nullable=True),
        sa.Column("last_name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=True),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("timezone_source", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=True),
        sa.Column("preferred_channel", sa.String(), nullable=True),
        sa.Column("attributes", DOCUMENT, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.Column("erased_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )
    op.create_index("ix_customers_external_id", "customers", ["external_id"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", DOCUMENT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key_id", "route", "idempotency_key", name="pk_idempotency"),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
        sa.UniqueConstraint("sha256", "size", "format", name="one_import_a_content"),
    )
    op.create_index("imports_open", "imports", ["state"], unique=False)
    op.create_table(
        "refused_lines",
        sa.Column("import_id", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("errors", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_refused_lines_import_id"),
        sa.PrimaryKeyConstraint("import_id", "line", name="pk_refused_lines"),
    )
    op.create_table(
        "paces",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_paces"),
    )
    op.create_table(
        "inbox",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("arrived_at", INSTANT, nullable=False),
        sa.Column("properties", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("source", "event_id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_customer_id", "inbox", ["customer_id"], unique=False)
    op.create_index("ix_inbox_type", "inbox", ["type"], unique=False)
    op.create_table(
        "journey_settings",
        sa.Column("journey", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("parameters", DOCUMENT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("journey", name="pk_journey_settings"),
    )
    op.create_table(
        "short_links",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_short_links"),
    )
    op.create_index("ix_short_links_customer_id", "short_links", ["customer_id"], unique=False)
    op.create_table(
        "suppressions",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "address_hash", name="pk_suppressions"),
    )
    op.create_table(
        "voucher_designs",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("minimum", sa.String(), nullable=True),
        sa.Column("short", sa.String(), nullable=False),
        sa.Column("terms", sa.String(), nullable=True),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_voucher_designs"),
    )
    op.create_table(
        "consents",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_consents_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "channel", name="pk_consents"),
    )
    op.create_table(
        "enrollments",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("journey", sa.String(), nullable=False),
        sa.Column("entry_key", sa.String(), nullable=False),
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("arm", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("parameters", DOCUMENT, nullable=False),
        sa.Column("trigger_type", sa.String(), nullable=False),
        sa.Column("trigger_properties", DOCUMENT, nullable=False),
        sa.Column("clock_wall_origin", INSTANT, nullable=False),
        sa.Column("clock_journey_origin", INSTANT, nullable=False),
        sa.Column("clock_speed", sa.Float(), nullable=False),
        sa.Column("spread_seconds", sa.Float(), nullable=False),
        sa.Column("enrolled_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("hold_reason", sa.String(), nullable=False),
        sa.Column("hold_version", sa.Integer(), nullable=False),
        sa.Column("hold_seen", sa.Integer(), nullable=False),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_enrollments_customer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_enrollments"),
        sa.UniqueConstraint("customer_id", "journey", "entry_key", name="one_enrollment_an_entry"),
    )
    op.create_index("enrollments_open", "enrollments", ["journey", "state"], unique=False)
    op.create_index("ix_enrollments_customer_id", "enrollments", ["customer_id"], unique=False)
    op.create_table(
        "identities",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_identities_customer_id"),
        sa.PrimaryKeyConstraint("kind", "value", name="pk_identities"),
    )
    op.create_index("ix_identities_customer_id", "identities", ["customer_id"], unique=False)
    op.create_table(
        "vouchers",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("design", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=True),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("visit", sa.Integer(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("reserved_at", INSTANT, nullable=True),
        sa.Column("assigned_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["design"], ["voucher_designs.name"], name="fk_vouchers_design"),
        sa.PrimaryKeyConstraint("code", name="pk_vouchers"),
        sa.UniqueConstraint("enrollment_id", "step", "visit", name="one_voucher_a_visit"),
        sa.UniqueConstraint("id", name="uq_vouchers_id"),
    )
    op.create_index("ix_vouchers_enrollment_id", "vouchers", ["enrollment_id"], unique=False)
    op.create_index("vouchers_free", "vouchers", ["design", "state", "position"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("message_class", sa.String(), nullable=False),
        sa.Column("attempt_token", sa.String(), nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_asked_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("headers", DOCUMENT, nullable=False),
        sa.Column("promised", sa.String(), nullable=False),
        sa.Column("promised_design", sa.String(), nullable=False),
        sa.Column("promised_amount", sa.Integer(), nullable=False),
        sa.Column("promise_ends", INSTANT, nullable=True),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollments.id"], name="fk_messages_enrollment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("enrollment_id", "step", "visit", "channel", name="one_message_a_visit"),
    )
    op.create_index("ix_messages_customer_id", "messages", ["customer_id"], unique=False)
    op.create_index("ix_messages_state", "messages", ["state"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("payload", DOCUMENT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollments.id"], name="fk_outbox_enrollment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("enrollment_id", "kind", "subject", name="one_pending_of_a_kind"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_enrollment_id", "outbox", ["enrollment_id"], unique=False)
    op.create_index("outbox_due", "outbox", ["due_at"], unique=False)
    op.create_table(
        "points",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.Column("awarded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_points_customer_id"),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollments.id"], name="fk_points_enrollment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_points"),
        sa.UniqueConstraint("enrollment_id", "step", "visit", name="one_award_a_visit"),
    )
    op.create_index("ix_points_customer_id", "points", ["customer_id"], unique=False)
    op.create_table(
        "confirmations",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=False),
        sa.Column("arrived_at", INSTANT, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column("ip_hash", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_confirmations_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "address_hash", name="pk_confirmations"),
    )
    op.create_table(
        "profile_increases",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("amount", sa.Float(), nullable=False),
        sa.Column("applied_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_profile_increases_customer_id"),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollments.id"], name="fk_profile_increases_enrollment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_profile_increases"),
        sa.UniqueConstraint("enrollment_id", "step", "visit", name="one_increase_a_visit"),
    )
    op.create_index("ix_profile_increases_customer_id", "profile_increases", ["customer_id"], unique=False)
    op.create_table(
        "tracked_links",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tracked_links"),
    )
    op.create_index("ix_tracked_links_customer_id", "tracked_links", ["customer_id"], unique=False)
    op.create_index("ix_tracked_links_message_id", "tracked_links", ["message_id"], unique=False)
    op.create_table(
        "timeline",
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("data", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollments.id"], name="fk_timeline_enrollment_id"),
        sa.PrimaryKeyConstraint("enrollment_id", "seq", name="pk_timeline"),
    )


def downgrade() -> None:
    op.drop_index("ix_tracked_links_message_id", table_name="tracked_links")
    op.drop_index("ix_tracked_links_customer_id", table_name="tracked_links")
    op.drop_table("tracked_links")
    op.drop_index("ix_profile_increases_customer_id", table_name="profile_increases")
    op.drop_table("profile_increases")
    op.drop_table("confirmations")
    op.drop_table("timeline")
    op.drop_index("ix_points_customer_id", table_name="points")
    op.drop_table("points")
    op.drop_index("outbox_due", table_name="outbox")
    op.drop_index("ix_outbox_enrollment_id", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("ix_messages_state", table_name="messages")
    op.drop_index("ix_messages_customer_id", table_name="messages")
    op.drop_table("messages")
    op.drop_index("vouchers_free", table_name="vouchers")
    op.drop_index("ix_vouchers_enrollment_id", table_name="vouchers")
    op.drop_table("vouchers")
    op.drop_index("ix_identities_customer_id", table_name="identities")
    op.drop_table("identities")
    op.drop_index("ix_enrollments_customer_id", table_name="enrollments")
    op.drop_index("enrollments_open", table_name="enrollments")
    op.drop_table("enrollments")
    op.drop_table("consents")
    op.drop_table("voucher_designs")
    op.drop_table("suppressions")
    op.drop_index("ix_short_links_customer_id", table_name="short_links")
    op.drop_table("short_links")
    op.drop_table("journey_settings")
    op.drop_index("ix_inbox_type", table_name="inbox")
    op.drop_index("ix_inbox_customer_id", table_name="inbox")
    op.drop_table("inbox")
    op.drop_table("paces")
    op.drop_table("refused_lines")
    op.drop_index("imports_open", table_name="imports")
    op.drop_table("imports")
    op.drop_table("idempotency")
    op.drop_index("ix_customers_external_id", table_name="customers")
    op.drop_table("customers")
    op.drop_table("clock")
    op.drop_table("api_keys")
