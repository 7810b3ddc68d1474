"""Idempotency-Key: a request repeated with the same key is answered again and not done again."""

import asyncio
from datetime import timedelta

from sqlmodel import func, select

from activities.storage import api_keys, idempotency
from activities.storage.idempotency import Scope
from activities.storage.tables import Customer, IdempotentAnswer
from api.chores import forgetting_answers
from api.transactions import _fingerprint
from tests.api.conftest import Server
from tests.system import until


async def test_a_repeated_request_is_answered_again(api: Server) -> None:
    """A client that never saw the answer asks again with the same key and gets it, body and status."""
    headers = {"Idempotency-Key": '"abc-1"'}
    first = await api.http.post("/v1/registrations", json={"id": "c1"}, headers=headers)
    again = await api.http.post("/v1/registrations", json={"id": "c1"}, headers=headers)

    assert (again.status_code, again.json()) == (first.status_code, first.json()) == (202, first.json())
    assert len(api.relay.told) == 1


async def test_a_key_belongs_to_one_request(api: Server) -> None:
    """The same key with another body is refused, and nothing is done."""
    headers = {"Idempotency-Key": "abc-1"}
    await api.http.post("/v1/registrations", json={"id": "c1"}, headers=headers)
    other = await api.http.post("/v1/registrations", json={"id": "c2"}, headers=headers)

    assert other.status_code == 422
    assert api.rows(lambda session: session.exec(select(func.count()).select_from(Customer)).one()) == 1


async def test_parallel_requests_with_one_key_are_done_once(api: Server) -> None:
    """Twenty parallel holds with one key count as one."""
    enrollment = (await api.register(id="c1"))["enrollments"][0]["id"]
    answers = await asyncio.gather(
        *(
            api.http.post(
                f"/v1/enrollments/{enrollment}/hold", json={"reason": "asked"}, headers={"Idempotency-Key": "k"}
            )
            for _ in range(20)
        )
    )

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1


async def test_a_refused_request_does_not_use_up_its_key(api: Server) -> None:
    """After a mistake is corrected the same key works."""
    headers = {"Idempotency-Key": "abc-1"}
    wrong = await api.http.post("/v1/registrations", json={"id": "c1", "email": "x"}, headers=headers)
    right = await api.http.post("/v1/registrations", json={"id": "c1"}, headers=headers)

    assert (wrong.status_code, right.status_code) == (422, 202)


async def test_a_malformed_key_is_refused(api: Server) -> None:
    """A key that is no token is answered with 400."""
    for key in ("", "two words", "x" * 256):
        answer = await api.http.post("/v1/registrations", json={"id": "c1"}, headers={"Idempotency-Key": key})
        assert answer.status_code == 400


async def test_a_claim_without_an_answer_blocks_for_a_minute_at_most(api: Server) -> None:
    """While the first request is at work the second is told to wait; a claim left by a crash does not last."""
    [row] = api.rows(api_keys.list_keys)
    body = {"id": "c1"}
    scope = Scope(row.id, "POST /v1/registrations", "k")
    api.change(lambda session: idempotency.claim(session, scope, _fingerprint(body), api.clocks.now()))

    waiting = await api.http.post("/v1/registrations", json=body, headers={"Idempotency-Key": "k"})
    assert waiting.status_code == 409
    assert waiting.headers["retry-after"] == "1"

    api.clocks.ahead = timedelta(seconds=61)
    assert (await api.http.post("/v1/registrations", json=body, headers={"Idempotency-Key": "k"})).status_code == 202


async def test_answers_are_kept_for_thirty_days(api: Server) -> None:
    """After thirty days a key is forgotten and free again."""
    headers = {"Idempotency-Key": "abc-1"}
    await api.http.post("/v1/registrations", json={"id": "c1"}, headers=headers)
    api.clocks.ahead = timedelta(days=30, minutes=1)

    assert (await api.http.post("/v1/registrations", json={"id": "c2"}, headers=headers)).status_code == 202


async def test_an_api_that_runs_for_months_forgets_old_answers(api: Server) -> None:
    """The table of answers does not grow for ever: what is past its thirty days goes while the API runs."""
    await api.http.post("/v1/registrations", json={"id": "c1"}, headers={"Idempotency-Key": "abc-1"})

    def kept() -> int:
        return len(api.rows(lambda session: session.exec(select(IdempotentAnswer)).all()))

    chore = forgetting_answers(api.services, timedelta(milliseconds=10))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(chore.run())
        await asyncio.sleep(0)
        assert kept() == 1
        api.clocks.ahead = timedelta(days=31)
        await until(lambda: kept() == 0, what="the answer to be forgotten")
        await chore.close()
