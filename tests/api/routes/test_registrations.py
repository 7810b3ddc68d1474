"""Registrations over HTTP."""

import asyncio

from sqlmodel import func, select

from activities.storage.tables import Customer, Enrollment, InboxEvent, OutboxItem
from tests.api.conftest import Server

ADA = {"id": "c1", "first_name": "Ada", "email": "ada@example.com", "timezone": "Europe/Prague"}


async def test_a_registration_starts_a_journey(api: Server) -> None:
    """A client who registers a customer is told our id and the journey that begins."""
    answer = await api.register(**ADA)

    assert answer["customer_id"].startswith("cus_")
    [enrollment] = answer["enrollments"]
    assert enrollment["journey"] == "data-collection-voucher"
    assert enrollment["workflow_id"] == f"data-collection-voucher/{enrollment['id']}"
    assert enrollment["arm"] == "treated"
    assert api.relay.told == [enrollment["id"]]
    outbox = api.rows(lambda session: session.exec(select(OutboxItem)).all())
    assert [(item.enrollment_id, item.kind) for item in outbox] == [(enrollment["id"], "start")]
    events = api.rows(lambda session: session.exec(select(InboxEvent.type)).all())
    assert sorted(events) == ["account.registered", "profile.created"]


async def test_fifty_parallel_registrations_are_one(api: Server) -> None:
    """A client that posts one registration fifty times at once gets fifty equal answers and one journey."""
    answers = await asyncio.gather(*(api.register(**ADA) for _ in range(50)))

    assert all(answer == answers[0] for answer in answers)
    count = api.rows(
        lambda session: [
            session.exec(select(func.count()).select_from(table)).one() for table in (Customer, Enrollment)
        ]
    )
    assert count == [1, 1]
