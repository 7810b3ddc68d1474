"""Registrations over HTTP."""

import asyncio
from typing import Any

import pytest
from sqlmodel import func, select

from activities.storage.tables import Consent, Customer, Enrollment, InboxEvent, OutboxItem
from tests.api.conftest import Server

ADA = {"id": "c1", "first_name": "Ada", "email": "ada@example.com", "timezone": "Europe/Prague"}


def customers(api: Server) -> list[Customer]:
    """All customers stored."""
    return api.rows(lambda session: list(session.exec(select(Customer)).all()))


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


async def test_a_new_customer_is_welcomed_beside(api: Server) -> None:
    """A registration that creates a profile starts every journey triggered by either, and says so."""
    await api.http.post("/v1/journeys/welcome/activate")
    answer = await api.register(**ADA)
    assert [row["journey"] for row in answer["enrollments"]] == ["data-collection-voucher", "welcome"]
    assert (await api.register(**ADA)) == answer


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


async def test_a_full_registration_is_stored_as_given(api: Server) -> None:
    """A client reads back what they registered, normalised."""
    registration = {
        "id": "c1",
        "first_name": " Ada ",
        "last_name": "Byron",
        "email": "Ada@EXAMPLE.com",
        "phone": "601 123 456",
        "country": "cz",
        "date_of_birth": "1990-12-10",
        "locale": "en-GB",
        "attributes": {"shoe_size": 38, "member": True, "note": None},
        "consents": {"email": True, "sms": False},
        "source": "import",
    }
    await api.register(**registration)
    stored = (await api.http.get("/v1/customers/c1")).json()

    assert stored.pop("customer_id").startswith("cus_")
    assert stored.pop("created_at")
    assert stored.pop("registered_at")
    assert stored == {
        "id": "c1",
        "first_name": "Ada",
        "last_name": "Byron",
        "email": "Ada@example.com",
        "phone": "+420601123456",
        "date_of_birth": "1990-12-10",
        "timezone": "Europe/Prague",
        "timezone_source": "phone",
        "country": "CZ",
        "locale": "en-GB",
        "preferred_channel": None,
        "attributes": {"shoe_size": 38, "member": True},
        "consents": {"email": True, "sms": False},
        "source": "import",
    }


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"id": "a"}, {"id": "a", "email": "x@example.com"}, True),
        ({"email": "x@example.com"}, {"email": "X@Example.com"}, True),
        ({"id": "a", "email": "x@example.com"}, {"email": "x@example.com"}, True),
        ({"email": "x@example.com"}, {"id": "a", "email": "x@example.com"}, True),
        ({"phone": "+420601123456"}, {"phone": "+420601123456"}, True),
        ({"email": "x@example.com", "phone": "+420601123456"}, {"phone": "+420601123456"}, True),
        ({"id": "a", "phone": "+420601123456"}, {"id": "b", "phone": "+420601123456"}, False),
        (
            {"email": "x@example.com", "phone": "+420601123456"},
            {"email": "y@example.com", "phone": "+420601123456"},
            False,
        ),
    ],
)
async def test_customers_are_told_apart(api: Server, first: dict[str, Any], second: dict[str, Any], same: bool) -> None:
    """By id; without one, by email; without email, by phone, which a household may share."""
    one, other = await api.register(**first), await api.register(**second)

    assert (one == other) is same
    assert len(customers(api)) == (1 if same else 2)


@pytest.mark.parametrize("known_as", [{"id": "b"}, {"id": "b", "email": "y@example.com"}])
async def test_an_email_known_under_another_id_is_a_conflict(api: Server, known_as: dict[str, Any]) -> None:
    """A client who mixes up two customers hears of it, and nothing of the second is stored."""
    await api.register(id="a", email="x@example.com")
    await api.register(**known_as)
    refused = await api.http.post("/v1/registrations", json={"id": "b", "email": "x@example.com", "first_name": "Eva"})
    new = await api.http.post("/v1/registrations", json={"id": "c", "email": "x@example.com"})

    assert (refused.status_code, new.status_code) == (409, 409)
    assert refused.json()["errors"][0]["pointer"] == "/email"
    assert all(customer.first_name is None for customer in customers(api))
    assert len(customers(api)) == 2


async def test_a_second_registration_fills_gaps_only(api: Server) -> None:
    """What a customer has already told us, or decided, a repeated registration leaves alone."""
    await api.register(**ADA, consents={"email": False}, attributes={"a": 1})
    first = await api.register(
        id="c1",
        first_name="Eve",
        last_name="Byron",
        consents={"email": True, "sms": True},
        attributes={"a": 2, "b": 3},
    )
    [customer] = customers(api)

    assert (customer.first_name, customer.last_name) == ("Ada", "Byron")
    assert customer.attributes == {"a": 1, "b": 3}
    consents = api.rows(lambda session: {row.channel: row.given for row in session.exec(select(Consent))})
    assert consents == {"email": False, "sms": True}
    kinds = api.rows(lambda session: [row.kind for row in session.exec(select(OutboxItem))])
    assert sorted(kinds) == ["facts", "start"]
    assert api.relay.told == [first["enrollments"][0]["id"]] * 2


async def test_a_paused_journey_takes_nobody_in(api: Server) -> None:
    """While a journey is paused its trigger starts nothing; activated again, it does for newcomers."""
    await api.http.post("/v1/journeys/data-collection-voucher/pause")
    assert (await api.register(id="a"))["enrollments"] == []

    await api.http.post("/v1/journeys/data-collection-voucher/activate")
    assert (await api.register(id="a"))["enrollments"] == []  # an account is registered once
    assert len((await api.register(id="b"))["enrollments"]) == 1


@pytest.mark.parametrize(
    ("fields", "zone", "source"),
    [
        ({"timezone": "America/Lima", "phone": "+420601123456"}, "America/Lima", "given"),
        ({"phone": "+420601123456", "country": "US"}, "Europe/Prague", "phone"),
        ({"phone": "+14155552671"}, "America/Los_Angeles", "phone"),
        ({"phone": "+447700900123"}, "Europe/London", "phone"),
        ({"country": "US"}, "America/New_York", "country"),
        ({"country": "AU"}, "Australia/Sydney", "country"),
        ({"country": "JP"}, "Asia/Tokyo", "country"),
        ({}, "UTC", "default"),
    ],
)
async def test_a_missing_zone_is_derived(api: Server, fields: dict[str, Any], zone: str, source: str) -> None:
    """A customer's clock is told from what is known of them, and how it was told is kept."""
    await api.register(id="a", **fields)
    [customer] = customers(api)
    assert (customer.timezone, customer.timezone_source) == (zone, source)


async def test_a_profile_made_by_hand_counts_as_manual(api: Server) -> None:
    """A client who welcomes only those whom staff have typed in sees exactly those enter, and where each came from."""
    assert (await api.http.post("/v1/journeys/welcome/activate", json={})).is_success
    changed = await api.http.patch("/v1/journeys/welcome", json={"parameters": {"source": "manual"}})
    assert changed.is_success, changed.text
    by_hand = await api.register(id="c1", email="ada@example.com", source="manual")
    by_api = await api.register(id="c2", email="bob@example.com")
    assert ["welcome" in [entered["journey"] for entered in answer["enrollments"]] for answer in (by_hand, by_api)] == [
        True,
        False,
    ]
    assert {customer.external_id: customer.source for customer in customers(api)} == {"c1": "manual", "c2": "api"}
    events = api.rows(
        lambda session: session.exec(select(InboxEvent).where(InboxEvent.type == "profile.created")).all()
    )
    assert sorted(event.properties["source"] for event in events) == ["api", "manual"]
