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
        "audit_log",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("details", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
        sqlite_autoincrement=True,
    )
    op.create_index("audit_log_subject", "audit_log", ["subject_kind", "subject_id"], unique=False)
    op.create_index("ix_audit_log_at", "audit_log", ["at"], unique=False)
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wall_origin", INSTANT, nullable=False),
        sa.Column("journey_origin", INSTANT, nullable=False),
        sa.Column("speed", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clock"),
    )
    op.create_table(
        "count_changes",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("journey", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("arm", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_count_changes"),
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
    op.create_index("customers_latest", "customers", ["created_at", "id"], unique=False)
    op.create_index("ix_customers_external_id", "customers", ["external_id"], unique=False)
    op.create_index("ix_customers_phone", "customers", ["phone"], unique=False)
    op.create_table(
        "daily_counts",
        sa.Column("journey", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("arm", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("journey", "measure", "day", "arm", "name", "detail", name="pk_daily_counts"),
    )
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
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"], unique=False)
    op.create_table(
        "import_sources",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("cursor", DOCUMENT, nullable=True),
        sa.Column("every", sa.Integer(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_import_sources"),
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
        sa.Column("holdout", sa.Float(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("journey", name="pk_journey_settings"),
    )
    op.create_table(
        "monthly_counts",
        sa.Column("journey", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("arm", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("journey", "measure", "day", "arm", "name", "detail", name="pk_monthly_counts"),
    )
    op.create_table(
        "paces",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_paces"),
    )
    op.create_table(
        "provider_callbacks",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("machine", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("provider", "id", name="pk_provider_callbacks"),
    )
    op.create_index("callbacks_parked", "provider_callbacks", ["state", "received_at"], unique=False)
    op.create_index("ix_provider_callbacks_address_hash", "provider_callbacks", ["address_hash"], unique=False)
    op.create_index("ix_provider_callbacks_customer_id", "provider_callbacks", ["customer_id"], unique=False)
    op.create_index("ix_provider_callbacks_message_id", "provider_callbacks", ["message_id"], unique=False)
    op.create_table(
        "provider_states",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("paused_since", INSTANT, nullable=True),
        sa.Column("pause_reason", sa.String(), nullable=False),
        sa.Column("resumed_at", INSTANT, nullable=True),
        sa.Column("held_since", INSTANT, nullable=True),
        sa.Column("held_until", INSTANT, nullable=True),
        sa.Column("held_for", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed", sa.String(), nullable=False),
        sa.Column("next_turn_at", INSTANT, nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_provider_states"),
    )
    op.create_table(
        "recounts",
        sa.Column("journey", sa.String(), nullable=False),
        sa.Column("goal", sa.String(), nullable=False),
        sa.Column("counting", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("journey", name="pk_recounts"),
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
        "simulations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("a_day", sa.Float(), nullable=False),
        sa.Column("lived_until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_simulations"),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("summary_to", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("disabled_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("login", name="uq_staff_login"),
    )
    op.create_table(
        "suppressions",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "address_hash", name="pk_suppressions"),
    )
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
        "voucher_designs",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("minimum", sa.String(), nullable=True),
        sa.Column("short", sa.String(), nullable=False),
        sa.Column("terms", sa.String(), nullable=True),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("unit_cost", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_voucher_designs"),
    )
    op.create_table(
        "complete_profiles",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("journey", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_complete_profiles_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "journey", name="pk_complete_profiles"),
    )
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
        sa.Column("decided", sa.String(), nullable=False),
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
    op.create_index(
        "enrollments_inside",
        "enrollments",
        ["journey", "step", "decided", "id"],
        unique=False,
        postgresql_where=sa.text("state <> 'ended'"),
        sqlite_where=sa.text("state <> 'ended'"),
    )
    op.create_index("enrollments_open", "enrollments", ["journey", "state"], unique=False)
    op.create_index("ix_enrollments_customer_id", "enrollments", ["customer_id"], unique=False)
    op.create_table(
        "erasures",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("erased_at", INSTANT, nullable=False),
        sa.Column("cleared_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_erasures_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", name="pk_erasures"),
    )
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
        "ordered_codes",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("design", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("ordered_at", INSTANT, nullable=False),
        sa.Column("stocked_at", INSTANT, nullable=True),
        sa.Column("publish_tried_at", INSTANT, nullable=True),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("refused", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["design"], ["voucher_designs.name"], name="fk_ordered_codes_design"),
        sa.PrimaryKeyConstraint("code", name="pk_ordered_codes"),
    )
    op.create_index("ordered_codes_open", "ordered_codes", ["design", "stocked_at"], unique=False)
    op.create_table(
        "refused_lines",
        sa.Column("import_id", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("errors", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_refused_lines_import_id"),
        sa.PrimaryKeyConstraint("import_id", "line", name="pk_refused_lines"),
    )
    op.create_table(
        "refused_rows",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("errors", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(["source"], ["import_sources.name"], name="fk_refused_rows_source"),
        sa.PrimaryKeyConstraint("source", "key", "run", name="pk_refused_rows"),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("staff_id", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_sessions_staff_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_staff_sessions"),
    )
    op.create_index("ix_staff_sessions_staff_id", "staff_sessions", ["staff_id"], unique=False)
    op.create_table(
        "topic_consents",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_topic_consents_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "topic", name="pk_topic_consents"),
    )
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
        "weekly_summaries",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("staff_id", sa.String(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("attempt_token", sa.String(), nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_asked_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("put_off_for", sa.String(), nullable=False),
        sa.Column("put_off_until", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_weekly_summaries_staff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_weekly_summaries"),
    )
    op.create_index("ix_weekly_summaries_staff_id", "weekly_summaries", ["staff_id"], unique=False)
    op.create_index("ix_weekly_summaries_state", "weekly_summaries", ["state"], unique=False)
    op.create_table(
        "conversions",
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("journey", sa.String(), nullable=False),
        sa.Column("arm", sa.String(), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("at_entry", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollments.id"], name="fk_conversions_enrollment_id"),
        sa.PrimaryKeyConstraint("enrollment_id", name="pk_conversions"),
    )
    op.create_index(
        "conversions_by_time", "conversions", ["journey", "arm", "at_entry", "seconds", "entered_on"], unique=False
    )
    op.create_table(
        "exposures",
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("split", sa.String(), nullable=False),
        sa.Column("arm", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollments.id"], name="fk_exposures_enrollment_id"),
        sa.PrimaryKeyConstraint("enrollment_id", "split", name="pk_exposures"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("journey", sa.String(), nullable=False),
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
        sa.Column("put_off_for", sa.String(), nullable=False),
        sa.Column("put_off_until", INSTANT, nullable=True),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollments.id"], name="fk_messages_enrollment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("enrollment_id", "step", "visit", "channel", name="one_message_a_visit"),
    )
    op.create_index("ix_messages_customer_id_decided_at", "messages", ["customer_id", "decided_at"], unique=False)
    op.create_index("ix_messages_provider_id", "messages", ["provider_id"], unique=False)
    op.create_index("ix_messages_state", "messages", ["state"], unique=False)
    op.create_index(
        "messages_latest", "messages", ["first_asked_at", "id", "journey", "template", "channel", "state"], unique=False
    )
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
        "redemptions",
        sa.Column("voucher_id", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["voucher_id"], ["vouchers.id"], name="fk_redemptions_voucher_id"),
        sa.PrimaryKeyConstraint("voucher_id", name="pk_redemptions"),
    )
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
    op.create_table(
        "reactions",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_reactions_message_id"),
        sa.PrimaryKeyConstraint("message_id", "kind", name="pk_reactions"),
    )
    op.create_index("reactions_latest", "reactions", ["kind", "asked_at", "message_id"], unique=False)


def downgrade() -> None:
    op.drop_index("reactions_latest", table_name="reactions")
    op.drop_table("reactions")
    op.drop_table("timeline")
    op.drop_table("redemptions")
    op.drop_index("ix_profile_increases_customer_id", table_name="profile_increases")
    op.drop_table("profile_increases")
    op.drop_index("ix_points_customer_id", table_name="points")
    op.drop_table("points")
    op.drop_index("outbox_due", table_name="outbox")
    op.drop_index("ix_outbox_enrollment_id", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("messages_latest", table_name="messages")
    op.drop_index("ix_messages_state", table_name="messages")
    op.drop_index("ix_messages_provider_id", table_name="messages")
    op.drop_index("ix_messages_customer_id_decided_at", table_name="messages")
    op.drop_table("messages")
    op.drop_table("exposures")
    op.drop_index("conversions_by_time", table_name="conversions")
    op.drop_table("conversions")
    op.drop_index("ix_weekly_summaries_state", table_name="weekly_summaries")
    op.drop_index("ix_weekly_summaries_staff_id", table_name="weekly_summaries")
    op.drop_table("weekly_summaries")
    op.drop_index("vouchers_free", table_name="vouchers")
    op.drop_index("ix_vouchers_enrollment_id", table_name="vouchers")
    op.drop_table("vouchers")
    op.drop_table("topic_consents")
    op.drop_index("ix_staff_sessions_staff_id", table_name="staff_sessions")
    op.drop_table("staff_sessions")
    op.drop_table("refused_rows")
    op.drop_table("refused_lines")
    op.drop_index("ordered_codes_open", table_name="ordered_codes")
    op.drop_table("ordered_codes")
    op.drop_index("ix_identities_customer_id", table_name="identities")
    op.drop_table("identities")
    op.drop_table("erasures")
    op.drop_index("ix_enrollments_customer_id", table_name="enrollments")
    op.drop_index("enrollments_open", table_name="enrollments")
    op.drop_index(
        "enrollments_inside",
        table_name="enrollments",
        postgresql_where=sa.text("state <> 'ended'"),
        sqlite_where=sa.text("state <> 'ended'"),
    )
    op.drop_table("enrollments")
    op.drop_table("consents")
    op.drop_table("confirmations")
    op.drop_table("complete_profiles")
    op.drop_table("voucher_designs")
    op.drop_index("ix_tracked_links_message_id", table_name="tracked_links")
    op.drop_index("ix_tracked_links_customer_id", table_name="tracked_links")
    op.drop_table("tracked_links")
    op.drop_table("suppressions")
    op.drop_table("staff")
    op.drop_table("simulations")
    op.drop_index("ix_short_links_customer_id", table_name="short_links")
    op.drop_table("short_links")
    op.drop_table("recounts")
    op.drop_table("provider_states")
    op.drop_index("ix_provider_callbacks_message_id", table_name="provider_callbacks")
    op.drop_index("ix_provider_callbacks_customer_id", table_name="provider_callbacks")
    op.drop_index("ix_provider_callbacks_address_hash", table_name="provider_callbacks")
    op.drop_index("callbacks_parked", table_name="provider_callbacks")
    op.drop_table("provider_callbacks")
    op.drop_table("paces")
    op.drop_table("monthly_counts")
    op.drop_table("journey_settings")
    op.drop_index("ix_inbox_type", table_name="inbox")
    op.drop_index("ix_inbox_customer_id", table_name="inbox")
    op.drop_table("inbox")
    op.drop_index("imports_open", table_name="imports")
    op.drop_table("imports")
    op.drop_table("import_sources")
    op.drop_index("ix_idempotency_created_at", table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_table("daily_counts")
    op.drop_index("ix_customers_phone", table_name="customers")
    op.drop_index("ix_customers_external_id", table_name="customers")
    op.drop_index("customers_latest", table_name="customers")
    op.drop_table("customers")
    op.drop_table("count_changes")
    op.drop_table("clock")
    op.drop_index("ix_audit_log_at", table_name="audit_log")
    op.drop_index("audit_log_subject", table_name="audit_log")
    op.drop_table("audit_log")
    op.drop_table("api_keys")
