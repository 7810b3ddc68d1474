"""Events over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import func, select

from activities.storage.tables import InboxEvent
from tests.api.conftest import Server


def an_event(**changes: Any) -> dict[str, Any]:
    """An event of customer c1."""
    return {
        "event_id": "e1",
        "type": "order.completed",
        "customer_id": "c1",
        "occurred_at": datetime.now(UTC).isoformat(),
        "properties": {"orderId": "o1", "total": 12.5},
        **changes,
    }


async def post(api: Server, event: dict[str, Any]) -> httpx.Response:
    """Post an event."""
    return await api.http.post("/v1/events", json=event)


async def test_an_event_is_accepted_once(api: Server) -> None:
    """Fifty posts of one event get fifty equal answers and are stored once; either id names the customer."""
    customer_id = (await api.register(id="c1"))["customer_id"]
    event = an_event()
    answers = await asyncio.gather(*(post(api, event) for _ in range(50)))
    by_our_id = await post(api, {**event, "customer_id": customer_id})

    assert {answer.status_code for answer in answers} == {202}
    assert {answer.text for answer in [*answers, by_our_id]} == {answers[0].text}
    assert answers[0].json() == {"event_id": "e1", "customer_id": customer_id, "enrollments": []}
    stored = api.rows(
        lambda session: session.exec(
            select(func.count()).select_from(InboxEvent).where(InboxEvent.source == "api")
        ).one()
    )
    assert stored == 1


async def test_an_event_id_with_another_content_is_refused(api: Server) -> None:
    """A client that reuses an event's id by mistake hears of it."""
    await api.register(id="c1")
    event = an_event()
    await post(api, event)
    answer = await post(api, {**event, "properties": {"orderId": "o2"}})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/event_id"


async def test_an_event_starts_the_journeys_it_triggers(api: Server) -> None:
    """A customer who registered while a journey was paused enters it when the event comes again."""
    await api.http.post("/v1/journeys/data-collection-voucher/pause")
    await api.register(id="c1")
    await api.http.post("/v1/journeys/data-collection-voucher/activate")
    event = an_event(type="account.registered", properties={})
    answer, again = await post(api, event), await post(api, event)
    other = await post(api, {**event, "event_id": "e2"})

    assert [row["journey"] for row in answer.json()["enrollments"]] == ["data-collection-voucher"]
    assert again.json() == answer.json()
    assert other.json()["enrollments"] == []  # never entered twice


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        ({"customer_id": "nobody"}, 404, "/customer_id"),
        ({"occurred_at": (datetime.now(UTC) - timedelta(days=31)).isoformat()}, 422, "/occurred_at"),
        ({"occurred_at": (datetime.now(UTC) + timedelta(hours=2)).isoformat()}, 422, "/occurred_at"),
        ({"occurred_at": "2026-11-22T10:00:00"}, 422, "/occurred_at"),
        ({"occurred_at": "yesterday"}, 422, "/occurred_at"),
        ({"occurred_at": 1764000000}, 422, "/occurred_at"),
        ({"type": "order completed"}, 422, "/type"),
        ({"type": ""}, 422, "/type"),
        ({"event_id": None}, 422, "/event_id"),
        ({"properties": [1]}, 422, "/properties"),
        ({"properties": {"a": "\0"}}, 422, "/properties/a"),
        ({"extra": 1}, 422, "/extra"),
    ],
)
async def test_a_wrong_event_is_refused(api: Server, changes: dict[str, Any], status: int, pointer: str) -> None:
    """A developer reads which field of an event is wrong."""
    await api.register(id="c1")
    answer = await post(api, an_event(**changes))

    assert answer.status_code == status
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
