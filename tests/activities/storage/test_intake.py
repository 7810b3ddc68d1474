"""Registrations and events in storage, on both databases, with many writers at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, func, select

from activities.clock import JourneyClock
from activities.storage import customers, enrollments, idempotency, intake
from activities.storage.customers import IdentityConflictError, ProfileChanges, Registration
from activities.storage.database import Database
from activities.storage.idempotency import Scope, StoredAnswer
from activities.storage.intake import Admission, Event
from activities.storage.tables import Customer, Enrollment, OutboxItem
from api.commits import commit
from workflows import catalogue

NOW = datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC)
CLOCK = JourneyClock(NOW - timedelta(days=1), NOW, 43_200.0)


ADMISSION = Admission(catalogue(), CLOCK)
NOBODY_IN = Admission({}, CLOCK)


def a_registration(external_id: str | None = "c1", **values: Any) -> Registration:
    """A registration."""
    return Registration(ProfileChanges(values), external_id)


def registered(
    session: Session, registration: Registration, now: datetime = NOW, admission: Admission = ADMISSION
) -> tuple[str, list[str]]:
    """Register; the customer's id and the enrollments' ids."""
    found = intake.register(session, registration, admission, now)
    return found.customer.id, [row.id for row in found.enrollments]


async def test_parallel_registrations_are_one(database: Database) -> None:
    """However many writers register one customer at once, there is one customer and one entry a journey."""
    registration = a_registration(email="ada@example.com", phone="+420601123456")
    answers = await asyncio.gather(
        *(
            commit(database, partial(registered, registration=registration, now=NOW + timedelta(seconds=n)))
            for n in range(16)
        )
    )

    assert len({str(answer) for answer in answers}) == 1
    counted = await database.read(
        lambda session: [
            session.exec(select(func.count()).select_from(table)).one() for table in (Customer, Enrollment, OutboxItem)
        ]
    )
    assert counted == [1, 2, 2]  # welcome, beside data-collection-voucher


async def test_an_enrollment_takes_the_clock_of_its_moment(database: Database) -> None:
    """An enrollment keeps the journey clock, its parameters and what let it in."""
    _, [enrollment_id, _] = await commit(database, lambda session: registered(session, a_registration()))
    row = await database.read(lambda session: session.get(Enrollment, enrollment_id))

    assert row is not None
    assert (row.journey, row.trigger_type) == ("data-collection-voucher", "account.registered")
    assert (row.clock_wall_origin, row.clock_speed) == (CLOCK.wall_origin, CLOCK.speed)
    assert row.enrolled_at == CLOCK.at(NOW)
    assert row.parameters["first_wait"] == "P3D"


async def test_two_customers_race_for_one_email(database: Database) -> None:
    """Of two ids that claim one email at the same moment one is refused, whole."""

    async def claim(external_id: str) -> str:
        try:
            found = await commit(
                database, lambda session: registered(session, a_registration(external_id, email="x@example.com"))
            )
        except IdentityConflictError as error:
            return error.field
        return found[0]

    answers = await asyncio.gather(*(claim(f"c{n}") for n in range(6)))
    assert sorted(answer == "email" for answer in answers) == [False] + [True] * 5
    assert await database.read(lambda session: session.exec(select(func.count()).select_from(Customer)).one()) == 1


async def test_parallel_events_are_one(database: Database) -> None:
    """Sixteen posts of one event let the customer in once, and all get the same answer."""
    customer_id, _ = await commit(database, lambda session: registered(session, a_registration(), admission=NOBODY_IN))
    event = Event("e1", "account.registered", NOW, {"from": "another system"})

    def accept(session: Session, now: datetime) -> list[str]:
        customer = customers.find(session, customer_id)
        assert customer is not None
        return [row.id for row in intake.accept(session, event, customer, ADMISSION, now)]

    answers = await asyncio.gather(
        *(commit(database, partial(accept, now=NOW + timedelta(seconds=n))) for n in range(16))
    )
    assert len({tuple(answer) for answer in answers}) == 1
    assert len(answers[0]) == 1


async def test_an_event_with_another_content_is_refused(database: Database) -> None:
    """The id of an event stands for one content; the order of its properties does not count."""

    def accept(session: Session, properties: dict[str, Any]) -> int:
        customer = customers.find(session, "c1")
        assert customer is not None
        event = Event("e1", "call.completed", NOW, properties)
        return len(intake.accept(session, event, customer, ADMISSION, NOW))

    await commit(database, lambda session: registered(session, a_registration()))
    await commit(database, lambda session: accept(session, {"a": 1, "b": 2}))
    await commit(database, lambda session: accept(session, {"b": 2, "a": 1}))
    with pytest.raises(intake.EventMismatchError):
        await commit(database, lambda session: accept(session, {"a": 1}))


async def test_parallel_requests_with_one_key_work_once(database: Database) -> None:
    """Of sixteen requests with one Idempotency-Key one does the work; the others get its answer."""
    scope = Scope("key", "POST /v1/x", "k")

    def work(session: Session, name: str) -> StoredAnswer:
        stored = idempotency.claim(session, scope, "same", NOW)
        if stored is not None:
            return stored
        answer = StoredAnswer(202, {"by": name})
        idempotency.keep(session, scope, answer)
        return answer

    answers = await asyncio.gather(*(commit(database, partial(work, name=str(n))) for n in range(16)))
    assert len({str(answer) for answer in answers}) == 1
    with pytest.raises(idempotency.KeyReusedError):
        await commit(database, lambda session: idempotency.claim(session, scope, "other", NOW))


async def test_a_row_that_can_never_be_written_is_an_error(database: Database) -> None:
    """A transaction that breaks a rule of the tables every time ends with that error, not in a loop."""

    def twice(session: Session) -> None:
        for _ in range(2):
            session.add(Customer(id="cus_1", created_at=NOW, registered_at=NOW))
            session.flush()
            session.expunge_all()

    with pytest.raises(IntegrityError):
        await commit(database, twice)


async def test_a_phone_given_up_is_free_again(database: Database) -> None:
    """A number that a customer gave up belongs to whoever registers with it next."""

    def move(session: Session) -> None:
        customer = customers.find(session, "c1")
        assert customer is not None
        changes = ProfileChanges({"phone": "+420601123457"})
        customers.change(session, customer, changes, default_zone="UTC", now=NOW, consent_source="api")

    first, _ = await commit(database, lambda session: registered(session, a_registration(phone="+420601123456")))
    await commit(database, move)
    second, _ = await commit(database, lambda session: registered(session, a_registration(None, phone="+420601123456")))
    found, _ = await commit(database, lambda session: registered(session, a_registration(None, phone="+420601123457")))
    assert second != first
    assert found == first


async def test_support_acts_once_on_what_is_open(database: Database) -> None:
    """A cancelled journey can neither be held nor resumed."""
    _, ids = await commit(database, lambda session: registered(session, a_registration()))

    def act(session: Session) -> None:
        row = session.get(Enrollment, ids[0])
        assert row is not None
        enrollments.cancel(session, row, "asked", NOW)
        for action in (enrollments.hold, enrollments.resume):
            with pytest.raises(enrollments.EnrollmentOverError):
                action(session, row, "late", NOW)

    await commit(database, act)
