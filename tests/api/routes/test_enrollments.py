"""Hold, resume and cancel over HTTP."""

import pytest
from sqlmodel import select

from activities.storage.tables import Enrollment, OutboxItem
from tests.api.conftest import Server


async def enrolled(api: Server) -> str:
    """The id of a new enrollment."""
    found: str = (await api.register(id="c1", email="ada@example.com"))["enrollments"][0]["id"]
    return found


def row_of(api: Server, enrollment_id: str) -> Enrollment:
    """An enrollment as stored."""
    row = api.rows(lambda session: session.get(Enrollment, enrollment_id))
    assert row is not None
    return row


async def test_a_hold_counts_from_the_answer(api: Server) -> None:
    """Support holds a journey: the row says so at once, the workflow is told, and has not heard of it yet."""
    enrollment = await enrolled(api)
    answer = await api.http.post(f"/v1/enrollments/{enrollment}/hold", json={"reason": "asked by phone"})

    assert answer.status_code == 202
    assert answer.json() == {"id": enrollment, "state": "starting", "acknowledged": False}
    row = row_of(api, enrollment)
    assert (row.held, row.hold_reason, row.hold_version) == (True, "asked by phone", 1)
    kinds = api.rows(lambda session: [item.kind for item in session.exec(select(OutboxItem))])
    assert kinds == ["start", "hold"]

    again = await api.http.post(f"/v1/enrollments/{enrollment}/hold", json={"reason": "asked by phone"})
    assert again.status_code == 202
    assert row_of(api, enrollment).hold_version == 1

    resumed = await api.http.post(f"/v1/enrollments/{enrollment}/resume", json={})
    assert resumed.status_code == 202
    row = row_of(api, enrollment)
    assert (row.held, row.hold_version) == (False, 2)


async def test_a_cancel_counts_from_the_answer(api: Server) -> None:
    """Support cancels a journey: from the answer on nothing may pass; the first reason stands."""
    enrollment = await enrolled(api)
    for reason in ("asked by phone", "asked again"):
        answer = await api.http.post(f"/v1/enrollments/{enrollment}/cancel", json={"reason": reason})
        assert answer.status_code == 202
        assert answer.json() == {"id": enrollment, "state": "starting", "acknowledged": False}
    assert row_of(api, enrollment).cancel_reason == "asked by phone"

    held = await api.http.post(f"/v1/enrollments/{enrollment}/hold", json={"reason": "late"})
    assert held.status_code == 409


@pytest.mark.parametrize("action", ["hold", "resume", "cancel"])
async def test_a_journey_that_is_over_is_left_alone(api: Server, action: str) -> None:
    """Support hears that there is nothing left to act on."""
    enrollment = await enrolled(api)

    def end(session: object) -> None:
        row = row_of(api, enrollment)
        row.state, row.outcome = "ended", "rewarded by email"
        session.add(row)  # type: ignore[attr-defined] # a session

    api.change(end)
    answer = await api.http.post(f"/v1/enrollments/{enrollment}/{action}", json={"reason": "late"})
    assert answer.status_code == 409
    assert "rewarded by email" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("action", "body"),
    [("hold", {}), ("hold", {"reason": ""}), ("cancel", {}), ("cancel", {"reason": "x" * 501})],
)
async def test_support_gives_a_reason(api: Server, action: str, body: dict[str, str]) -> None:
    """A hold or cancel without a reason is refused: someone will ask for it."""
    answer = await api.http.post(f"/v1/enrollments/{await enrolled(api)}/{action}", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/reason"


async def test_an_enrollment_can_be_read(api: Server) -> None:
    """Support reads one enrollment with its parameters; an unknown one is 404."""
    enrollment = await enrolled(api)
    answer = (await api.http.get(f"/v1/enrollments/{enrollment}")).json()
    assert answer["state"] == "starting"
    assert answer["parameters"]["first_wait"] == "P3D"
    unknown = await api.http.post("/v1/enrollments/enr_0/hold", json={"reason": "x"})
    assert unknown.status_code == 404


async def test_a_held_journey_holds_those_inside_and_lets_them_go_on(api: Server) -> None:
    """Staff hold a journey: everyone inside waits and goes on with it; who was held alone stays held."""
    inside = await enrolled(api)
    alone = (await api.register(id="c2", email="bob@example.com"))["enrollments"][0]["id"]
    await api.http.post(f"/v1/enrollments/{alone}/hold", json={"reason": "asked by phone"})

    held = await api.http.post("/v1/journeys/data-collection-voucher/hold")
    assert held.json()["state"] == "held"
    assert [row_of(api, each).held for each in (inside, alone)] == [True, True]
    assert row_of(api, inside).hold_reason == "the whole journey is on hold"
    assert (await api.register(id="c3", email="cy@example.com"))["enrollments"] == []

    await api.http.post("/v1/journeys/data-collection-voucher/activate")
    assert [row_of(api, each).held for each in (inside, alone)] == [False, True]
    assert row_of(api, alone).hold_reason == "asked by phone"
