"""Erasure: whatever is personal is gone from every table, and nothing that was counted changes."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, col, func, select

from activities.channels import EMAIL, SMS
from activities.clock import JourneyClock
from activities.storage import customers, erasure, intake, outbox
from activities.storage.customers import ProfileChanges, Registration
from activities.storage.database import Database
from activities.storage.enrolled import closed_for, locked
from activities.storage.export import export
from activities.storage.facts import Reachability
from activities.storage.intake import Admission
from activities.storage.ledger import State
from activities.storage.tables import (
    AuditEntry,
    Confirmation,
    Consent,
    Customer,
    Enrollment,
    IdempotentAnswer,
    Identity,
    InboxEvent,
    Message,
    OutboxItem,
    PointsEntry,
    ProfileIncrease,
    ProviderCallback,
    ShortLink,
    TimelineEntry,
    TrackedLink,
)
from tests.activities.storage.rows import NOON, add_customer, add_enrollment
from workflows import catalogue

REACHABILITY = Reachability("a secret")
ADMISSION = Admission(catalogue(), JourneyClock())
CANARY = "zanzibar"
EMAIL_ADDRESS, PHONE = f"{CANARY}@example.com", "+447700900555"
PERSONAL = (CANARY, PHONE, "1990-12-10")
# Tables that say nothing of a customer, or only what is counted. Whoever adds a table decides here.
IMPERSONAL = {
    "api_keys", "clock", "complete_profiles", "conversions", "count_changes", "daily_counts", "erasures", "exposures",
    "import_sources", "imports", "journey_settings", "monthly_counts", "ordered_codes", "paces", "provider_states",
    "reactions", "recounts", "redemptions", "refused_lines", "refused_rows", "simulations", "suppressions",
    "voucher_designs",
}  # fmt: skip
KEPT = {"consents", "points", "profile_increases", "topic_consents", "vouchers"}  # decisions, and what was given
BLANKED = {
    "audit_log", "confirmations", "customers", "enrollments", "idempotency", "identities", "inbox", "messages",
    "outbox", "provider_callbacks", "short_links", "timeline", "tracked_links",
}  # fmt: skip
OF_STAFF = {"staff", "staff_sessions", "weekly_summaries"}


def person(session: Session) -> str:
    """Store a customer whose every personal value holds the canary, in every table; their id."""
    customer = add_customer(
        session,
        external_id=f"crm-{CANARY}",
        first_name=CANARY,
        last_name=CANARY,
        email=EMAIL_ADDRESS,
        phone=PHONE,
        attributes={"pet": CANARY},
    )
    for kind, value in (("id", f"crm-{CANARY}"), ("email", EMAIL_ADDRESS), ("phone", PHONE)):
        session.add(Identity(kind=kind, value=value, customer_id=customer.id))
    ended = add_enrollment(
        session, customer, entry_key=CANARY, trigger_properties={"note": CANARY}, state="ended",
        outcome="cancelled", reason=CANARY, cancel_reason=CANARY, hold_reason=CANARY,
    )  # fmt: skip
    running = add_enrollment(session, customer)
    message = Message(
        id=f"msg_{ended.id}", enrollment_id=ended.id, customer_id=customer.id, step="s", visit=1, channel="email",
        template="welcome", state="accepted", message_class="marketing", first_asked_at=NOON, decided_at=NOON,
        to=EMAIL_ADDRESS, subject=CANARY, html=CANARY * 4000, text=CANARY, headers={"X-For": CANARY},
    )  # fmt: skip
    session.add(message)
    session.flush()
    seen = {"message_id": message.id, "template": "welcome", "channel": "email", "machine": True, "by": CANARY}
    clocks: dict[str, Any] = {"occurred_at": NOON, "received_at": NOON, "arrived_at": NOON, "customer_id": customer.id}
    session.add_all(
        [
            Consent(customer_id=customer.id, channel="email", given=True, source="registration", changed_at=NOON),
            Confirmation(
                customer_id=customer.id, address_hash="hash", confirmed_at=NOON, arrived_at=NOON,
                source="confirm page", text_version="v1", ip_hash=CANARY,
            ),
            TimelineEntry(
                enrollment_id=ended.id, seq=1, at=NOON, kind="profile", step="s", data={"field": "x", "value": CANARY}
            ),
            TimelineEntry(
                enrollment_id=ended.id, seq=2, at=NOON, kind="outcome", step="end",
                data={"outcome": "cancelled", "reason": CANARY},
            ),
            TrackedLink(
                id="lnk_1", message_id=message.id, customer_id=customer.id, created_at=NOON,
                target=f"https://shop.example/sale?for={CANARY}#{CANARY}",
            ),
            ShortLink(code=CANARY, path=f"/profile/{CANARY}", customer_id=customer.id, created_at=NOON),
            PointsEntry(
                id="pts_1", customer_id=customer.id, enrollment_id=ended.id, step="s", visit=1, amount=50, balance=50,
                awarded_at=NOON,
            ),
            ProfileIncrease(
                id="inc_1", customer_id=customer.id, enrollment_id=ended.id, step="s", visit=1, field="loyalty",
                amount=1, applied_at=NOON,
            ),
            InboxEvent(
                source="api", event_id=f"order-{CANARY}", type="order.completed", fingerprint="f",
                properties={"orderId": CANARY}, **clocks,
            ),
            InboxEvent(
                source="page", event_id="opened", type="message.opened", fingerprint="f", properties=seen, **clocks
            ),
            ProviderCallback(
                provider="p", id="1", kind="bounced", message_id=message.id, reason=CANARY, at=NOON, received_at=NOON
            ),
            ProviderCallback(
                provider="p", id="2", kind="received", customer_id=customer.id, text=CANARY, word="stop", at=NOON,
                received_at=NOON,
            ),
            AuditEntry(
                at=NOON, actor="stf_1", actor_name="Grace", action="enrollment.hold", subject_kind="enrollment",
                subject_id=running.id, why=CANARY, details={"was": CANARY},
            ),
            IdempotentAnswer(
                key_id="k", route=erasure.SEARCH_ROUTE, idempotency_key="1", fingerprint=CANARY, status=200,
                body={"customers": [{"customer_id": customer.id, "email": EMAIL_ADDRESS}]}, created_at=NOON,
            ),
            IdempotentAnswer(
                key_id="k", route="POST /v1/registrations", idempotency_key="2", fingerprint=CANARY, status=202,
                body={"customer_id": customer.id, "enrollments": []}, created_at=NOON,
            ),
        ]
    )  # fmt: skip
    outbox.push(session, running.id, "event", NOON, subject="heard", payload={"properties": {"note": CANARY}})
    return customer.id


def erase(session: Session, customer_id: str) -> list[str]:
    """Erase; ids of the enrollments that must hear of it."""
    customer = customers.find(session, customer_id, locked=True)
    assert customer is not None
    return erasure.erase(session, customer, REACHABILITY, source="api", now=NOON, journey_now=NOON)[1]


def told(session: Session) -> Iterator[str]:
    """Where in the database the canary, the phone or the birthday can be read."""
    for table in SQLModel.metadata.sorted_tables:
        for row in session.execute(table.select()).mappings():
            for column, value in row.items():
                if any(word in repr(value) for word in PERSONAL):
                    yield f"{table.name}.{column}"


def test_every_table_is_decided_upon() -> None:
    """A table that is added later cannot be forgotten when a customer is."""
    decided = IMPERSONAL | KEPT | BLANKED | OF_STAFF
    assert {table.name for table in SQLModel.metadata.sorted_tables} - decided == set()


async def test_nothing_personal_is_left_in_any_table(database: Database) -> None:
    """Whoever is erased cannot be read any more, wherever their data had gone."""
    mine = await database.write(person)
    assert {place.partition(".")[0] for place in await database.read(lambda s: list(told(s)))} >= BLANKED - {"outbox"}
    await database.write(lambda session: erase(session, mine))
    assert await database.read(lambda session: list(told(session))) == []


async def test_nothing_personal_is_left_in_the_file(sqlite_database: Database) -> None:
    """Not even someone who opens the database file in an editor finds them, nor in its log."""
    file = sqlite_database.url.database
    assert file is not None
    mine = await sqlite_database.write(person)
    await sqlite_database.write(lambda session: erase(session, mine))
    assert sqlite_database.truncate_log()
    for path in (Path(file), Path(f"{file}-wal")):
        content = await asyncio.to_thread(path.read_bytes)
        assert [word for word in PERSONAL if word.encode() in content] == []


async def test_no_count_changes(database: Database) -> None:
    """Reports of days gone by say the same after an erasure."""
    mine = await database.write(person)

    def counts(session: Session) -> list[Any]:
        return [
            session.exec(select(func.count()).select_from(table)).one()
            for table in (Customer, Enrollment, Message, TimelineEntry, InboxEvent, TrackedLink, PointsEntry, Consent)
        ] + [
            list(session.exec(select(Message.state, Message.template, Message.delivery, Message.decided_at))),
            list(session.exec(select(Enrollment.outcome, Enrollment.enrolled_at).order_by(col(Enrollment.outcome)))),
            list(session.exec(select(PointsEntry.amount, PointsEntry.balance))),
        ]

    before = await database.read(counts)
    await database.write(lambda session: erase(session, mine))
    assert await database.read(counts) == before

    def seen(session: Session) -> dict[str, Any]:
        return session.get_one(InboxEvent, ("page", "opened")).properties

    opened = await database.read(seen)
    assert (opened["template"], opened["machine"], "by" in opened) == ("welcome", True, False)


async def test_their_journeys_end_and_the_gate_is_shut(database: Database) -> None:
    """From the commit on nothing more is sent, and each open journey hears of the erasure."""
    mine = await database.write(person)
    tell = await database.write(lambda session: erase(session, mine))

    def state(session: Session) -> tuple[list[str], tuple[str, str] | None, bool]:
        kinds = sorted(session.exec(select(OutboxItem.kind).where(OutboxItem.enrollment_id == tell[0])))
        enrollment, customer = locked(session, tell[0])
        return kinds, closed_for(enrollment, customer), REACHABILITY.facts(session, customer).erased

    assert len(tell) == 1
    assert await database.write(state) == (["facts"], ("erased", ""), True)


async def test_a_later_registration_is_a_new_customer(database: Database) -> None:
    """Whoever comes back is somebody new, with the same email, phone and id."""
    mine = await database.write(person)
    await database.write(lambda session: erase(session, mine))
    again = Registration(ProfileChanges({"email": EMAIL_ADDRESS, "phone": PHONE}), external_id=f"crm-{CANARY}")

    def register(session: Session) -> tuple[str, bool, tuple[str, ...]]:
        registered = intake.register(session, again, ADMISSION, NOON)
        return registered.customer.id, registered.created, REACHABILITY.facts(session, registered.customer).reachable

    theirs, created, reachable = await database.write(register)
    assert theirs != mine
    assert created
    assert set(reachable) == {EMAIL, SMS}


@pytest.mark.parametrize("decided", [None, True], ids=["says nothing", "says yes"])
async def test_an_objection_outlives_them(database: Database, decided: bool | None) -> None:
    """Who wanted no emails and was erased gets none when an old list brings their address back, unless they say yes."""
    mine = await database.write(person)

    def leave(session: Session) -> None:
        customer = session.get_one(Customer, mine)
        customers.decide(session, customer, "email", given=False, source="unsubscribe page", now=NOON)

    await database.write(leave)
    await database.write(lambda session: erase(session, mine))
    consents = {} if decided is None else {"email": decided}
    again = Registration(ProfileChanges({"email": EMAIL_ADDRESS}, consents=consents), source="import")

    def register(session: Session) -> tuple[bool, bool, str | None]:
        customer = intake.register(session, again, ADMISSION, NOON).customer
        session.flush()
        return (
            EMAIL in REACHABILITY.facts(session, customer).reachable,
            REACHABILITY.agreed(session, customer, EMAIL),
            REACHABILITY.suppressed(session, customer, EMAIL),  # what they need for an order still goes
        )

    wanted = decided is True
    assert await database.write(register) == (wanted, wanted, None)


async def test_a_bad_address_stays_suppressed(database: Database) -> None:
    """An address that was refused for good is not used again, whoever is registered with it."""
    mine = await database.write(person)
    await database.write(lambda s: REACHABILITY.suppress(s, EMAIL, EMAIL_ADDRESS, "hard bounce", NOON))
    await database.write(lambda session: erase(session, mine))

    def register(session: Session) -> str | None:
        again = Registration(ProfileChanges({"email": EMAIL_ADDRESS}))
        return REACHABILITY.suppressed(session, intake.register(session, again, ADMISSION, NOON).customer, EMAIL)

    assert await database.write(register) == "hard bounce"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # on SQLite one transaction writes at a time
async def test_a_registration_that_waited_for_an_erasure_is_of_a_new_customer(database: Database) -> None:
    """A registration that meets an erasure half-way writes nothing about the person who has just gone."""
    mine = await database.write(person)
    again = Registration(ProfileChanges({"email": EMAIL_ADDRESS, "first_name": "Ada"}))

    def register_meanwhile(session: Session) -> str:
        assert session.get(Identity, ("email", EMAIL_ADDRESS)) is not None  # read before the erasure is committed
        database.write_now(lambda other: erase(other, mine))
        return intake.register(session, again, ADMISSION, NOON).customer.id

    theirs = await database.write(register_meanwhile)
    assert theirs != mine
    assert await database.read(lambda session: session.get_one(Customer, mine).first_name) is None


async def test_late_writes_are_blanked_again(database: Database) -> None:
    """What a journey on its last step still writes goes as well, and only then is the erasure complete."""
    mine = await database.write(person)
    (running,) = await database.write(lambda session: erase(session, mine))
    late = {"field": "loyalty", "value": CANARY}

    def write_late(session: Session) -> None:
        session.add(TimelineEntry(enrollment_id=running, seq=1, at=NOON, kind="profile", step="s", data=late))

    await database.write(write_late)
    assert not await database.write(lambda session: erasure.blank_again(session, mine, NOON))
    assert await database.read(lambda session: list(told(session))) == []

    def end(session: Session) -> None:
        session.get_one(Enrollment, running).state = "ended"
        message = session.exec(select(Message)).one()
        message.state, message.lease_until = State.ATTEMPTING.value, NOON + timedelta(seconds=90)

    await database.write(end)
    assert not await database.write(lambda session: erasure.blank_again(session, mine, NOON))
    later = NOON + timedelta(seconds=91)  # whoever was sending is dead
    assert await database.write(lambda session: erasure.blank_again(session, mine, later))
    assert [each.customer_id for each in await database.read(erasure.pending)] == [mine]
    await database.write(lambda session: erasure.cleared(session, mine, later))
    assert await database.read(erasure.pending) == []


async def test_others_are_left_alone(database: Database) -> None:
    """Erasing one customer changes nothing about another."""
    mine = await database.write(person)
    other = await database.write(lambda session: add_customer(session, email="grace@example.com").id)

    def described(session: Session) -> dict[str, Any]:
        return export(session, session.get_one(Customer, other), REACHABILITY, NOON)

    before = await database.read(described)
    await database.write(lambda session: erase(session, mine))
    assert await database.read(described) == before
