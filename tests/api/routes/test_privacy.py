"""What customers may ask for by law, over HTTP: everything we hold of them, and that it goes."""

import json

import pytest
from sqlmodel import col, select

from activities.storage import erasure
from activities.storage.tables import Customer, Enrollment, InboxEvent, OutboxItem
from tests.api.conftest import Server

ADA = {"id": "crm-1", "first_name": "Ada", "email": "ada@example.com", "phone": "+447700900123"}
ORDER = {"event_id": "order-1", "type": "order.completed", "properties": {"orderId": "A-1"}}


async def test_erasing_ends_everything_at_once(api: Server) -> None:
    """The answer to an erasure comes when it holds: nothing personal is left, and the journeys are told."""
    registered = await api.register(**ADA)
    mine, enrollment = registered["customer_id"], registered["enrollments"][0]
    api.relay.told.clear()
    answer = await api.http.delete("/v1/customers/crm-1")
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert (body["customer_id"], body["state"]) == (mine, "erasing")
    assert [each["id"] for each in body["enrollments"]] == [enrollment["id"]]
    assert api.relay.told == [enrollment["id"]]
    kinds = select(OutboxItem.kind).where(OutboxItem.enrollment_id == enrollment["id"]).order_by(col(OutboxItem.id))
    assert api.rows(lambda session: list(session.exec(kinds))) == ["start", "facts"]
    row = api.rows(lambda session: session.get_one(Customer, mine))
    assert (row.first_name, row.email, row.phone, row.external_id, row.erased_at is None) == (None,) * 4 + (False,)


@pytest.mark.parametrize("path", ["", "/timeline", "/export"])
async def test_an_erased_customer_is_gone(api: Server, path: str) -> None:
    """Our id of an erased customer is answered with 410, so that a client's system can forget it; theirs with 404."""
    mine = (await api.register(**ADA))["customer_id"]
    await api.http.delete(f"/v1/customers/{mine}")
    for reference, status in ((mine, 410), ("crm-1", 404)):
        answer = await api.http.get(f"/v1/customers/{reference}{path}")
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await api.http.patch(f"/v1/customers/{mine}", json={"first_name": "Eve"})).status_code == 410
    assert (await api.http.post("/v1/customers/search", json={"email": ADA["email"]})).json() == {"customers": []}


async def test_events_about_them_are_refused_and_not_kept(api: Server) -> None:
    """Whatever a client still sends about an erased customer is stored nowhere."""
    mine = (await api.register(**ADA))["customer_id"]
    await api.http.delete(f"/v1/customers/{mine}")
    for reference in (mine, "crm-1"):
        assert (await api.http.post("/v1/events", json={**ORDER, "customer_id": reference})).status_code == 404
    types = api.rows(lambda session: list(session.exec(select(InboxEvent.type))))
    assert "order.completed" not in types


async def test_asking_again_tells_how_far_it_is(api: Server) -> None:
    """A second request changes nothing and shows when all of it is done; who was never known is not found."""
    mine = (await api.register(**ADA))["customer_id"]
    first = (await api.http.delete(f"/v1/customers/{mine}")).json()
    again = await api.http.delete(f"/v1/customers/{mine}")
    assert (again.status_code, again.json()) == (202, first)
    api.change(lambda session: erasure.cleared(session, mine, api.clocks.now()))
    assert (await api.http.delete(f"/v1/customers/{mine}")).json()["state"] == "erased"
    for unknown in ("crm-1", "nobody"):
        answer = await api.http.delete(f"/v1/customers/{unknown}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_whoever_comes_back_is_new(api: Server) -> None:
    """After an erasure the same person may register again, and starts afresh."""
    before = await api.register(**ADA)
    await api.http.delete("/v1/customers/crm-1")
    after = await api.register(**ADA)
    assert after["customer_id"] != before["customer_id"]
    assert len(after["enrollments"]) == len(before["enrollments"])
    assert after["enrollments"][0]["id"] != before["enrollments"][0]["id"]


async def test_a_late_repetition_brings_nobody_back(api: Server) -> None:
    """A registration that is sent again after the erasure, as a repetition, does not register the person anew."""
    headers = {"Idempotency-Key": "k-1"}
    await api.http.post("/v1/registrations", json=ADA, headers=headers)
    await api.http.delete("/v1/customers/crm-1")
    again = await api.http.post("/v1/registrations", json=ADA, headers=headers)
    assert again.status_code == 422
    assert api.rows(lambda session: len(session.exec(select(Customer)).all())) == 1


async def test_the_export_is_one_document(api: Server) -> None:
    """A customer's data can be handed to them in one call, by either id, and no cache keeps it."""
    mine = (await api.register(**ADA))["customer_id"]
    await api.http.post("/v1/events", json={**ORDER, "customer_id": "crm-1"})
    answer = await api.http.get("/v1/customers/crm-1/export")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    document = answer.json()
    assert (document["profile"]["customer_id"], document["profile"]["first_name"]) == (mine, "Ada")
    assert [each["properties"] for each in document["events"] if each["source"] == "api"] == [{"orderId": "A-1"}]
    enrollments = api.rows(lambda session: list(session.exec(select(Enrollment.id))))
    assert [each["id"] for each in document["enrollments"]] == enrollments
    theirs = (await api.http.get(f"/v1/customers/{mine}/export")).json()
    assert json.dumps(theirs | {"exported_at": ""}) == json.dumps(document | {"exported_at": ""})


async def test_nobody_erases_or_exports_without_a_key(api: Server) -> None:
    """Both are for those who hold a key."""
    await api.register(**ADA)
    headers = {"Authorization": "Bearer wrong"}
    assert (await api.http.delete("/v1/customers/crm-1", headers=headers)).status_code == 401
    assert (await api.http.get("/v1/customers/crm-1/export", headers=headers)).status_code == 401
    assert (await api.http.get("/v1/customers/crm-1")).status_code == 200
