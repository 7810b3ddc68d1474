"""Customers over HTTP: read, change, find."""

import pytest
from sqlmodel import select

from activities.storage.tables import InboxEvent, OutboxItem
from tests.api.conftest import Server


async def test_a_change_reaches_the_waiting_journey(api: Server) -> None:
    """After a PATCH the profile is new, the journey is told, and the event names attributes, not values."""
    enrollment = (await api.register(id="c1", email="ada@example.com"))["enrollments"][0]["id"]
    api.relay.told.clear()
    answer = await api.http.patch(
        "/v1/customers/c1", json={"last_name": "Byron", "attributes": {"shoe_size": 38}, "consents": {"sms": False}}
    )

    assert answer.status_code == 200
    assert answer.json()["last_name"] == "Byron"
    assert answer.json()["consents"] == {"sms": False}
    assert api.relay.told == [enrollment]
    kinds = api.rows(lambda session: [row.kind for row in session.exec(select(OutboxItem))])
    assert kinds == ["start", "facts"]
    [event] = api.rows(
        lambda session: session.exec(select(InboxEvent).where(InboxEvent.type == "profile.updated")).all()
    )
    assert sorted(event.properties["names"]) == ["last_name", "shoe_size"]


async def test_decisions_by_topic(api: Server) -> None:
    """A shop with a preference page of its own sends topics, too; each decision stands until another is sent."""
    registered = await api.http.post(
        "/v1/registrations", json={"id": "c1", "consents": {"email": True, "topics": {"offers": False}}}
    )
    assert registered.status_code == 202
    again = {"id": "c1", "consents": {"topics": {"offers": True, "new": True}}}  # a registration overwrites nothing
    assert (await api.http.post("/v1/registrations", json=again)).status_code == 202
    stored = (await api.http.get("/v1/customers/c1")).json()
    assert stored["consents"] == {"email": True, "topics": {"offers": False, "new": True}}
    changed = await api.http.patch("/v1/customers/c1", json={"consents": {"topics": {"offers": True}}})
    assert changed.json()["consents"] == {"email": True, "topics": {"offers": True, "new": True}}


@pytest.mark.parametrize(
    ("topics", "pointer"),
    [({"fax": True}, "/consents/topics/fax"), ({"new": "no"}, "/consents/topics/new"), (None, "/consents/topics")],
)
async def test_a_topic_that_there_is_not_is_named(api: Server, topics: object, pointer: str) -> None:
    """A misspelt topic would be a decision that counts for nothing, so it is refused."""
    await api.register(id="c1")
    refused = await api.http.patch("/v1/customers/c1", json={"consents": {"topics": topics}})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


async def test_null_clears(api: Server) -> None:
    """A client takes a value back with null; a derived time zone follows."""
    await api.register(id="c1", phone="+420601123456", attributes={"a": 1})
    answer = (await api.http.patch("/v1/customers/c1", json={"phone": None, "attributes": {"a": None}})).json()

    assert answer["phone"] is None
    assert answer["attributes"] == {}
    assert (answer["timezone"], answer["timezone_source"]) == ("UTC", "default")


async def test_a_derived_zone_follows_a_new_phone(api: Server) -> None:
    """A customer who moves to another country's number gets that country's clock; a given zone stays."""
    await api.register(id="c1", phone="+420601123456")
    moved = (await api.http.patch("/v1/customers/c1", json={"phone": "+14155552671"})).json()
    assert moved["timezone"] == "America/Los_Angeles"

    await api.http.patch("/v1/customers/c1", json={"timezone": "Asia/Tokyo"})
    stayed = (await api.http.patch("/v1/customers/c1", json={"phone": "+420601123456"})).json()
    assert (stayed["timezone"], stayed["timezone_source"]) == ("Asia/Tokyo", "given")


async def test_a_change_of_nothing_tells_nobody(api: Server) -> None:
    """A PATCH with what is known already bothers no journey."""
    await api.register(id="c1", first_name="Ada")
    api.relay.told.clear()
    assert (await api.http.patch("/v1/customers/c1", json={"first_name": "Ada"})).status_code == 200
    assert api.relay.told == []


async def test_an_email_has_one_owner(api: Server) -> None:
    """A customer cannot take over another one's email; once it is given up, they can."""
    await api.register(id="a", email="x@example.com")
    await api.register(id="b", email="y@example.com")
    refused = await api.http.patch("/v1/customers/b", json={"email": "X@example.com", "first_name": "Eva"})
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["pointer"] == "/email"
    assert (await api.http.get("/v1/customers/b")).json()["first_name"] is None

    await api.http.patch("/v1/customers/a", json={"email": None})
    assert (await api.http.patch("/v1/customers/b", json={"email": "x@example.com"})).status_code == 200


async def test_a_clients_id_may_have_slashes(api: Server) -> None:
    """Whatever id the client's system has, it names the customer in every address."""
    ours = (await api.register(id="shop/4 2?", email="x@example.com"))["customer_id"]
    address = "/v1/customers/shop%2F4%202%3F"
    for path in ("", "/export", "/timeline"):
        assert (await api.http.get(address + path)).status_code == 200, path
    assert (await api.http.patch(address, json={"first_name": "Ada"})).json()["first_name"] == "Ada"
    assert (await api.http.delete(address)).json()["customer_id"] == ours


async def test_customers_are_found_by_email_or_phone(api: Server) -> None:
    """Support finds a customer without an address in any URL, with links into the Temporal UI."""
    one = await api.register(id="a", email="x@example.com", phone="+420601123456")
    await api.register(id="b", email="y@example.com", phone="+420601123456")

    by_email = (await api.http.post("/v1/customers/search", json={"email": "X@example.com"})).json()
    by_phone = (await api.http.post("/v1/customers/search", json={"phone": "601123456", "country": "CZ"})).json()
    [found] = by_email["customers"]
    assert found["customer_id"] == one["customer_id"]
    workflow = one["enrollments"][0]["workflow_id"].replace("/", "%2F")
    assert found["enrollments"][0]["ui"] == f"http://127.0.0.1:8233/namespaces/default/workflows/{workflow}"
    assert [customer["id"] for customer in by_phone["customers"]] == ["a", "b"]
    nobody = await api.http.post("/v1/customers/search", json={"email": "z@example.com"})
    assert nobody.json() == {"customers": []}


@pytest.mark.parametrize("body", [{}, {"email": "x@example.com", "phone": "+420601123456"}, {"name": "Ada"}])
async def test_a_search_wants_one_address(api: Server, body: dict[str, str]) -> None:
    """A search for nothing, or for two things, is refused."""
    assert (await api.http.post("/v1/customers/search", json=body)).status_code == 422
