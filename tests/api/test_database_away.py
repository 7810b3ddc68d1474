"""When the database is locked by someone else, nothing is stored half."""

import sqlite3

import httpx
import pytest
from sqlmodel import select

from activities.storage.tables import Customer
from tests.api.conftest import Server


async def test_a_locked_database_is_answered_with_503(api: Server) -> None:
    """A client is asked to try again; the refused registration left nothing, the next one works."""
    path = api.services.database.url.database
    assert path
    lock = sqlite3.connect(path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        refused = await api.http.post("/v1/registrations", json={"id": "c1"})
        ready = await api.http.get("/readyz")
    finally:
        lock.execute("ROLLBACK")
        lock.close()

    assert refused.status_code == 503
    assert refused.headers["content-type"] == "application/problem+json"
    assert int(refused.headers["retry-after"]) > 0
    assert api.rows(lambda session: session.exec(select(Customer)).all()) == []
    assert api.relay.told == []
    assert ready.status_code == 200  # reading goes on
    assert (await api.http.post("/v1/registrations", json={"id": "c1"})).status_code == 202


async def test_a_bug_is_answered_without_its_stack(
    api: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug on our side is a 500 with a reference; neither the answer nor the log quotes the customer."""

    def broken(*_arguments: object) -> None:
        raise RuntimeError("ada@example.com broke it")

    monkeypatch.setattr("api.routes.registrations.intake.register", broken)
    answer: httpx.Response = await api.http.post("/v1/registrations", json={"email": "ada@example.com"})

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Reference" in answer.json()["detail"]
    assert "ada@" not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text
